import { createPreparer, type Headgate, type JsonObject, type Target } from "@headgate/core";

/** A change that was made from the command line. */
export interface OperatorChange {
  /** E.g. `headgate.stream.paused`. */
  readonly action: string;
  readonly organization: string;
  /** @default "configuration" */
  readonly category?: string;
  readonly target: Target;
  readonly metadata?: JsonObject;
}

/** Appends a change to the organization's own log, as the API does of those that it makes. */
export async function recordOperatorChange(
  headgate: Pick<Headgate, "appendPrepared">,
  { action, organization, category = "configuration", target, metadata }: OperatorChange,
): Promise<void> {
  const event = createPreparer().prepare(organization, {
    action,
    category,
    outcome: "success",
    actor: { type: "operator", id: "headgate-cli" },
    targets: [target],
    ...(metadata !== undefined && { metadata }),
  });
  await headgate.appendPrepared(organization, [event]);
}
