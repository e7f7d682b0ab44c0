import {
  createHeadgate,
  type DigestSigner,
  type Headgate,
  memoryStore,
  type SinkDefinition,
  type Store,
} from "@headgate/core";
import { type Api, type ApiOptions, createApi } from "../create-api.ts";
import type { Role } from "../principal.ts";

/** A Headgate with its API, and how to ask it. */
export interface World extends AsyncDisposable {
  readonly headgate: Headgate;
  readonly api: Api;
  /** Makes a token. */
  token(role: Role, organization?: string): Promise<string>;
  /** Asks. `body` is sent as JSON, unless it is text or bytes. */
  ask(method: string, target: string, request?: Asked): Promise<Response>;
}

/** What a request carries. */
export interface Asked {
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What a world is made of. */
export interface WorldOptions extends Partial<Omit<ApiOptions, "headgate">> {
  readonly store?: Store;
  readonly sinks?: readonly SinkDefinition[];
  readonly digests?: { readonly signer: DigestSigner };
}

/** Makes one, on a store in memory. */
export function createWorld({ store = memoryStore(), sinks = [], digests, ...options }: WorldOptions = {}): World {
  const headgate = createHeadgate({ store, sinks, ...(digests && { digests }) });
  const api = createApi({ ...options, headgate });
  return {
    headgate,
    api,
    async token(role, organization) {
      const wanted = { name: `a ${role}`, role, ...(organization !== undefined && { organization }) };
      const { token } = await api.tokens.create(wanted);
      return token;
    },
    ask: (method, target, asked) => api.fetch(requestOf(method, target, asked)),
    async [Symbol.asyncDispose]() {
      await api.close();
      await headgate[Symbol.asyncDispose]();
    },
  };
}

/** A request to the API. */
export function requestOf(method: string, target: string, { token, body, headers, signal }: Asked = {}): Request {
  const raw = typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
  return new Request(`http://headgate.test${target}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && !raw && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { body: raw ? (body as string) : JSON.stringify(body), duplex: "half" }),
    ...(signal && { signal }),
  });
}

/** The code of a problem, with its status. */
export async function problemOf(response: Response): Promise<string> {
  const { code } = (await response.json()) as { readonly code: string };
  return `${response.status} ${code}`;
}

/** An event's JSON. */
export const event = (id: string, more: object = {}): object => ({
  id,
  action: "user.login",
  actor: { type: "user", id: "u_1", name: "Ada" },
  ...more,
});
