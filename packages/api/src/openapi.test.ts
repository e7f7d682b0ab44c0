import { generateKeyPairSync } from "node:crypto";
import { compileSchema, digestSigner } from "@headgate/core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { afterAll, describe, expect, it } from "vitest";
import { frameScenario } from "./testing/frame-scenario.ts";
import { type Notes, organization, type ScenarioStep } from "./testing/scenario.ts";
import { streamsScenario } from "./testing/streams-scenario.ts";
import { createWorld } from "./testing/world.ts";

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<
    Record<
      string,
      { readonly content?: Readonly<Record<string, { readonly schema: Readonly<Record<string, unknown>> }>> }
    >
  >;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const scenarios = [frameScenario, streamsScenario];
const signingKey = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" });
const world = createWorld({
  digests: { signer: digestSigner({ key: String(signingKey) }) },
  sinks: scenarios.flatMap(({ sinks = [] }) => sinks),
  metrics: async () => ({ contentType: "text/plain; version=0.0.4", body: "up 1\n" }),
  allowInsecureEndpoints: true,
  limits: { requestsPerMinute: 100_000 },
});
afterAll(() => world[Symbol.asyncDispose]());
const document = world.api.openapi as Document;
const steps = scenarios.flatMap((scenario) => scenario.steps);
const notes: Notes = new Map();

const operations = new Map(
  Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [operation.operationId, { path, method, operation }] as const),
  ),
);

describe("the OpenAPI document", () => {
  it("is valid", async () => {
    const { valid, errors } = await new Validator().validate(
      structuredClone(document) as unknown as Record<string, unknown>,
    );
    expect([valid, errors]).toEqual([true, undefined]);
  });

  it("holds schemas that compile", () => {
    const compiled = [...operations.values()].flatMap(({ operation }) =>
      Object.values(operation.responses).flatMap(({ content = {} }) =>
        Object.values(content).map(({ schema }) => compileSchema(schema)),
      ),
    );
    expect(compiled.length).toBeGreaterThan(10);
  });

  it("names each operation that the scenario calls, and has each called", () => {
    expect(new Set(steps.map(({ operation }) => operation))).toEqual(new Set(operations.keys()));
  });
});

/** An answer of a documented status, its JSON held to the schema. */
async function play(step: ScenarioStep): Promise<void> {
  const { path, method, operation } = operations.get(step.operation) ?? { path: "", method: "", operation: undefined };
  await step.before?.(world, notes);
  const values = { organization, ...step.path?.(notes) };
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: keyof typeof values) => encodeURIComponent(values[name]));
  const token =
    step.as === "nobody"
      ? undefined
      : await world.token(step.as ?? "admin", step.as === "operator" ? undefined : organization);
  const response = await world.ask(method.toUpperCase(), target + (step.query ?? ""), {
    ...(token !== undefined && { token }),
    ...step.asked?.(notes),
  });
  const type = response.headers.get("content-type")?.split(";")[0] ?? "";
  // Live answers have no end: what has begun is looked at.
  const text = type === "text/event-stream" ? await firstFrame(response) : await response.text();
  expect([response.status, response.status === step.status ? "" : text]).toEqual([step.status, ""]);
  const content = operation?.responses[String(step.status)]?.content;
  expect(content === undefined ? text : Object.keys(content)).toEqual(
    content === undefined ? "" : expect.arrayContaining([type]),
  );
  if (type !== "application/json") return;
  const body = JSON.parse(text) as unknown;
  expect(compileSchema(content?.[type]?.schema ?? {})(body)).toBe(undefined);
  step.after?.(body, notes);
}

async function firstFrame(response: Response): Promise<string> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const { value } = await reader.read();
  await reader.cancel();
  return new TextDecoder().decode(value);
}

describe("every operation answers as its document says", () => {
  for (const step of steps) {
    it(`${step.operation} ${step.query ?? ""} gives ${step.status}`, async () => {
      expect(operations.has(step.operation)).toBe(true);
      await play(step);
    });
  }
});
