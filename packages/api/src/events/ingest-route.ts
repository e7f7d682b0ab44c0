import { type Clock, type Headgate, newEventSchema } from "@headgate/core";
import { json } from "../answer.ts";
import type { ApiLimits } from "../limits.ts";
import type { JsonSchema, Route } from "../route.ts";
import { byteBudget } from "./byte-budget.ts";
import { readBatch } from "./ingest.ts";

/** What `newEventSchema` says, as part of a larger document. */
const { $schema: _schema, ...eventSchema } = newEventSchema;

const example = [{ action: "user.login", actor: { type: "user", id: "u_1", name: "Ada" } }];

const summarySchema: JsonSchema = {
  type: "object",
  required: ["accepted", "duplicates"],
  additionalProperties: false,
  properties: {
    accepted: { type: "integer", minimum: 0 },
    duplicates: { type: "integer", minimum: 0, description: "Events whose id the log holds already." },
    first_sequence: {
      type: "integer",
      minimum: 1,
      description: "The lowest and the highest of the events sent, repeats included. Absent where there were none.",
    },
    last_sequence: { type: "integer", minimum: 1 },
  },
};

/** Takes events in. */
export function ingestRoute(options: {
  readonly headgate: Headgate;
  readonly limits: ApiLimits;
  readonly clock: Clock;
}): Route {
  const { limits } = options;
  const preparer = options.headgate.preparer;
  const budget = byteBudget(limits.ingestBytes);
  return {
    method: "POST",
    path: "/v1/organizations/{organization}/events",
    operation: "appendEvents",
    summary: "Append events",
    description:
      "The answer comes when the events are on disk. All or nothing: where one is invalid, each that is gets named, and none is stored. Events that bring an id may be sent again. 429 with Retry-After while the server holds as much as it can: nothing was stored, send the same again. `content-encoding: gzip` is taken.",
    tag: "Events",
    access: "ingest",
    rawBody: {
      "application/json": {
        schema: { oneOf: [eventSchema, { type: "array", items: eventSchema }] },
        example,
      },
      "application/x-ndjson": {
        schema: { type: "string", description: "One event a line." },
        example: example.map((event) => `${JSON.stringify(event)}\n`).join(""),
      },
    },
    responses: {
      202: { description: "They are on disk.", content: { "application/json": { schema: summarySchema } } },
    },
    async handle({ headgate, organization, request }) {
      using holding = budget.begin(organization);
      const events = await readBatch(request, holding, { preparer, organization, limits });
      if (events.length === 0) return json(202, { accepted: 0, duplicates: 0 });
      const { accepted, duplicates, sequences } = await headgate.appendPrepared(organization, events);
      let [first, last] = [Number.POSITIVE_INFINITY, 0];
      for (const sequence of sequences) [first, last] = [Math.min(first, sequence), Math.max(last, sequence)];
      return json(202, { accepted, duplicates, first_sequence: first, last_sequence: last });
    },
  };
}
