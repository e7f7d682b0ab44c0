import type { Actor } from "@headgate/core";
import * as names from "./names.ts";
import { act, actorOf } from "./session.ts";
import { type Deed, deed, eventOf, platform, type Scene, type Story } from "./story.ts";
import { deployment } from "./deployment-scene.ts";
import { jobScene } from "./job-scene.ts";
import { type Project, somebody, type World } from "./world.ts";

/** A run that is under way. */
export interface Run {
  readonly id: string;
  readonly project: Project;
  readonly branch: string;
  /** Who set it off. */
  readonly actor: Actor;
  /** After so many jobs somebody, or a newer run, stops it. */
  cancelAfter: number;
}

/** How a scene ended, and when. */
export interface Ended {
  readonly now: number;
  readonly status: "succeeded" | "failed" | "cancelled";
}

type Trigger = "push" | "pull_request" | "schedule" | "api" | "manual" | "rerun";

/** Somebody pushes or presses a button, and the pipeline runs to its end. */
export function* pushedPipeline(world: World, now: number): Story {
  const { draw } = world;
  const person = somebody(world, "owner", "admin", "developer");
  if (person === undefined) return;
  const trigger = draw.weighted([
    ["push", 10],
    ["pull_request", 6],
    ["manual", 1],
  ] as const);
  yield* pipeline(world, now, draw.pick(person.projects), trigger, actorOf(person));
}

/** A schedule or a program sets a pipeline off. */
export function* unattendedPipeline(world: World, now: number): Story {
  const { draw } = world;
  const machine = draw.pick(world.machines);
  const scheduled = draw.chance(0.6);
  const actor = scheduled ? platform : { type: "service_account", ...machine };
  yield* pipeline(world, now, draw.pick(world.projects), scheduled ? "schedule" : "api", actor);
}

function* pipeline(
  world: World,
  began: number,
  project: Project,
  trigger: Trigger,
  actor: Actor,
  rerunOf?: string,
): Story {
  const { draw } = world;
  const main = trigger === "schedule" || draw.chance(0.4);
  const run: Run = {
    id: draw.id("pip"),
    project,
    branch: main ? "main" : draw.pick(names.branches),
    actor,
    cancelAfter: draw.chance(0.05) ? draw.integer(0, 2) : Number.POSITIVE_INFINITY,
  };
  const number = ++project.pipelines;
  const targets = [
    { type: "pipeline", id: run.id },
    { type: "project", id: project.id, name: project.name },
  ];
  const started = {
    number,
    trigger,
    branch: run.branch,
    commit: draw.hex(40),
    ...(rerunOf !== undefined && { rerun_of: rerunOf }),
  };
  let now = yield {
    event: eventOf(world, deed("pipeline.started", started, targets), actor),
    waitMs: draw.spread(300, 3000),
  };
  const { status, now: end } = yield* workflows(world, now, run, targets);
  now = end;
  const took = Math.max(0, now - began);
  if (status === "cancelled") {
    const person = draw.chance(0.6) ? somebody(world, "owner", "admin", "developer") : undefined;
    const cancelled = (reason: "user" | "superseded"): Deed =>
      deed("pipeline.cancelled", { number, reason, duration_ms: took }, targets);
    // A cancellation is of this very moment, so only somebody who is there can ask for it.
    if (person?.session === undefined) yield { event: eventOf(world, cancelled("superseded"), platform), waitMs: 0 };
    else yield* act(world, person, now, cancelled("user"), 0);
    return;
  }
  const outcome = status === "succeeded" ? "success" : "failure";
  const finished = deed("pipeline.finished", { number, status, duration_ms: took }, targets, outcome);
  now = yield { event: eventOf(world, finished, platform), waitMs: draw.spread(5000, 120_000) };
  if (status !== "failed" || rerunOf !== undefined || !draw.chance(0.4)) return;
  const person = somebody(world, "owner", "admin", "developer");
  if (person === undefined) return;
  const asked = deed("pipeline.rerun_requested", { from: draw.pick(["start", "failed"]) }, targets);
  const again = yield* act(world, person, now, asked, draw.spread(300, 2000));
  if (again !== undefined) yield* pipeline(world, again, project, "rerun", actorOf(person), run.id);
}

function* workflows(
  world: World,
  now: number,
  run: Run,
  targets: readonly { type: string; id: string }[],
): Scene<Ended> {
  const { draw } = world;
  if (draw.chance(0.03)) {
    const enforcement = draw.pick(["warn", "refuse"] as const);
    const kind = draw.pick(["allowed_images", "secret_access", "resource_limit"] as const);
    const outcome = enforcement === "refuse" ? "denied" : "success";
    const violated = deed("policy.violated", { kind, enforcement, pipeline_id: run.id }, targets, outcome);
    now = yield { event: eventOf(world, violated, run.actor), waitMs: draw.spread(200, 1000) };
    if (enforcement === "refuse") return { now, status: "failed" };
  }
  const built = yield* workflow(world, now, run, draw.some(names.jobNames, 1, 4), "build");
  if (built.status !== "succeeded" || run.branch !== "main" || !draw.chance(0.5)) return built;
  return yield* workflow(world, built.now, run, [], "deploy");
}

function* workflow(world: World, began: number, run: Run, jobs: readonly string[], name: string): Scene<Ended> {
  const { draw } = world;
  const id = draw.id("wfl");
  const targets = [{ type: "workflow", id, name }];
  const metadata = { pipeline_id: run.id, jobs: Math.max(1, jobs.length) };
  const started = deed("workflow.started", metadata, targets);
  let now = yield { event: eventOf(world, started, run.actor), waitMs: draw.spread(200, 2000) };
  let status: Ended["status"] = "succeeded";
  if (jobs.length === 0) ({ now, status } = yield* deployment(world, now, run));
  for (const job of jobs) {
    if (status !== "succeeded") break;
    ({ now, status } = yield* jobScene(world, now, run, id, job));
  }
  const outcome = status === "succeeded" ? "success" : "failure";
  const finished = { pipeline_id: run.id, status, duration_ms: Math.max(0, now - began) };
  const event = eventOf(world, deed("workflow.finished", finished, targets, outcome), platform);
  return { now: yield { event, waitMs: draw.spread(100, 1500) }, status };
}
