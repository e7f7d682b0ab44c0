import type { Clock, Headgate, Logger } from "@headgate/core";
import type { ChangeJournal } from "./change-journal.ts";
import type { Principal } from "./principal.ts";

/** A JSON Schema (draft 2020-12). */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * Who may use a route.
 * - `public`: anybody, without credentials.
 * - `signed-in`: any principal.
 * - `ingest`, `view`, `admin`: principals of the organization in the path whose role allows it, and operators.
 * - `operator`: operators.
 */
export type Access = "public" | "signed-in" | "ingest" | "view" | "admin" | "operator";

/** A parameter of the path or the query. */
export interface Parameter {
  readonly description: string;
  readonly schema: JsonSchema;
  /** Parameters of the path always are. @default false */
  readonly required?: boolean;
  readonly example?: string;
}

/** One kind of body of a response. */
export interface ResponseSpec {
  readonly description: string;
  /** By media type. JSON bodies are held to their schema by a test. */
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>;
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>;
}

/** What a handler works with. The request has been authenticated, allowed and checked by then. */
export interface RouteContext {
  readonly headgate: Headgate;
  readonly principal: Principal;
  /** Of the path; "" on routes without one. */
  readonly organization: string;
  /** Decoded parameters of the path. */
  readonly path: Readonly<Record<string, string>>;
  /**
   * Parameters of the query, as text, already held to their schemas: of type `integer`, `boolean` (`true`, `false`),
   * `string`, or `array`, which may be given repeatedly or with commas, and comes with commas.
   */
  readonly query: Readonly<Record<string, string | undefined>>;
  /** The JSON body, already held to the route's schema; undefined where the route takes none or reads the body by itself. */
  readonly body: unknown;
  readonly request: Request;
  /** Aborted when the client has gone, the host shuts down, or, while a place is held, the credentials are good no more. */
  readonly signal: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Also in the header `headgate-request-id` of the answer. */
  readonly requestId: string;
  readonly settings: RouteSettings;
  readonly changes: ChangeJournal;
  /**
   * Takes one of the principal's places for answers that last; the function gives it back. `eventStream`, searches and
   * the export do it by themselves. @throws `too_many_requests` where it, or its organization, has all of them in use
   */
  hold(kind: "eventStreams" | "exports" | "searches"): () => void;
}

/** What the operator has decided for all requests. */
export interface RouteSettings {
  /** Whether customers may name endpoints on plain http and private addresses. */
  readonly allowInsecureEndpoints: boolean;
  /** See `ApiLimits`. */
  readonly streamsPerOrganization: number;
}

/** One operation: what it takes, gives and does. OpenAPI and the checks are both made from it. */
export interface Route {
  readonly method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Below the mount, e.g. `/v1/organizations/{organization}/streams/{stream}`. */
  readonly path: string;
  /** E.g. `listStreams`. */
  readonly operation: string;
  readonly summary: string;
  readonly description?: string;
  readonly tag: string;
  readonly access: Access;
  /** Of path and query; those of the path that are not here are texts of 1 to 256 characters. Others are refused. */
  readonly parameters?: Readonly<Record<string, Parameter>>;
  /** A JSON body. It may be left out unless it is required; the handler then sees undefined. */
  readonly body?: { readonly schema: JsonSchema; readonly required?: boolean; readonly example?: unknown };
  /** Media types of a body that the handler reads from `request` by itself, for OpenAPI. */
  readonly rawBody?: Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>;
  /** By status. Problems are added to every route by the frame. */
  readonly responses: Readonly<Record<number, ResponseSpec>>;
  /** May throw `HeadgateError`s, which become problems: `not_found` and `stream_unknown` 404, `request_invalid` 400 … */
  handle(context: RouteContext): Promise<Response>;
}
