import type { StreamChanges, StreamStatus } from "@headgate/core";
import { json } from "../answer.ts";
import { changed } from "../change-record.ts";
import { problem } from "../problem.ts";
import type { Route, RouteContext } from "../route.ts";
import { nameSchema, timeSchema } from "../schemas.ts";
import { customerContext, customerOptions, editableSink, knownCustomerSink, previousOptions } from "./customer.ts";
import { type FlushJson, flushPolicy, newFlushSchema } from "./flush.ts";
import { jsonResponse } from "./list-answer.ts";
import { ownChangeableStream, ownStoppableStream, ownStream, streamTarget } from "./own-stream.ts";
import { useReservedStream } from "./reserved-stream.ts";
import { changedNames, type Given } from "./secret-members.ts";
import { type ShapeBody, shapeOf, shapeProperties } from "./shape-json.ts";
import { secretsOf, shownOptionsOf, shownStream } from "./shown-stream.ts";
import { digestJson, digestSchema, streamSchema, timeJson } from "./stream-json.ts";

const path = "/v1/organizations/{organization}/streams";

/** Of one stream below an organization. */
export const streamPath: string = `${path}/{stream}`;

const optionsSchema = {
  type: "object",
  description: "As the sink's schema in /setup says.",
} as const;

interface NewStreamBody extends ShapeBody {
  readonly name?: string;
  readonly sink: string;
  readonly options: Given;
  readonly flush?: FlushJson;
  readonly from?: "start" | "now";
  readonly paused?: boolean;
}

interface ChangesBody extends ShapeBody {
  readonly name?: string;
  readonly options?: Given;
  readonly flush?: FlushJson;
}

/** Answers with a stream as it is now. */
export function streamAnswer(context: RouteContext, status: StreamStatus, code: 200 | 201 = 200): Response {
  const { organization, id } = status;
  const location = `/v1/organizations/${encodeURIComponent(organization)}/streams/${encodeURIComponent(id)}`;
  return json(code, shownStream(context.headgate, status), code === 201 ? { location } : {});
}

async function create(context: RouteContext): Promise<Response> {
  const { headgate, organization } = context;
  const { name, sink: type, options: given, flush, from, paused, ...rest } = context.body as NewStreamBody;
  const shape = shapeOf(rest);
  const sink = knownCustomerSink(headgate, type);
  const customer = await customerContext(context, { sink: type });
  const options = customerOptions(sink, given, customer);
  const asked = context.clock.now();
  await assertRoomForStream(context);
  const metadata = { sink: type, options: Object.keys(given).sort() };
  const intended = { action: "headgate.stream.created", targets: [] };
  const { status, isNew } = await changed(context, { ...intended, metadata }, async () => {
    const created = await headgate.streams.create(organization, {
      ...(name !== undefined && { name }),
      idIfNew: customer.stream,
      sink: type,
      options,
      ...(flush !== undefined && { flush: flushPolicy(flush) }),
      ...(shape && { shape }),
      ...(from !== undefined && { from }),
      ...(paused !== undefined && { paused }),
    });
    // One that was there already, to the same place with the same options, is what a repeated request means: nothing has changed.
    if (created.createdAt < asked) return { result: { status: created, isNew: false } };
    await useReservedStream(headgate, organization, type, created.id);
    const change = { ...intended, targets: [streamTarget(created)], metadata };
    return { result: { status: created, isNew: true }, change };
  });
  return streamAnswer(context, status, isNew ? 201 : 200);
}

/** Each stream costs connections and requests. Those that the configuration declares count as well. */
async function assertRoomForStream({ headgate, organization, principal, settings }: RouteContext): Promise<void> {
  const most = settings.streamsPerOrganization;
  if (principal.role === "operator") return;
  const { length } = await headgate.streams.list({ organization, limit: most });
  if (length < most) return;
  throw problem("request_invalid", `The organization has ${most} streams, as many as it may.`, {
    status: 409,
    hint: "Delete one that is not needed any more, or ask the platform's operators.",
  });
}

async function show(context: RouteContext): Promise<Response> {
  const { id } = await ownStream(context);
  return streamAnswer(context, await context.headgate.streams.status(id));
}

async function update(context: RouteContext): Promise<Response> {
  const { headgate } = context;
  const { name, options: given, flush, ...rest } = context.body as ChangesBody;
  const record = await ownChangeableStream(context);
  const names: string[] = [];
  let options: object | undefined;
  if (given !== undefined) {
    const sink = editableSink(headgate, record.sink);
    const previous = await previousOptions(headgate, record.id);
    options = customerOptions(
      sink,
      given,
      await customerContext(context, { sink: record.sink, stream: record.id }),
      previous,
    );
    const before = shownOptionsOf(headgate, record) ?? {};
    const secrets = secretsOf(sink.customer.schema);
    const differing = changedNames(before, sink.customer.given(options), given, secrets);
    names.push(...differing.map((one) => `options.${one}`));
  }
  if (name !== undefined && name !== record.name) names.push("name");
  if (flush !== undefined) names.push("flush");
  const shape = shapeOf(rest);
  names.push(...Object.keys(shape ?? {}));
  const changes: StreamChanges = {
    ...(name !== undefined && { name }),
    ...(options !== undefined && { options }),
    ...(flush !== undefined && { flush: flushPolicy(flush) }),
    ...(shape && { shape: { ...record.shape, ...shape } }),
  };
  const intended = { action: "headgate.stream.updated", targets: [streamTarget(record)], metadata: { changed: names } };
  const status = await changed(context, intended, async () => {
    const result = await headgate.streams.update(record.id, changes);
    return { result, change: { ...intended, targets: [streamTarget(result)] } };
  });
  return streamAnswer(context, status);
}

