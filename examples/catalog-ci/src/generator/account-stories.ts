import * as names from "./names.ts";
import { act, actorOf, byPerson } from "./session.ts";
import { type Deed, deed, eventOf, type Story } from "./story.ts";
import { somebody, type World } from "./world.ts";

/** A member looks after their own account. */
export function* accountCare(world: World, now: number): Story {
  const { draw } = world;
  const person = somebody(world);
  if (person === undefined) return;
  const care = draw.weighted([
    ["factor", 4],
    ["codes", 2],
    ["password", person.method === "password" ? 4 : 0],
    ["application", 3],
  ] as const);
  if (care === "factor") {
    const known = person.factor;
    person.factor =
      known === undefined || draw.chance(0.7) ? draw.pick(["totp", "passkey", "security_key"]) : undefined;
    const change =
      person.factor === undefined && known !== undefined
        ? deed("user.mfa.removed", { factor: known, remaining_factors: 0 })
        : deed("user.mfa.enrolled", { factor: person.factor ?? "totp" });
    yield* act(world, person, now, change, 0);
  } else if (care === "codes") {
    yield* act(world, person, now, deed("user.recovery_codes.regenerated", { count: 10 }), 0);
  } else if (care === "password") {
    const forgotten = draw.chance(0.4);
    if (forgotten) {
      const request = deed("user.password.reset_requested", { delivery: "email" });
      now = yield { event: byPerson(world, person, request), waitMs: draw.spread(30_000, 600_000) };
    }
    const trigger = forgotten ? "reset" : draw.pick(["user", "expired"] as const);
    yield* act(world, person, now, deed("user.password.changed", { trigger, sessions_ended: draw.integer(0, 2) }), 0);
  } else {
    const application = { type: "oauth_app", id: draw.id("app"), name: draw.pick(names.hookHosts) };
    const granted = deed("oauth_app.authorized", { scopes: draw.some(names.scopes, 1, 3) }, [application]);
    const later = yield* act(world, person, now, granted, draw.spread(60_000, 7_200_000));
    if (later === undefined || draw.chance(0.5)) return;
    yield* act(
      world,
      person,
      later,
      deed("oauth_app.revoked", { reason: draw.pick(["user", "unused"]) }, [application]),
      0,
    );
  }
}

/** A token is made, used, renewed and, in the end, revoked. */
export function* tokenLife(world: World, now: number): Story {
  const { draw } = world;
  const person = somebody(world, "owner", "admin", "developer");
  if (person === undefined) return;
  const kind = draw.pick(["personal", "project", "service_account"] as const);
  const token = { type: "token", id: draw.id("tok"), name: `${draw.pick(person.projects).name}-${draw.hex(2)}` };
  if (person.factor !== undefined && draw.chance(0.5)) {
    const challenge = deed("user.mfa.challenged", { factor: person.factor, for: "token_creation" });
    const passed = yield* act(world, person, now, challenge, draw.spread(2000, 9000));
    if (passed === undefined) return;
    now = passed;
  }
  const days = draw.pick([0, 7, 30, 90] as const);
  const expires = days === 0 ? {} : { expires_at: new Date(now + days * 86_400_000).toISOString() };
  const created = deed("token.created", { kind, scopes: draw.some(names.scopes, 1, 4), ...expires }, [token]);
  const later = yield* act(world, person, now, created, draw.spread(30_000, 3_600_000));
  if (later === undefined) return;
  now = later;
  if (draw.chance(0.4)) {
    const rotated = deed("token.rotated", { kind, overlap_seconds: draw.pick([0, 3600, 86_400]) }, [token]);
    now = (yield* act(world, person, now, rotated, draw.spread(30_000, 3_600_000))) ?? now;
  }
  if (draw.chance(0.6)) {
    const reason = draw.pick(["user", "leaked", "unused"] as const);
    const revoked = deed("token.revoked", { kind, reason, last_used_days_ago: draw.integer(0, 40) }, [token]);
    const gone = yield* act(world, person, now, revoked, draw.spread(5000, 120_000));
    if (gone !== undefined && reason !== "unused") yield { event: refusal(world, token, "revoked"), waitMs: 0 };
  }
}

/** A program comes with a token that is not good for what it wants. */
export function* refusedToken(world: World, _now: number): Story {
  const { draw } = world;
  const token = { type: "token", id: draw.id("tok"), name: `${draw.pick(world.projects).name}-${draw.hex(2)}` };
  const reason = draw.pick(["expired", "scope_missing", "ip_not_allowed"] as const);
  for (let i = draw.integer(1, 3); i > 0; i--) {
    yield { event: refusal(world, token, reason), waitMs: draw.spread(500, 8000) };
  }
}

type Refusal = "expired" | "revoked" | "scope_missing" | "ip_not_allowed";

function refusal(
  world: World,
  token: { type: string; id: string; name: string },
  reason: Refusal,
): ReturnType<typeof eventOf> {
  const { draw } = world;
  const route = draw.pick(["POST /v1/pipelines", "GET /v1/contexts/{id}", "PUT /v1/projects/{id}/variables/{name}"]);
  const what: Deed = deed("token.refused", { reason, route }, [], "denied");
  const ip = `${draw.pick(names.networks)}.${draw.integer(1, 254)}`;
  return eventOf(
    world,
    what,
    { ...token, type: "api_token" },
    { ip, user_agent: "ci-client/4.2", request_id: draw.id("req") },
  );
}

/** An administrator ends a session that looks wrong. */
export function* sessionRevoked(world: World, now: number): Story {
  const admin = somebody(world, "owner", "admin");
  const other = world.people.find((person) => person.session !== undefined && person !== admin);
  if (admin === undefined || other === undefined) return;
  const reason = world.draw.pick(["suspicious", "policy"]);
  const revoke = (): Deed | undefined => {
    if (other.session === undefined) return undefined;
    const { id } = other.session;
    other.session = undefined;
    return deed("user.session.revoked", { session_id: id, reason }, [actorOf(other)]);
  };
  yield* act(world, admin, now, revoke, 0);
}
