import { type Beat, type Deed, deed, eventOf, platform, type Scene, type Story } from "./story.ts";
import { networks } from "./names.ts";
import { type Person, somebody, type World } from "./world.ts";

const idleMs = 4 * 3_600_000;

/** What is done, or how to tell at the moment when it is done, which is also when its consequences begin. */
export type Doing = Deed | ((now: number) => Deed | undefined);

/** Something that a member does: signs in first where need be. Undefined where that fails, or there is nothing to do. */
export function* act(
  world: World,
  person: Person,
  now: number,
  what: Doing,
  waitMs: number,
): Scene<number | undefined> {
  // Another story may have signed them out while this one waited.
  do {
    const arrived = yield* signedIn(world, person, now);
    if (arrived === undefined) return undefined;
    now = arrived;
  } while (person.session === undefined);
  const done = typeof what === "function" ? what(now) : what;
  return done === undefined ? undefined : yield { event: byPerson(world, person, done), waitMs };
}

/** The same for what needs a role; without it the attempt is denied. */
export function* administer(
  world: World,
  person: Person,
  now: number,
  what: Deed,
  waitMs: number,
): Scene<number | undefined> {
  const allowed = person.role === "owner" || person.role === "admin";
  return yield* act(world, person, now, allowed ? what : { ...what, outcome: "denied" }, waitMs);
}

/** Somebody who changes settings: mostly those who may. */
export function administrator(world: World): Person | undefined {
  return world.draw.chance(0.93) ? somebody(world, "owner", "admin") : somebody(world);
}

/** An event of a member's, from where their session is. */
export function byPerson(world: World, person: Person, what: Deed, address?: string): NonNullable<Beat["event"]> {
  return eventOf(world, what, actorOf(person), {
    ip: address ?? person.session?.address ?? person.addresses[0],
    user_agent: person.browser,
    request_id: world.draw.id("req"),
  });
}

export function actorOf({ id, name }: Person): { readonly type: "user"; readonly id: string; readonly name: string } {
  return { type: "user", id, name };
}

function* signedIn(world: World, person: Person, now: number): Scene<number | undefined> {
  const { draw } = world;
  if (!person.member || person.signingIn) return undefined;
  if (person.session !== undefined && now - person.session.seen > idleMs)
    now = yield* signOut(world, person, now, "idle");
  if (person.session !== undefined) {
    person.session.seen = now;
    return now;
  }
  if (now < person.lockedUntil) return undefined;
  person.signingIn = true;
  try {
    const address = draw.pick(person.addresses);
    for (let failures = 0; draw.chance(0.07) && failures < 2; failures++) {
      now = yield { event: attempt(world, person, address), waitMs: draw.spread(3000, 20_000) };
    }
    if (person.factor !== undefined && person.method !== "sso") {
      const challenge = deed("user.mfa.challenged", { factor: person.factor, for: "sign_in" });
      now = yield { event: byPerson(world, person, challenge, address), waitMs: draw.spread(2000, 9000) };
    }
    // A removed member does not come in any more, however far the sign-in had got.
    if (!person.member) return undefined;
    person.session = { id: draw.id("ses"), address, since: now, seen: now };
    const { method, factor, session } = person;
    const mfa = factor !== undefined && method !== "sso";
    const arrival = deed("user.signed_in", { method, mfa, session_id: session.id }, [], "success");
    return yield { event: byPerson(world, person, arrival), waitMs: draw.spread(1500, 9000) };
  } finally {
    person.signingIn = false;
  }
}

function attempt(world: World, person: Person, address: string): NonNullable<Beat["event"]> {
  const { draw } = world;
  const reason = person.method === "password" ? "wrong_password" : draw.pick(["mfa_failed", "ip_not_allowed"] as const);
  const outcome = reason === "ip_not_allowed" ? "denied" : "failure";
  const what = deed("user.signed_in", { method: person.method, mfa: false, failure_reason: reason }, [], outcome);
  return byPerson(world, person, what, address);
}

/** Ends a session, if there is one. */
export function* signOut(
  world: World,
  person: Person,
  now: number,
  reason: "user" | "idle" | "expired",
): Scene<number> {
  const { session } = person;
  if (session === undefined) return now;
  const lasted = Math.max(0, Math.round((now - session.since) / 1000));
  const event = byPerson(
    world,
    person,
    deed("user.signed_out", { session_id: session.id, reason, duration_seconds: lasted }),
  );
  person.session = undefined;
  return yield { event, waitMs: world.draw.spread(1000, 5000) };
}

/** A member comes, and goes after a while. */
export function* visit(world: World, now: number): Story {
  const person = somebody(world);
  if (person === undefined || person.session !== undefined) return;
  const arrived = yield* signedIn(world, person, now);
  if (arrived === undefined) return;
  now = yield { waitMs: world.draw.spread(60_000, 4 * 3_600_000) };
  yield* signOut(world, person, now, world.draw.chance(0.6) ? "user" : "expired");
}

/** Somebody from elsewhere guesses a member's password until the account is locked. */
export function* guessing(world: World, now: number): Story {
  const { draw } = world;
  const person = somebody(world);
  if (person === undefined || now < person.lockedUntil) return;
  const address = `${draw.pick(networks)}.${draw.integer(1, 254)}`;
  const failures = draw.integer(3, 6);
  const what = deed(
    "user.signed_in",
    { method: "password", mfa: false, failure_reason: "wrong_password" },
    [],
    "failure",
  );
  for (let i = 0; i < failures; i++) {
    now = yield { event: byPerson(world, person, what, address), waitMs: draw.spread(400, 2500) };
  }
  const seconds = draw.pick([60, 300, 900] as const);
  person.lockedUntil = now + seconds * 1000;
  const targets = [actorOf(person)];
  const locked = deed("user.account.locked", { failed_attempts: failures, locked_for_seconds: seconds }, targets);
  now = yield {
    event: eventOf(world, locked, platform, { ip: address }),
    waitMs: draw.integer(20_000, seconds * 1000),
  };
  const helper = draw.chance(0.5) ? somebody(world, "owner", "admin") : undefined;
  const opened = (by: "administrator" | "timeout"): Deed => deed("user.account.unlocked", { by }, targets);
  const helped = helper === undefined ? undefined : yield* act(world, helper, now, opened("administrator"), 0);
  if (helped === undefined) yield { event: eventOf(world, opened("timeout"), platform), waitMs: 0 };
  person.lockedUntil = 0;
}
