import {
  compileSchema,
  type CustomerContext,
  type CustomerSetup,
  type Headgate,
  HeadgateError,
  isHeadgateError,
  type SchemaCheck,
  type SinkDefinition,
} from "@headgate/core";
import { problem } from "../problem.ts";
import type { JsonSchema, RouteContext } from "../route.ts";
import { externalIdOf } from "./external-id.ts";
import { reservedStream } from "./reserved-stream.ts";
import { type Given, withoutSecretsRequired } from "./secret-members.ts";

/** A sink that customers may set up by themselves. */
export interface CustomerSink {
  readonly type: string;
  readonly customer: CustomerSetup;
}

/** Those of the sinks that customers may set up, in the platform's order. */
export function customerSinks({ sinks }: Pick<Headgate, "sinks">): readonly CustomerSink[] {
  return sinks.flatMap(({ type, customer }: SinkDefinition) => (customer === undefined ? [] : [{ type, customer }]));
}

/** Undefined also for a sink that there is, but only for operators. */
export function customerSink(headgate: Pick<Headgate, "sinks">, type: string): CustomerSink | undefined {
  return customerSinks(headgate).find((sink) => sink.type === type);
}

/** @throws `sink_unknown` in the same words whether there is no such sink or it is the operator's alone */
export function knownCustomerSink(headgate: Pick<Headgate, "sinks">, type: string): CustomerSink {
  const sink = customerSink(headgate, type);
  if (sink !== undefined) return sink;
  const known = customerSinks(headgate).map((one) => one.type);
  throw problem(
    "sink_unknown",
    `There is no sink of this type to set up here (known: ${known.join(", ") || "none"}).`,
    {
      problems: [{ path: "$.sink", message: `must be one of ${known.join(", ") || "none"}` }],
    },
  );
}

/** On whose behalf, and under which of the operator's decisions. */
export async function customerContext(
  { headgate, organization, settings }: Pick<RouteContext, "headgate" | "organization" | "settings">,
  {
    sink,
    stream,
  }: { readonly sink: string; /** @default the next one to come */ readonly stream?: string | undefined },
): Promise<CustomerContext & { readonly stream: string }> {
  return {
    organization,
    externalId: await externalIdOf(headgate, organization),
    stream: stream ?? (await reservedStream(headgate, organization, sink)),
    allowInsecureEndpoint: settings.allowInsecureEndpoints,
  };
}

/**
 * Turns what a customer gave into the sink's options. With `previous`, secrets may be left out: the sink takes them from
 * there, unless the destination has changed.
 * @throws `sink_options_invalid` naming each path at fault
 */
export function customerOptions(
  { customer }: CustomerSink,
  given: Given,
  context: CustomerContext,
  previous?: object,
): object {
  const { whole, edit } = checksOf(customer);
  const found = (previous === undefined ? whole : edit)(given);
  if (found !== undefined) {
    const problems = found
      .slice(0, 50)
      .map(({ path, problem: message }) => ({ path: `$.options${path.slice(1)}`, message }));
    const [first] = problems;
    throw problem("sink_options_invalid", `The options have a mistake: ${first?.path} ${first?.message}.`, {
      problems,
    });
  }
  return customer.options(given, context, previous);
}

/** What of an unfinished form can be used: members that follow their own part of the schema. */
export function usableMembers({ customer }: CustomerSink, given: Given): Given {
  const { members } = checksOf(customer);
  return Object.fromEntries(
    Object.entries(given).filter(([name, value]) => members.get(name)?.(value) === undefined && members.has(name)),
  );
}

interface Checks {
  /** Of what makes a new stream. */
  readonly whole: SchemaCheck;
  /** Of an edit: secrets that are not given again stay. */
  readonly edit: SchemaCheck;
  /** Of each member by itself. */
  readonly members: ReadonlyMap<string, SchemaCheck>;
}

/** Compiling costs milliseconds, and definitions live as long as the process. */
const compiled = new WeakMap<CustomerSetup, Checks>();

function checksOf(customer: CustomerSetup): Checks {
  const known = compiled.get(customer);
  if (known !== undefined) return known;
  const { schema } = customer;
  const { properties = {}, $defs } = schema as {
    readonly properties?: Record<string, JsonSchema>;
    readonly $defs?: object;
  };
  const checks: Checks = {
    whole: compileSchema(schema),
    edit: compileSchema(withoutSecretsRequired(schema)),
    members: new Map(
      Object.entries(properties).map(([name, member]) => [name, compileSchema({ ...($defs && { $defs }), ...member })]),
    ),
  };
  compiled.set(customer, checks);
  return checks;
}

/** @throws `sink_options_invalid` for a stream whose sink customers cannot set up */
export function editableSink(headgate: Pick<Headgate, "sinks">, type: string): CustomerSink {
  const sink = customerSink(headgate, type);
  if (sink !== undefined) return sink;
  throw new HeadgateError(
    "sink_options_invalid",
    "The options of this kind of stream are for the platform's operators to change.",
    {
      hint: "Its name, and when it sends, can be changed here.",
    },
  );
}

/**
 * A stream's options with their secrets, for an edit; undefined where they cannot be opened any more: then they have to
 * be given again.
 */
export async function previousOptions({ streams }: Pick<Headgate, "streams">, id: string): Promise<object | undefined> {
  try {
    return await streams.options(id);
  } catch (error) {
    if (isHeadgateError(error, "secret_unreadable")) return undefined;
    throw error;
  }
}
