import type { Actor, CatalogEvent, EventContext, NewEvent, Outcome, Target } from "@headgate/core";
import type { catalog, CiAction, CiMetadata } from "../catalog.ts";
import type { World } from "./world.ts";

/** An event of the platform, its metadata typed by its action. */
export type CiEvent = CatalogEvent<typeof catalog>;

/** What was done, still without who did it. */
export interface Deed {
  readonly action: CiAction;
  readonly targets?: readonly Target[];
  readonly outcome?: Outcome;
  readonly metadata: object;
}

/** One event of a story, or none, and how long it takes until the next. */
export interface Beat {
  readonly event?: NewEvent;
  /** In ms. */
  readonly waitMs: number;
}

/** Part of a story; it is told what time it is whenever it goes on. */
export type Scene<Result> = Generator<Beat, Result, number>;

/** Events that belong together, in their order. Many stories run at a time. */
export type Story = Scene<void>;

/** Types a deed's metadata by its action. */
export function deed<Action extends CiAction>(
  action: Action,
  metadata: CiMetadata<Action>,
  targets: readonly Target[] = [],
  outcome: Outcome = "success",
): Deed {
  return { action, metadata, targets, outcome };
}

/** The event of a deed. */
export function eventOf(
  world: World,
  { action, metadata, targets = [], outcome }: Deed,
  actor: Actor,
  context?: EventContext,
): NewEvent {
  return {
    action,
    ...(outcome !== undefined && { outcome }),
    ...(world.organization.name !== undefined && { organization_name: world.organization.name }),
    actor,
    ...(targets.length > 0 && { targets }),
    ...(context !== undefined && { context }),
    metadata: metadata as NonNullable<NewEvent["metadata"]>,
  };
}

/** The platform itself. */
export const platform: Actor = { type: "system", id: "platform", name: "Platform" };
