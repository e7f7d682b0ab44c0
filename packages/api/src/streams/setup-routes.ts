import { json } from "../answer.ts";
import { nothingHere } from "../problem.ts";
import type { JsonSchema, Route, RouteContext } from "../route.ts";
import {
  customerContext,
  customerOptions,
  type CustomerSink,
  customerSink,
  customerSinks,
  editableSink,
  previousOptions,
  usableMembers,
} from "./customer.ts";
import { externalIdOf } from "./external-id.ts";
import { jsonResponse } from "./list-answer.ts";
import { ownChangeableStream, ownStream } from "./own-stream.ts";
import type { Given } from "./secret-members.ts";
import { verificationAnswer, verificationResponse } from "./verification-answer.ts";

const path = "/v1/organizations/{organization}/setup";

async function list(context: RouteContext): Promise<Response> {
  const externalId = await externalIdOf(context.headgate, context.organization);
  const sinks = customerSinks(context.headgate).map(({ type, customer: { title, schema } }) => ({
    type,
    title,
    schema,
  }));
  return json(200, { sinks, external_id: externalId });
}

/** @throws `not_found` */
function sinkOfPath({ headgate, path: { sink } }: RouteContext): CustomerSink {
  const found = customerSink(headgate, sink as string);
  if (found === undefined) throw nothingHere();
  return found;
}

async function guide(context: RouteContext): Promise<Response> {
  const sink = sinkOfPath(context);
  const { options = {}, stream } = (context.body ?? {}) as { readonly options?: Given; readonly stream?: string };
  // Whoever may look at the stream may see how it is set up.
  if (stream !== undefined) await ownStream({ ...context, path: { ...context.path, stream } });
  const customer = await customerContext(context, { sink: sink.type, stream });
  const { title, schema } = sink.customer;
  // Guides are made of what is pasted into consoles and shells: what the schema would refuse does not get that far.
  const { steps, artifacts } = sink.customer.guide(usableMembers(sink, options), customer);
  return json(200, { title, external_id: customer.externalId, schema, steps, artifacts });
}

async function verify(context: RouteContext): Promise<Response> {
  const { headgate, organization, body } = context;
  const sink = sinkOfPath(context);
  const { options: given, stream } = body as { readonly options: Given; readonly stream?: string };
  const previous = stream === undefined ? undefined : await optionsOfEdited(context, stream);
  const customer = await customerContext(context, { sink: sink.type, stream });
  const options = customerOptions(sink, given, customer, previous);
  return verificationAnswer(context, (signal) =>
    headgate.streams.tryOut(organization, { id: customer.stream, sink: sink.type, options }, { signal }),
  );
}

/** The options of the stream that is being edited: its secrets stand in for those that were not given again. */
async function optionsOfEdited(context: RouteContext, stream: string): Promise<object | undefined> {
  const { headgate, path: parameters } = context;
  const record = await ownChangeableStream({ ...context, path: { ...parameters, stream } });
  if (record.sink !== parameters["sink"]) throw nothingHere();
  editableSink(headgate, record.sink);
  return previousOptions(headgate, record.id);
}

const text: JsonSchema = { type: "string" };

const guideSchema: JsonSchema = {
  type: "object",
  required: ["title", "external_id", "schema", "steps", "artifacts"],
  additionalProperties: false,
  properties: {
    title: text,
    external_id: text,
    schema: { type: "object" },
    steps: {
      type: "array",
      items: {
        type: "object",
        required: ["title", "text"],
        additionalProperties: false,
        properties: { title: text, text },
      },
    },
    artifacts: {
      type: "array",
      description: "To be copied: policies, templates, commands.",
      items: {
        type: "object",
        required: ["id", "title", "file", "language", "content", "description"],
        additionalProperties: false,
        properties: {
          id: text,
          title: text,
          file: { type: "string", description: "File name to save it under." },
          language: { enum: ["json", "yaml", "hcl", "shell", "text"] },
          content: text,
          description: text,
        },
      },
    },
  },
};

const ofStream: JsonSchema = { type: "string", minLength: 1, maxLength: 256 };
const given: JsonSchema = { type: "object", description: "As the sink's schema in /setup says." };

/** What customers can connect, what to do on their side, and a trial without a stream. */
export const setupRoutes: readonly Route[] = [
  {
    method: "GET",
    path,
    operation: "listSetup",
    summary: "Destinations that can be connected, and the organization's external id",
    tag: "Setup",
    access: "view",
    responses: {
      200: jsonResponse(
        {
          type: "object",
          required: ["sinks", "external_id"],
          additionalProperties: false,
          properties: {
            sinks: {
              type: "array",
              items: {
                type: "object",
                required: ["type", "title", "schema"],
                additionalProperties: false,
                properties: {
                  type: text,
                  title: text,
                  schema: { type: "object", description: "JSON Schema of the options; secrets are writeOnly." },
                },
              },
            },
            external_id: {
              type: "string",
              description: "Made for this organization, never chosen: roles must ask for it.",
            },
          },
        },
        "What there is.",
      ),
    },
    handle: list,
  },
  {
    method: "GET",
    path: `${path}/{sink}`,
    operation: "getSetup",
    summary: "What to do on the destination's side",
    tag: "Setup",
    access: "view",
    responses: { 200: jsonResponse(guideSchema, "The guide, with placeholders.") },
    handle: guide,
  },
  {
    method: "POST",
    path: `${path}/{sink}`,
    operation: "makeSetup",
    summary: "What to do on the destination's side, filled in",
    description: "With as much of the options as is known so far. Stores nothing.",
    tag: "Setup",
    access: "view",
    body: {
      schema: {
        type: "object",
        additionalProperties: false,
        properties: {
          options: given,
          stream: { ...ofStream, description: "The stream that is to be changed. Default: one that is to come." },
        },
      },
      example: { options: { bucket: "acme-audit-logs", region: "eu-west-1" } },
    },
    responses: { 200: jsonResponse(guideSchema, "The guide.") },
    handle: guide,
  },
  {
    method: "POST",
    path: `${path}/{sink}/verify`,
    operation: "verifySetup",
    summary: "Verify a destination before there is a stream",
    description: "Stores nothing. May write a small object or test event of its own.",
    tag: "Setup",
    access: "admin",
    body: {
      required: true,
      schema: {
        type: "object",
        required: ["options"],
        additionalProperties: false,
        properties: {
          options: given,
          stream: {
            ...ofStream,
            description: "The stream that is to be changed so: secrets that are not given are taken from it.",
          },
        },
      },
      example: {
        options: {
          bucket: "acme-audit-logs",
          region: "eu-west-1",
          role_arn: "arn:aws:iam::444455556666:role/headgate",
        },
      },
    },
    responses: { 200: verificationResponse },
    handle: verify,
  },
];
