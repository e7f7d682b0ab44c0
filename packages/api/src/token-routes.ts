import { parseTimestamp } from "@headgate/core";
import { json } from "./answer.ts";
import { changed } from "./change-record.ts";
import { decodeCursor, encodeCursor } from "./cursor.ts";
import type { Role } from "./principal.ts";
import { nothingHere, problem } from "./problem.ts";
import type { JsonSchema, Route, RouteContext } from "./route.ts";
import { anyTimeSchema, nameSchema, nextCursorSchema, pageParameters, timeSchema } from "./schemas.ts";
import type { TokenInfo, Tokens } from "./tokens.ts";

const ownRoles: readonly Role[] = ["ingest", "viewer", "admin"];

const tokenProperties = {
  id: { type: "string" },
  name: { type: "string" },
  role: { enum: [...ownRoles, "operator"] },
  organization: { type: "string", description: "Absent of an operator's." },
  created_at: timeSchema,
  created_by: { type: "object" },
  expires_at: timeSchema,
  last_used_on: { type: "string", description: "Day of the last use, UTC." },
} as const;
const tokenRequired = ["id", "name", "role", "created_at"];

const tokenSchema: JsonSchema = {
  type: "object",
  required: tokenRequired,
  additionalProperties: false,
  properties: tokenProperties,
};

const createdSchema: JsonSchema = {
  ...tokenSchema,
  required: [...tokenRequired, "token"],
  properties: { ...tokenProperties, token: { type: "string", description: "Shown this once." } },
};

const listSchema: JsonSchema = {
  type: "object",
  required: ["tokens"],
  additionalProperties: false,
  properties: { tokens: { type: "array", items: tokenSchema }, next_cursor: nextCursorSchema },
};

interface NewTokenBody {
  readonly name: string;
  readonly role: Role;
  readonly organization?: string;
  readonly expires_at?: string;
}

/** Bearer tokens of an organization, and of all for operators. */
export function tokenRoutes(tokens: Tokens): readonly Route[] {
  const list = async (context: RouteContext, organization: string | undefined): Promise<Response> => {
    const { cursor, limit = "100" } = context.query;
    const scope = `tokens:${organization ?? ""}`;
    const most = Number(limit);
    const page = await tokens.list({
      ...(organization !== undefined && { organization }),
      ...(cursor !== undefined && { after: decodeCursor(cursor, scope) }),
      limit: most + 1,
    });
    const shown = page.slice(0, most);
    const last = shown.at(-1);
    return json(200, {
      tokens: shown.map(tokenJson),
      ...(page.length > most && last !== undefined && { next_cursor: encodeCursor(last.id, scope) }),
    });
  };

  const create = async (context: RouteContext, organization: string | undefined): Promise<Response> => {
    const { name, role, expires_at: expires } = context.body as NewTokenBody;
    const asked = expires === undefined ? Number.POSITIVE_INFINITY : instant(expires, context.clock.now());
    // What runs out must not make what does not.
    const latest = Math.min(asked, context.principal.expiresAt ?? Number.POSITIVE_INFINITY);
    const expiresAt = Number.isFinite(latest) ? latest : undefined;
    const change = { action: "headgate.token.created", targets: [], metadata: { role, name } };
    const { token, ...record } = await changed({ ...context, organization: organization ?? "" }, change, async () => {
      const result = await tokens.create({
        name,
        role,
        ...(organization !== undefined && { organization }),
        ...(expiresAt !== undefined && { expiresAt }),
        createdBy: context.principal.actor,
      });
      return { result, change: { ...change, targets: [targetOf(result)], metadata: { role } } };
    });
    return json(201, { ...tokenJson(record), token });
  };

  const revoke = async (context: RouteContext, organization: string | undefined): Promise<Response> => {
    const id = context.path["token"] as string;
    const record = await tokens.get(id);
    if (record === undefined || (organization !== undefined && record.organization !== organization))
      throw nothingHere();
    const change = { action: "headgate.token.revoked", targets: [targetOf(record)], metadata: { role: record.role } };
    await changed({ ...context, organization: record.organization ?? "" }, change, async () => {
      // Another request has been faster.
      if (!(await tokens.revoke(id, organization))) throw nothingHere();
      return { result: undefined, change };
    });
    return new Response(null, { status: 204 });
  };

  return [...ownTokens({ list, create, revoke }), ...allTokens({ list, create, revoke })];
}

