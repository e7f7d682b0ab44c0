import * as names from "./names.ts";
import { organizationChange } from "./organization-changes.ts";
import { contextChange, projectChange } from "./project-changes.ts";
import { act, administer, administrator } from "./session.ts";
import { type Deed, deed, eventOf, platform, type Story } from "./story.ts";
import { createRunner, somebody, type World } from "./world.ts";

/** Somebody sets something up: several changes of one thing within a minute or two. */
export function* configurationBurst(world: World, now: number): Story {
  const { draw } = world;
  const person = administrator(world);
  if (person === undefined) return;
  const project = draw.pick(person.projects);
  const context = draw.pick(world.contexts);
  const change = draw.weighted<() => Deed>([
    [() => projectChange(world, project), 6],
    [() => contextChange(world, context), 3],
    [() => organizationChange(world), 2],
  ]);
  for (let i = draw.spread(2, 9); i > 0; i--) {
    const done = yield* administer(world, person, now, change(), draw.spread(1500, 20_000));
    if (done === undefined) return;
    now = done;
    // Whoever is denied tries once more at most.
    if (person.role !== "owner" && person.role !== "admin") i = Math.min(i, 2);
  }
}

/** Somebody looks at what was kept: artifacts, bills, the audit log. */
export function* lookingThings(world: World, now: number): Story {
  const { draw } = world;
  const person = somebody(world);
  if (person === undefined) return;
  const artifact = { type: "artifact", id: draw.id("art") };
  const place = { type: "organization", id: world.organization.id };
  const day = new Date(now).toISOString();
  const what = draw.weighted<() => Deed>([
    [() => deed("artifact.downloaded", { bytes: draw.spread(2000, 900_000_000) }, [artifact]), 10],
    [() => deed("artifact.deleted", { reason: "user" }, [artifact]), 1],
  ])();
  if (draw.chance(0.8)) yield* act(world, person, now, what, 0);
  else {
    const from = new Date(now - 7 * 86_400_000).toISOString();
    const exported = deed(
      "audit_log.exported",
      { format: draw.pick(["ndjson", "csv"]), events: draw.spread(100, 90_000), from, to: day },
      [place],
    );
    const invoice = deed("billing.invoice.downloaded", { period: day.slice(0, 7) }, [place]);
    yield* administer(world, person, now, draw.chance(0.5) ? exported : invoice, 0);
  }
}

/** Machines come, are updated and go; old artifacts are cleared away. */
export function* upkeep(world: World, _now: number): Story {
  const { draw, runners } = world;
  const artifact = { type: "artifact", id: draw.id("art") };
  const choice = draw.weighted([
    ["register", runners.length < 16 ? 2 : 0],
    ["update", 3],
    ["remove", runners.length > 4 ? 2 : 0],
    ["clear", 2],
    ["token", 1],
  ] as const);
  const say = (what: Deed): { event: ReturnType<typeof eventOf>; waitMs: number } => ({
    event: eventOf(world, what, platform),
    waitMs: draw.spread(500, 5000),
  });
  if (choice === "clear") {
    yield say(deed("artifact.deleted", { reason: "retention" }, [artifact]));
  } else if (choice === "token") {
    const resourceClass = draw.pick(names.resourceClasses);
    yield say(
      deed("runner.token.rotated", { resource_class: resourceClass }, [{ type: "resource_class", id: resourceClass }]),
    );
  } else if (choice === "register") {
    const runner = createRunner(draw);
    runners.push(runner);
    const os = runner.resourceClass.split(".")[0] as "linux" | "macos" | "windows";
    const metadata = { resource_class: runner.resourceClass, version: `3.${runner.minor}.0`, os };
    yield say(deed("runner.registered", metadata, [{ type: "runner", id: runner.id, name: runner.name }]));
  } else {
    const runner = draw.pick(runners);
    if (runner === undefined) return;
    const target = { type: "runner", id: runner.id, name: runner.name };
    if (choice === "update") {
      runner.minor += 1;
      yield say(
        deed("runner.updated", { from_version: `3.${runner.minor - 1}.0`, to_version: `3.${runner.minor}.0` }, [
          target,
        ]),
      );
    } else {
      runners.splice(runners.indexOf(runner), 1);
      yield say(
        deed("runner.removed", { reason: draw.pick(["administrator", "scaled_down", "unreachable"]) }, [target]),
      );
    }
  }
}
