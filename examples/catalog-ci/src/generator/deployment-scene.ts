import * as names from "./names.ts";
import { act } from "./session.ts";
import { type Deed, deed, eventOf, platform, type Scene } from "./story.ts";
import type { Ended, Run } from "./pipeline-story.ts";
import { somebody, type World } from "./world.ts";

/** A release goes out: for production somebody has to agree first, and what fails goes back. */
export function* deployment(world: World, now: number, run: Run): Scene<Ended> {
  const { draw } = world;
  const environment = draw.pick(names.environments);
  if (environment === "production") {
    const asked = now;
    const request = deed("approval.requested", { pipeline_id: run.id, environment });
    now = yield { event: eventOf(world, request, platform), waitMs: draw.spread(5000, 240_000) };
    const rejected = draw.chance(0.1);
    const verdict = (at: number): Deed =>
      deed(rejected ? "approval.rejected" : "approval.granted", {
        pipeline_id: run.id,
        environment,
        waited_ms: Math.max(0, at - asked),
      });
    const person =
      world.people.find(({ session, role }) => session !== undefined && role !== "viewer") ??
      somebody(world, "owner", "admin");
    const decided = person === undefined ? undefined : yield* act(world, person, now, verdict, draw.spread(500, 3000));
    if (decided === undefined || rejected) return { now: decided ?? now, status: "failed" };
    now = decided;
  }
  const from = `v1.${run.project.release}.0`;
  const version = `v1.${++run.project.release}.0`;
  const began = now;
  const targets = [
    { type: "environment", id: environment },
    { type: "project", id: run.project.id, name: run.project.name },
  ];
  const started = deed("deployment.started", { pipeline_id: run.id, environment, version }, targets);
  now = yield { event: eventOf(world, started, run.actor), waitMs: draw.spread(3000, 80_000) };
  const succeeded = draw.chance(0.92);
  const status = succeeded ? "succeeded" : "failed";
  const finished = { environment, version, status, duration_ms: Math.max(0, now - began) } as const;
  const outcome = succeeded ? "success" : "failure";
  now = yield {
    event: eventOf(world, deed("deployment.finished", finished, targets, outcome), platform),
    waitMs: draw.spread(500, 20_000),
  };
  if (!succeeded && draw.chance(0.7)) {
    const back = deed("deployment.rolled_back", { environment, from_version: version, to_version: from }, targets);
    now = yield { event: eventOf(world, back, run.actor), waitMs: draw.spread(200, 1000) };
  }
  return { now, status };
}
