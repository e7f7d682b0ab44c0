import { rolesOf } from "./access.ts";
import { parametersOf } from "./parameters.ts";
import type { JsonSchema, Parameter, ResponseSpec, Route } from "./route.ts";
import { problemSchema } from "./schemas.ts";

/** What the document says of the API as a whole. */
export interface DocumentOptions {
  /** Where the API is mounted. */
  readonly basePath: string;
  /** Whether bearer tokens are taken; the host's sessions are its own affair. */
  readonly tokens: boolean;
}

const tags: Readonly<Record<string, string>> = {
  Events: "Append to the audit log, search and export it.",
  Streams: "Connections of the log to the organization's own destinations.",
  Deliveries: "What was sent when.",
  Quarantine: "Events that a destination refused.",
  Setup: "What to do on the destination's side.",
  Alerts: "What is, or was, wrong.",
  Status: "How an organization's streams are, and live.",
  Tokens: "Bearer tokens of an organization.",
  Operator: "Over all organizations.",
  System: "The API itself.",
};

type Mutable = Record<string, unknown>;

/** Makes the OpenAPI 3.1 document of routes. What it says of a route is what requests are held to. */
export function openapiDocument(routes: readonly Route[], { basePath, tokens }: DocumentOptions): object {
  const paths: Record<string, Mutable> = {};
  for (const route of routes) {
    const item = (paths[route.path] ??= {});
    item[route.method.toLowerCase()] = operation(route, tokens);
  }
  const used = new Set(routes.map(({ tag }) => tag));
  return {
    openapi: "3.1.1",
    info: {
      title: "Headgate",
      version: "1.0.0",
      summary: "Audit-log streaming: events in, streams out, and how they are.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    servers: [{ url: basePath === "" ? "/" : basePath }],
    tags: [...used].map((name) => ({ name, ...(tags[name] !== undefined && { description: tags[name] }) })),
    paths,
    components: {
      schemas: { Problem: problemSchema },
      responses: { Problem: problemResponse },
      ...(tokens && {
        securitySchemes: {
          token: { type: "http", scheme: "bearer", description: "A token of the role that the operation asks for." },
        },
      }),
    },
  };
}

const problemResponse = {
  description: "What went wrong. Match on code.",
  headers: { "headgate-request-id": { description: "For asking about it.", schema: { type: "string" } } },
  content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
};

function operation(route: Route, tokens: boolean): object {
  const { path, query } = parametersOf(route);
  const roles = rolesOf(route.access);
  const who = roles.length === 0 ? "" : `For the roles ${roles.join(", ")}.`;
  const description = [route.description, who].filter((part) => part !== undefined && part !== "").join("\n\n");
  const body = requestBody(route);
  return {
    operationId: route.operation,
    summary: route.summary,
    ...(description !== "" && { description }),
    tags: [route.tag],
    security: route.access === "public" || !tokens ? [] : [{ token: [] }],
    parameters: [
      ...[...path].map(([name, parameter]) => parameterObject(name, parameter, "path")),
      ...[...query].map(([name, parameter]) => parameterObject(name, parameter, "query")),
    ],
    ...(body !== undefined && { requestBody: body }),
    responses: {
      ...Object.fromEntries(Object.entries(route.responses).map(([status, spec]) => [status, responseObject(spec)])),
      default: { $ref: "#/components/responses/Problem" },
    },
  };
}

function parameterObject(name: string, parameter: Parameter, place: "path" | "query"): object {
  const { description, schema, required = false, example } = parameter;
  const list = schema["type"] === "array";
  return {
    name,
    in: place,
    required: place === "path" || required,
    ...(description !== "" && { description }),
    schema,
    ...(list && { style: "form", explode: true }),
    ...(example !== undefined && { example: list ? example.split(",") : example }),
  };
}

function requestBody(route: Route): object | undefined {
  if (route.rawBody !== undefined) return { required: true, content: contentObject(route.rawBody) };
  if (route.body === undefined) return undefined;
  const { schema, required = false, example } = route.body;
  return { required, content: contentObject({ "application/json": { schema, example } }) };
}

function responseObject({ description, content, headers }: ResponseSpec): object {
  return {
    description,
    ...(headers !== undefined && { headers }),
    ...(content !== undefined && { content: contentObject(content) }),
  };
}

function contentObject(
  content: Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>,
): object {
  return Object.fromEntries(
    Object.entries(content).map(([type, { schema, example }]) => [
      type,
      { schema, ...(example !== undefined && { example }) },
    ]),
  );
}
