import { createPreparer, type JsonObject, type Target } from "@headgate/core";
import type { RouteContext } from "./route.ts";

/** A change of configuration. */
export interface ConfigurationChange {
  /** E.g. `headgate.stream.created`. */
  readonly action: string;
  readonly targets: readonly Target[];
  /** Which settings changed; never the value of a secret. */
  readonly metadata?: JsonObject;
}

/**
 * Appends a change of configuration to the organization's own log, with whoever made it. The platform's catalog is not
 * asked: these actions are Headgate's own. A change outside any organization goes to the operator's log file instead.
 *
 * @example
 * ```ts
 * await recordChange(context, {
 *   action: "headgate.stream.paused",
 *   targets: [{ type: "headgate.stream", id: stream.id, name: stream.name }],
 * });
 * ```
 */
export async function recordChange(context: RouteContext, change: ConfigurationChange): Promise<void> {
  const { organization, principal, clock, logger, headgate, requestId } = context;
  const { action, targets, metadata } = change;
  if (organization === "") {
    logger.info("a change outside any organization", { action, actor: principal.actor.id, request: requestId });
    return;
  }
  const event = createPreparer({ clock }).prepare(organization, {
    action,
    category: "configuration",
    outcome: "success",
    actor: principal.actor,
    targets,
    context: { request_id: requestId, ...(principal.ip !== undefined && { ip: principal.ip }) },
    ...(metadata !== undefined && { metadata }),
  });
  await headgate.appendPrepared(organization, [event]);
}
