import { act } from "./session.ts";
import { deed, eventOf, platform, type Scene } from "./story.ts";
import type { Ended, Run } from "./pipeline-story.ts";
import { somebody, type World } from "./world.ts";

const longestMs = 95_000;

/** One job on one runner, with what it reads and leaves. */
export function* jobScene(world: World, now: number, run: Run, workflowId: string, name: string): Scene<Ended> {
  const { draw } = world;
  const runner = draw.pick(world.runners);
  if (runner === undefined) return { now, status: "failed" };
  const id = draw.id("job");
  const actor = { type: "job", id, name };
  const targets = [
    { type: "job", id, name },
    { type: "project", id: run.project.id, name: run.project.name },
  ];
  const took = { workflow_id: workflowId, runner_id: runner.id, resource_class: runner.resourceClass };
  const started = deed("job.started", { ...took, queued_ms: draw.spread(80, 40_000) }, targets);
  const began = now;
  now = yield { event: eventOf(world, started, platform), waitMs: draw.spread(500, 4000) };
  let refused = false;
  if (draw.chance(0.3)) {
    const context = draw.pick(world.contexts);
    const secrets = [...context.secrets];
    refused = draw.chance(0.05);
    const accessed = deed(
      "context.secrets.accessed",
      {
        job_id: id,
        names: secrets.length === 0 ? ["SIGNING_KEY"] : secrets,
        ...(refused && { refused_by: "restriction" }),
      },
      [{ type: "context", id: context.id, name: context.name }],
      refused ? "denied" : "success",
    );
    now = yield { event: eventOf(world, accessed, actor), waitMs: draw.spread(200, 2000) };
  }
  if (!refused && draw.chance(0.12)) {
    const issued = { job_id: id, audience: "sts.cloud.example", ttl_seconds: 3600 };
    now = yield { event: eventOf(world, deed("oidc.token.issued", issued), actor), waitMs: draw.spread(200, 2000) };
  }
  if (draw.chance(0.01)) {
    const person = somebody(world, "owner", "admin", "developer");
    const opened = { runner_id: runner.id, key_fingerprint: draw.fingerprint() };
    const inside =
      person === undefined
        ? undefined
        : yield* act(world, person, now, deed("job.ssh_session.opened", opened, targets), 8000);
    now = inside ?? now;
  }
  now = yield { waitMs: refused ? draw.spread(300, 2000) : draw.spread(2000, longestMs) };
  if (run.cancelAfter-- <= 0) {
    const metadata = { workflow_id: workflowId, duration_ms: Math.max(0, now - began) };
    now = yield {
      event: eventOf(world, deed("job.cancelled", metadata, targets), platform),
      waitMs: draw.spread(50, 500),
    };
    return { now, status: "cancelled" };
  }
  const status = refused
    ? "failed"
    : draw.weighted([
        ["succeeded", 93],
        ["failed", 6],
        ["timed_out", 0.7],
      ] as const);
  const succeeded = status === "succeeded";
  if (succeeded && draw.chance(0.3)) {
    const artifact = { type: "artifact", id: draw.id("art"), name: `${name}.tar.zst` };
    const stored = deed("artifact.stored", { job_id: id, bytes: draw.spread(900, 700_000_000), sha256: draw.hex(64) }, [
      artifact,
    ]);
    now = yield { event: eventOf(world, stored, actor), waitMs: draw.spread(100, 1500) };
  }
  const exitCode = succeeded ? 0 : status === "timed_out" ? 124 : draw.pick([1, 1, 2, 101, 137] as const);
  const finished = deed(
    "job.finished",
    { workflow_id: workflowId, status, exit_code: exitCode, duration_ms: Math.max(0, now - began) },
    targets,
    succeeded ? "success" : "failure",
  );
  now = yield { event: eventOf(world, finished, platform), waitMs: draw.spread(50, 800) };
  return { now, status: succeeded ? "succeeded" : "failed" };
}
