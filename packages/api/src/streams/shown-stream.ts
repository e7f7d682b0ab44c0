import type { Headgate, StreamStatus } from "@headgate/core";
import { customerSink } from "./customer.ts";
import { type Given, secretNames, withoutSecrets } from "./secret-members.ts";
import { streamJson } from "./stream-json.ts";

/** A stream as the API shows it: its status, and its options as the customer would give them. */
export function shownStream(
  headgate: Pick<Headgate, "sinks">,
  status: StreamStatus,
): Readonly<Record<string, unknown>> {
  const options = shownOptionsOf(headgate, status);
  return streamJson(status, options === undefined ? {} : { options });
}

/** Undefined where customers cannot set up such streams, or what is stored is not what they could have given. */
export function shownOptionsOf(
  headgate: Pick<Headgate, "sinks">,
  { sink, options }: Pick<StreamStatus, "sink" | "options">,
): Given | undefined {
  const customer = customerSink(headgate, sink)?.customer;
  if (customer === undefined) return undefined;
  try {
    // The sink has been told to leave secrets out; what its schema calls a secret is left out all the same.
    return withoutSecrets(customer.given(options), secretsOf(customer.schema));
  } catch {
    // A stream of the operator's may hold what the customer's half of a sink does not know.
    return undefined;
  }
}

const known = new WeakMap<object, ReadonlySet<string>>();

/** Names of the members of a schema that hold secrets. */
export function secretsOf(schema: Given): ReadonlySet<string> {
  const secrets = known.get(schema) ?? new Set(secretNames(schema));
  known.set(schema, secrets);
  return secrets;
}