async function remove(context: RouteContext): Promise<Response> {
  const { headgate, query } = context;
  const record = await ownStream(context);
  // Declared still: it would come back with the next start.
  const { id } = record.dropped === true ? record : await ownChangeableStream(context);
  await ownStoppableStream(context);
  const { pending } = await headgate.streams.status(id);
  if (pending > 0 && query["abandon_pending"] !== "true") {
    throw problem("request_invalid", `The stream still has ${pending} events to deliver, which would never arrive.`, {
      status: 409,
      hint: "Let it deliver them first, or add abandon_pending=true to give them up for this stream; the log keeps them.",
    });
  }
  const intended = { action: "headgate.stream.deleted", targets: [streamTarget(record)] };
  const left = await changed(context, { ...intended, metadata: { pending } }, async () => {
    const last = await headgate.streams.delete(id);
    const given = {
      pending: last.pending,
      pending_bytes: last.pendingBytes,
      ...(last.oldestPendingAt !== undefined && { oldest_pending_at: timeJson(last.oldestPendingAt) }),
      quarantined: last.quarantined,
    };
    const result = { ...given, ...(last.digest !== undefined && { digest: digestJson(last.digest) }) };
    return { result, change: { ...intended, metadata: given } };
  });
  return json(200, { deleted: true, ...left });
}

const shown = jsonResponse(streamSchema, "The stream.");

/** Create, show, change and delete. */
export const ownStreamRoutes: readonly Route[] = [
  {
    method: "POST",
    path,
    operation: "createStream",
    summary: "Connect a destination",
    description:
      "The stream is verified by itself a moment later, and delivers from then on. To verify first, use /setup/{sink}/verify.",
    tag: "Streams",
    access: "admin",
    body: {
      required: true,
      schema: {
        type: "object",
        required: ["sink", "options"],
        additionalProperties: false,
        properties: {
          name: { ...nameSchema, description: "What people call it. Its id by default." },
          sink: { type: "string", minLength: 1, maxLength: 64, description: "One of those of /setup." },
          options: optionsSchema,
          flush: newFlushSchema,
          ...shapeProperties,
          from: {
            enum: ["start", "now"],
            default: "start",
            description: "Begin with all that the log holds, or with what is appended from now on.",
          },
          paused: { type: "boolean", default: false, description: "Whether it waits to be resumed." },
        },
      },
      example: {
        name: "Security lake",
        sink: "s3",
        options: {
          bucket: "acme-audit-logs",
          region: "eu-west-1",
          role_arn: "arn:aws:iam::444455556666:role/headgate",
        },
      },
    },
    responses: {
      200: jsonResponse(streamSchema, "There was one to the same place with the same options: that one."),
      201: {
        ...jsonResponse(streamSchema, "The new stream."),
        headers: { location: { description: "Its address below the mount.", schema: { type: "string" } } },
      },
    },
    handle: create,
  },
  {
    method: "GET",
    path: streamPath,
    operation: "getStream",
    summary: "How a stream stands",
    tag: "Streams",
    access: "view",
    responses: { 200: shown },
    handle: show,
  },
  {
    method: "GET",
    path: `${streamPath}/status`,
    operation: "getStreamStatus",
    summary: "How a stream stands: the same as without /status",
    tag: "Streams",
    access: "view",
    responses: { 200: shown },
    handle: show,
  },
  {
    method: "PATCH",
    path: streamPath,
    operation: "updateStream",
    summary: "Change a stream",
    description:
      "Of options and flush give all, not only what changes; secrets may be left out and stay, unless the destination changes. The stream is verified anew.",
    tag: "Streams",
    access: "admin",
    body: {
      required: true,
      schema: {
        type: "object",
        minProperties: 1,
        additionalProperties: false,
        properties: { name: nameSchema, options: optionsSchema, flush: newFlushSchema, ...shapeProperties },
      },
      example: { name: "Security lake, Ireland" },
    },
    responses: { 200: shown },
    handle: update,
  },
  {
    method: "DELETE",
    path: streamPath,
    operation: "deleteStream",
    summary: "End a stream",
    description: "The destination keeps what it has. With events pending it must be said that they are given up.",
    tag: "Streams",
    access: "admin",
    parameters: {
      abandon_pending: {
        description: "Give up what is pending on this stream.",
        schema: { type: "boolean", default: false },
      },
    },
    responses: {
      200: jsonResponse(
        {
          type: "object",
          required: ["deleted", "pending", "pending_bytes", "quarantined"],
          additionalProperties: false,
          properties: {
            deleted: { const: true },
            pending: { type: "integer", minimum: 0 },
            pending_bytes: { type: "integer", minimum: 0 },
            oldest_pending_at: timeSchema,
            quarantined: { type: "integer", minimum: 0 },
            digest: digestSchema,
          },
        },
        "What was left of it.",
      ),
    },
    handle: remove,
  },
];