type Handlers = Readonly<
  Record<"list" | "create" | "revoke", (context: RouteContext, organization: string | undefined) => Promise<Response>>
>;

function ownTokens({ list, create, revoke }: Handlers): readonly Route[] {
  const path = "/v1/organizations/{organization}/tokens";
  return [
    {
      method: "GET",
      path,
      operation: "listTokens",
      summary: "Tokens of the organization, without their secrets",
      tag: "Tokens",
      access: "admin",
      parameters: pageParameters(1000, 100),
      responses: { 200: { description: "The newest first.", content: { "application/json": { schema: listSchema } } } },
      handle: (context) => list(context, context.organization),
    },
    {
      method: "POST",
      path,
      operation: "createToken",
      summary: "Make a token of the organization",
      tag: "Tokens",
      access: "admin",
      body: {
        required: true,
        schema: {
          type: "object",
          required: ["name", "role"],
          additionalProperties: false,
          properties: { name: nameSchema, role: { enum: ownRoles }, expires_at: anyTimeSchema },
        },
        example: { name: "billing service", role: "ingest" },
      },
      responses: {
        201: {
          description: "With its text, which is not shown again.",
          content: { "application/json": { schema: createdSchema } },
        },
      },
      handle: (context) => create(context, context.organization),
    },
    {
      method: "DELETE",
      path: `${path}/{token}`,
      operation: "revokeToken",
      summary: "Revoke a token of the organization",
      tag: "Tokens",
      access: "admin",
      responses: { 204: { description: "It is refused from now on, by other processes within 5 s." } },
      handle: (context) => revoke(context, context.organization),
    },
  ];
}

function allTokens({ list, create, revoke }: Handlers): readonly Route[] {
  return [
    {
      method: "GET",
      path: "/v1/tokens",
      operation: "listAllTokens",
      summary: "Tokens of all organizations, without their secrets",
      tag: "Operator",
      access: "operator",
      parameters: pageParameters(1000, 100),
      responses: { 200: { description: "A page.", content: { "application/json": { schema: listSchema } } } },
      handle: (context) => list(context, undefined),
    },
    {
      method: "POST",
      path: "/v1/tokens",
      operation: "createAnyToken",
      summary: "Make a token of any organization, or an operator's",
      tag: "Operator",
      access: "operator",
      body: {
        required: true,
        schema: {
          type: "object",
          required: ["name", "role"],
          additionalProperties: false,
          properties: {
            name: nameSchema,
            role: { enum: [...ownRoles, "operator"] },
            organization: {
              type: "string",
              minLength: 1,
              maxLength: 256,
              pattern: "^[^\\u0000-\\u001f\\u007f]*$",
              description: "For every role but operator.",
            },
            expires_at: anyTimeSchema,
          },
        },
      },
      responses: {
        201: {
          description: "With its text, which is not shown again.",
          content: { "application/json": { schema: createdSchema } },
        },
      },
      handle: (context) => create(context, (context.body as NewTokenBody).organization),
    },
    {
      method: "DELETE",
      path: "/v1/tokens/{token}",
      operation: "revokeAnyToken",
      summary: "Revoke any token",
      tag: "Operator",
      access: "operator",
      responses: { 204: { description: "It is refused from now on, by other processes within 5 s." } },
      handle: (context) => revoke(context, undefined),
    },
  ];
}

function instant(text: string, now: number): number {
  const at = parseTimestamp(text);
  if (at !== undefined && at > now) return at;
  const message = at === undefined ? "must be an RFC 3339 time such as 2027-01-31T12:00:00Z" : "must be in the future";
  throw problem("request_invalid", `The body has a mistake: $.expires_at ${message}.`, {
    problems: [{ path: "$.expires_at", message }],
  });
}

const targetOf = ({ id, name }: TokenInfo): { type: string; id: string; name: string } => ({
  type: "headgate.token",
  id,
  name,
});

function tokenJson({ id, name, role, organization, createdAt, createdBy, expiresAt, lastUsedOn }: TokenInfo): object {
  return {
    id,
    name,
    role,
    ...(organization !== undefined && { organization }),
    created_at: new Date(createdAt).toISOString(),
    ...(createdBy !== undefined && { created_by: createdBy }),
    ...(expiresAt !== undefined && { expires_at: new Date(expiresAt).toISOString() }),
    ...(lastUsedOn !== undefined && { last_used_on: lastUsedOn }),
  };
}
