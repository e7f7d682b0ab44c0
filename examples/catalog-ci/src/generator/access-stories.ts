import * as names from "./names.ts";
import { act, actorOf, administer, administrator } from "./session.ts";
import { type Deed, deed, eventOf, platform, type Story } from "./story.ts";
import { createPerson, type Role, somebody, type World } from "./world.ts";

const most = 45;
const least = 20;

/** Somebody is invited and comes, or the directory brings them. */
export function* newcomer(world: World, now: number): Story {
  const { draw } = world;
  if (world.people.length >= most) return;
  const role: Role = draw.chance(0.2) ? "viewer" : "developer";
  const person = createPerson(world, role);
  const domain = `${world.organization.id.replaceAll(/[^a-z0-9-]/gi, "-").toLowerCase()}.example`;
  const invited = draw.chance(0.6);
  const admin = somebody(world, "owner", "admin");
  if (invited && admin !== undefined) {
    const what = deed("member.invited", { role, email_domain: domain }, [actorOf(person)]);
    if ((yield* act(world, admin, now, what, draw.spread(60_000, 7_200_000))) === undefined) return;
  }
  const metadata =
    invited && admin !== undefined
      ? ({ via: "invitation", invited_by: admin.id } as const)
      : ({ via: draw.pick(["sso", "scim"]) } as const);
  const joined = deed("member.joined", metadata, [{ type: "organization", id: world.organization.id }]);
  const context = { ip: person.addresses[0], user_agent: person.browser, request_id: draw.id("req") };
  now = yield { event: eventOf(world, joined, actorOf(person), context), waitMs: draw.spread(2000, 60_000) };
  world.people.push(person);
  const group = { type: "group", id: `grp_${draw.pick(names.groupNames)}` };
  const added = deed("group.member.added", { source: metadata.via === "scim" ? "scim" : "manual" }, [
    actorOf(person),
    group,
  ]);
  if (metadata.via === "scim") yield { event: eventOf(world, added, machine(world)), waitMs: 0 };
  else if (admin !== undefined) yield* act(world, admin, now, added, 0);
}

/** Somebody leaves: their sessions and tokens end with it. */
export function* departure(world: World, now: number): Story {
  const { draw } = world;
  const person = somebody(world, "developer", "viewer");
  const admin = somebody(world, "owner", "admin");
  if (person === undefined || admin === undefined || world.people.length <= least) return;
  const reason = draw.pick(["administrator", "left"]);
  let session = person.session;
  const remove = (): Deed | undefined => {
    const at = world.people.indexOf(person);
    if (at < 0) return undefined;
    world.people.splice(at, 1);
    session = person.session;
    person.member = false;
    person.session = undefined;
    return deed("member.removed", { reason, role: person.role }, [actorOf(person)]);
  };
  if ((yield* act(world, admin, now, remove, draw.spread(500, 4000))) === undefined) return;
  if (session !== undefined) {
    const ended = deed("user.session.revoked", { session_id: session.id, reason: "offboarding" }, [actorOf(person)]);
    yield { event: eventOf(world, ended, platform), waitMs: draw.spread(100, 900) };
  }
  const revoked = deed("token.revoked", { kind: "personal", reason: "offboarding" }, [
    { type: "token", id: draw.id("tok") },
  ]);
  yield { event: eventOf(world, revoked, platform), waitMs: 0 };
}

/** An administrator sorts out who may do what: a few changes in a row. */
export function* accessReview(world: World, now: number): Story {
  const { draw } = world;
  const admin = administrator(world);
  if (admin === undefined) return;
  for (let i = draw.integer(1, 5); i > 0; i--) {
    const done = yield* administer(world, admin, now, accessChange(world), draw.spread(2000, 25_000));
    if (done === undefined) return;
    now = done;
  }
}

function accessChange(world: World): Deed {
  const { draw } = world;
  const person = somebody(world, "developer", "viewer") ?? draw.pick(world.people);
  const members = person === undefined ? [] : [actorOf(person)];
  const project = draw.pick(world.projects);
  const place = { type: "project", id: project.id, name: project.name };
  const name = draw.pick(names.groupNames);
  const group = { type: "group", id: `grp_${name}`, name };
  const role = { type: "role", id: draw.id("rol"), name: draw.pick(["release-manager", "auditor", "billing-contact"]) };
  const account = { type: "service_account", id: draw.id("svc"), name: `${project.name}-bot` };
  const grant = { role: draw.pick(["contributor", "maintainer", "reader"]), grantee_type: "user" } as const;
  const source = draw.pick(["manual", "vcs_team"] as const);
  return draw.weighted<() => Deed>([
    [() => deed("member.role.changed", { from: "viewer", to: "developer" }, members), 4],
    [() => deed("group.created", { source }, [group]), 2],
    [() => deed("group.deleted", { members: draw.integer(0, 12) }, [group]), 1],
    [() => deed("group.member.added", { source }, [...members, group]), 6],
    [() => deed("group.member.removed", { source }, [...members, group]), 4],
    [() => deed("project.role.granted", grant, [...members, place]), 6],
    [() => deed("project.role.withdrawn", grant, [...members, place]), 3],
    [() => deed("role.created", { permissions: draw.some(names.permissions, 2, 5) }, [role]), 1],
    [
      () =>
        deed(
          "role.updated",
          { added: draw.some(names.permissions, 0, 2), removed: draw.some(names.permissions, 0, 1) },
          [role],
        ),
      2,
    ],
    [() => deed("role.deleted", { reassigned_to: "developer", holders: draw.integer(0, 4) }, [role]), 1],
    [() => deed("service_account.created", { role: "developer", purpose: "releases" }, [account]), 2],
    [
      () =>
        deed(
          "service_account.disabled",
          { reason: draw.pick(["unused", "replaced"]), tokens_revoked: draw.integer(0, 3) },
          [account],
        ),
      1,
    ],
  ])();
}

function machine(world: World): { type: string; id: string; name: string } {
  return { type: "service_account", ...world.draw.pick(world.machines) };
}
