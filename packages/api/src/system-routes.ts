import { json } from "./answer.ts";
import { nothingHere, problem } from "./problem.ts";
import { rolesOf } from "./access.ts";
import type { Access, JsonSchema, Route } from "./route.ts";

/** What the routes on the API itself need to know. */
export interface SystemOptions {
  /** Text for Prometheus. */
  readonly metrics: (() => Promise<{ readonly contentType: string; readonly body: string }>) | undefined;
  readonly metricsPublic: boolean;
  /** Throws while requests had better go elsewhere. */
  readonly ready: () => Promise<void>;
  /** The document, once it is made. */
  readonly openapi: () => object;
}

const statusOk: JsonSchema = {
  type: "object",
  required: ["status"],
  additionalProperties: false,
  properties: { status: { const: "ok" } },
};

const digestKeysSchema: JsonSchema = {
  type: "object",
  required: ["keys"],
  additionalProperties: false,
  properties: {
    keys: {
      type: "array",
      items: {
        type: "object",
        required: ["kty", "crv", "x", "kid", "use", "alg"],
        additionalProperties: false,
        properties: {
          kty: { const: "OKP" },
          crv: { const: "Ed25519" },
          x: { type: "string" },
          kid: { type: "string", description: "RFC 7638 thumbprint." },
          use: { const: "sig" },
          alg: { const: "EdDSA" },
        },
      },
    },
  },
};

const actorSchema: JsonSchema = {
  type: "object",
  required: ["type", "id"],
  additionalProperties: false,
  properties: { type: { type: "string" }, id: { type: "string" }, name: { type: "string" } },
};

/** What a role may do, as routes name it. */
const capabilities: Readonly<Record<string, Access>> = {
  "events:write": "ingest",
  "events:read": "view",
  "streams:read": "view",
  "streams:write": "admin",
  "tokens:write": "admin",
  "organizations:all": "operator",
};

/** Health, readiness, metrics, the description of the API, and who asks. */
export function systemRoutes({ metrics, metricsPublic, ready, openapi }: SystemOptions): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/healthz",
      operation: "getHealth",
      summary: "Whether the process answers",
      tag: "System",
      access: "public",
      responses: { 200: { description: "It does.", content: { "application/json": { schema: statusOk } } } },
      handle: async () => json(200, { status: "ok" }),
    },
    {
      method: "GET",
      path: "/readyz",
      operation: "getReadiness",
      summary: "Whether requests can be served now",
      description: "503 while the store cannot be reached, or has not answered within two seconds.",
      tag: "System",
      access: "public",
      responses: { 200: { description: "They can.", content: { "application/json": { schema: statusOk } } } },
      async handle({ logger, requestId }) {
        try {
          await ready();
        } catch (error) {
          logger.warn("not ready", {
            request: requestId,
            error: error instanceof Error ? error.message : typeof error,
          });
          throw problem("store_unavailable", "Requests cannot be served now.", { headers: { "retry-after": "5" } });
        }
        return json(200, { status: "ok" });
      },
    },
    {
      method: "GET",
      path: "/openapi.json",
      operation: "getOpenapi",
      summary: "This description",
      tag: "System",
      access: "public",
      responses: {
        200: { description: "OpenAPI 3.1.", content: { "application/json": { schema: { type: "object" } } } },
      },
      handle: async () => json(200, openapi()),
    },
    {
      method: "GET",
      path: "/metrics",
      operation: "getMetrics",
      summary: "Measurements for Prometheus",
      tag: "System",
      access: metricsPublic ? "public" : "operator",
      responses: {
        200: { description: "Prometheus text format.", content: { "text/plain": { schema: { type: "string" } } } },
      },
      async handle() {
        if (metrics === undefined) throw nothingHere();
        const { contentType, body } = await metrics();
        return new Response(body, { headers: { "content-type": contentType } });
      },
    },
    {
      method: "GET",
      path: "/v1/digest-keys",
      operation: "getDigestKeys",
      summary: "Public keys that digests verify by",
      description:
        "A JSON Web Key Set with the key that signs digests now and those that signed before. Auditors give it to `headgate audit --keys`.",
      tag: "System",
      access: "public",
      responses: {
        200: { description: "The keys.", content: { "application/json": { schema: digestKeysSchema } } },
      },
      async handle({ headgate }) {
        if (headgate.digestKeys === undefined) throw nothingHere();
        return json(200, headgate.digestKeys);
      },
    },
    {
      method: "GET",
      path: "/v1/me",
      operation: "getMe",
      summary: "Who you are here, and what you may do",
      tag: "System",
      access: "signed-in",
      responses: {
        200: {
          description: "The principal of the request.",
          content: {
            "application/json": {
              schema: {
                type: "object",
                required: ["role", "actor", "capabilities"],
                additionalProperties: false,
                properties: {
                  role: { enum: rolesOf("signed-in") },
                  organization: { type: "string", description: "Absent for an operator, who reaches all." },
                  actor: actorSchema,
                  capabilities: { type: "array", items: { enum: Object.keys(capabilities) } },
                },
              },
            },
          },
        },
      },
      async handle({ principal: { role, organization, actor } }) {
        return json(200, {
          role,
          ...(organization !== undefined && { organization }),
          actor: { type: actor.type, id: actor.id, ...(actor.name !== undefined && { name: actor.name }) },
          capabilities: Object.keys(capabilities).filter((name) =>
            rolesOf(capabilities[name] as Access).includes(role),
          ),
        });
      },
    },
  ];
}
