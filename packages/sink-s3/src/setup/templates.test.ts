import { createRequire } from "node:module";
import { loadAwsServiceSpec } from "@aws-cdk/aws-service-spec";
import type { CustomerContext } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import type { S3OperatorOptions } from "../options.ts";
import { s3Sink } from "../s3-sink.ts";

// Its own types bring those of browsers into the whole repository.
const require = createRequire(import.meta.url);
const { parse: parseHcl } = require("@cdktn/hcl2json") as {
  readonly parse: (file: string, text: string) => Promise<unknown>;
};

const context = { organization: "org_1", stream: "stream-1", externalId: "hg-1", allowInsecureEndpoint: false };
const known = {
  bucket: "acme-audit-logs",
  region: "eu-west-1",
  prefix: "headgate/",
  role_arn: "arn:aws:iam::444455556666:role/security/headgate-writer",
  encryption: { mode: "sse-kms", kms_key_arn: "arn:aws:kms:eu-west-1:444455556666:key/1" },
};
const platform: S3OperatorOptions = { platformPrincipal: "arn:aws:iam::111122223333:role/headgate-platform" };
const issuer: S3OperatorOptions = {
  webIdentity: {
    issuer: "https://id.example.com/headgate",
    audience: "sts.amazonaws.com",
    subject: ({ organization, stream }) => `organization:${organization}:stream:${stream}`,
    token: () => Promise.reject(new Error("no token")),
  },
};
const cases: readonly (readonly [string, S3OperatorOptions, Readonly<Record<string, unknown>>])[] = [
  ["with an external id", platform, known],
  ["with an external id, and nothing known yet", platform, {}],
  ["with tokens", issuer, known],
  ["with tokens, and the account unknown", issuer, { bucket: "acme-logs", region: "eu-west-1" }],
];

function template(id: string, operator: S3OperatorOptions, given: object, more: Partial<CustomerContext> = {}): string {
  const guide = s3Sink(operator).customer?.guide({ ...given }, { ...context, ...more });
  return guide?.artifacts.find((one) => one.id === id)?.content ?? "";
}

type Tree = Readonly<Record<string, unknown>>;
interface Resource {
  readonly Type: string;
  readonly Properties: Tree;
}

/** The operators of all conditions of policies in a template. */
function operatorsIn(tree: unknown): readonly string[] {
  if (typeof tree !== "object" || tree === null) return [];
  return Object.entries(tree).flatMap(([name, value]) =>
    name === "Condition" && typeof value === "object" && value !== null ? Object.keys(value) : operatorsIn(value),
  );
}

describe("the CloudFormation template", () => {
  it.each(cases)("%s keeps the names of conditions, also that which YAML takes for nothing", (_, operator, given) => {
    const operators = operatorsIn(parseYaml(template("cloudformation", operator, given)));
    expect(operators).toContain("Null");
    for (const name of operators) expect(name).toMatch(/^[A-Z][A-Za-z]+$/);
  });

  it.each(cases)("%s has the types and the properties that AWS publishes", async (_, operator, given) => {
    const spec = await loadAwsServiceSpec();
    const { Resources } = parseYaml(template("cloudformation", operator, given)) as {
      readonly Resources: Readonly<Record<string, Resource>>;
    };
    expect(Object.keys(Resources)).toContain("HeadgateRole");
    for (const { Type, Properties } of Object.values(Resources)) {
      const [resource] = spec.lookup("resource", "cloudFormationType", "equals", Type);
      const properties = resource?.properties ?? {};
      const required = Object.keys(properties).filter((name) => properties[name]?.required === true);
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(Object.keys(Properties)));
      expect(Object.keys(Properties)).toEqual(expect.arrayContaining(required));
      for (const [name, value] of Object.entries(Properties)) {
        const type = properties[name]?.type.type;
        const found = Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value;
        // Documents of policies may be an object or its text.
        expect([name, found]).toEqual([name, type === "union" || type === "json" ? "object" : type]);
      }
    }
  });
});

describe("the Terraform file", () => {
  const read = async (text: string): Promise<Tree> => (await parseHcl("headgate-role.tf", text)) as Tree;
  const names = (tree: Tree): readonly string[] =>
    Object.entries((tree["resource"] ?? {}) as Tree).flatMap(([type, all]) =>
      Object.keys(all as Tree).map((name) => `${type}.${name}`),
    );

  it.each(cases)("%s is HCL to the parser that Terraform has", async (_, operator, given) => {
    const tree = await read(template("terraform", operator, given));
    expect(names(tree)).toEqual([
      ...(operator.webIdentity === undefined ? [] : ["aws_iam_openid_connect_provider.headgate"]),
      "aws_iam_role.headgate",
      "aws_iam_role_policy.headgate",
      "aws_s3_bucket_policy.headgate",
    ]);
    await expect(read(`${template("terraform", operator, given)}}`)).rejects.toThrow("headgate-role.tf");
  });

  it("stays what it is, whatever the external id looks like", async () => {
    const hostile = fc.oneof(
      fc.string({ unit: "grapheme", minLength: 1 }),
      fc.string({
        unit: fc.constantFrom('"', "\\", "${x}", "%{ if true }", "\n", "\r", "}", "resource", "\u2028", "#", "<<EOT\n"),
        minLength: 1,
      }),
    );
    const plain = await read(template("terraform", platform, known));
    await fc.assert(
      fc.asyncProperty(hostile, async (externalId) => {
        fc.pre(!externalId.includes("\0"));
        const tree = await read(template("terraform", platform, known, { externalId }));
        expect(Object.keys(tree)).toEqual(Object.keys(plain));
        expect(names(tree)).toEqual(names(plain));
      }),
      { numRuns: 60 },
    );
  });
});
