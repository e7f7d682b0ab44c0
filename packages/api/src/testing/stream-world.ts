import {
  aesVault,
  type AuditEvent,
  type Clock,
  createHeadgate,
  memoryStore,
  type SinkDefinition,
  type Store,
} from "@headgate/core";
import { randomBytes } from "node:crypto";
import { createApi } from "../create-api.ts";
import type { ApiLimits } from "../limits.ts";
import { type Asked, requestOf, type World } from "./world.ts";

/** A world whose streams can hold secrets. Operators' and admins' tokens are made as they are asked for. */
export interface StreamWorld extends World {
  /** Asks as an admin of the organization, and gives the status with the JSON. */
  readonly admin: (organization: string, method: string, path: string, asked?: Asked) => Promise<Answer>;
  /** Changes that the organization's own log tells of, as `action actor-type {metadata}`. */
  readonly changes: (organization: string) => Promise<readonly string[]>;
}

/** An answer's status and JSON. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Makes one, on a store in memory unless another is given. */
export function createStreamWorld(
  sinks: readonly SinkDefinition<string, never>[],
  {
    clock,
    store = memoryStore(clock === undefined ? {} : { clock }),
    limits: own = {},
    ...more
  }: {
    readonly clock?: Clock;
    readonly store?: Store;
    readonly allowInsecureEndpoints?: boolean;
    readonly limits?: Partial<ApiLimits>;
  } = {},
): StreamWorld {
  const headgate = createHeadgate({
    store,
    sinks,
    vault: aesVault({ keys: { test: randomBytes(32) } }),
    ...(clock && { clock }),
  });
  const limits = { requestsPerMinute: 1e9, failuresPerMinute: 1e9, eventStreams: 20, exports: 1000, ...own };
  const api = createApi({ headgate, limits, ...(clock && { clock }), ...more });
  const tokens = new Map<string, Promise<string>>();

  const world: StreamWorld = {
    headgate,
    api,
    async token(role, organization) {
      const wanted = { name: `a ${role}`, role, ...(organization !== undefined && { organization }) };
      return (await api.tokens.create(wanted)).token;
    },
    ask: (method, target, asked) => api.fetch(requestOf(method, target, asked)),
    async admin(organization, method, path, asked) {
      const token = tokens.get(organization) ?? world.token("admin", organization);
      tokens.set(organization, token);
      const target = `/v1/organizations/${organization}${path}`;
      const response = await world.ask(method, target, { token: await token, ...asked });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer["body"] };
    },
    async changes(organization) {
      const found: string[] = [];
      for await (const { body } of store.journal.read(organization, { after: 0 })) {
        for (const line of new TextDecoder().decode(body).split("\n").filter(Boolean)) {
          const { action, actor, metadata = {} } = JSON.parse(line) as AuditEvent;
          if (action.startsWith("headgate.")) found.push(`${action} ${actor.type} ${JSON.stringify(metadata)}`);
        }
      }
      return found;
    },
    async [Symbol.asyncDispose]() {
      await api.close();
      await headgate[Symbol.asyncDispose]();
    },
  };
  return world;
}

/** Reads server-sent events as they come; cancel by leaving the loop. */
export async function* serverSentEvents(
  response: Response,
): AsyncGenerator<{ readonly event: string; readonly data: unknown }, void, undefined> {
  let buffer = "";
  for await (const text of (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream())) {
    buffer += text;
    for (let end = buffer.indexOf("\n\n"); end >= 0; end = buffer.indexOf("\n\n")) {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(buffer.slice(0, end)) ?? [];
      buffer = buffer.slice(end + 2);
      if (event !== undefined) yield { event, data: JSON.parse(data ?? "") as unknown };
    }
  }
}
