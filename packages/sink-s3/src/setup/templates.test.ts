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

/**
 * References to resources that a condition may leave out, from where that condition does not hold:
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference-conditions.html. Only within
 * `Fn::If` is such a reference none while the condition is false; `DependsOn` has no such form.
 */
function danglingIn({ Resources, ...others }: Tree): readonly string[] {
  const resources = Resources as Readonly<Record<string, Tree>>;
  const conditionOf = (name: unknown): unknown => resources[String(name).split(".")[0] ?? ""]?.["Condition"];
  function dangling(tree: unknown, held: readonly unknown[], path: string): readonly string[] {
    if (typeof tree !== "object" || tree === null) return [];
    return Object.entries(tree).flatMap(([name, value]: [string, unknown]): readonly string[] => {
      const at = `${path}/${name}`;
      if (name === "Fn::If" && Array.isArray(value)) {
        const [condition, then, otherwise] = value as readonly unknown[];
        return [...dangling(then, [...held, condition], at), ...dangling(otherwise, held, at)];
      }
      const text = name === "Fn::Sub" ? [value].flat()[0] : undefined;
      const named = [
        ...(name === "Ref" ? [value] : []),
        ...(name === "Fn::GetAtt" ? [[value].flat()[0]] : []),
        ...(name === "DependsOn" ? [value].flat() : []),
        ...(typeof text === "string" ? [...text.matchAll(/\$\{([\w.]+)\}/g)].map(([, one]) => one) : []),
      ].map(conditionOf);
      const lost = named.some((condition) => condition !== undefined && !held.includes(condition));
      return [...(lost ? [at] : []), ...dangling(value, held, at)];
    });
  }
  const parts = Object.entries({ ...resources, ...(others["Outputs"] as Tree) });
  return parts.flatMap(([name, part]) => dangling(part, [(part as Tree)["Condition"]], name));
}

describe("references in the CloudFormation template", () => {
  it.each(cases)("%s lead to nothing that a condition leaves out", (_, operator, given) => {
    expect(danglingIn(parseYaml(template("cloudformation", operator, given)) as Tree)).toEqual([]);
  });

  it("are found where they do", () => {
    const made = { Condition: "Makes", Type: "AWS::IAM::OIDCProvider" };
    const arn = { "Fn::GetAtt": ["Made", "Arn"] };
    const found = danglingIn({
      Resources: {
        Made: made,
        Sister: { ...made, DependsOn: "Made", Value: arn },
        Role: {
          DependsOn: ["Other", "Made"],
          Good: { "Fn::If": ["Makes", { Ref: "Made" }, "none"] },
          Turned: { "Fn::If": ["Makes", "none", { Ref: "Made" }] },
          Text: { "Fn::Sub": "${AWS::AccountId} ${Made.Arn}" },
        },
      },
      Outputs: { Arn: { Value: arn } },
    });
    expect(found).toEqual(["Role/DependsOn", "Role/Turned/Fn::If/Ref", "Role/Text/Fn::Sub", "Arn/Value/Fn::GetAtt"]);
  });
});

/**
 * Arguments of the Terraform AWS provider; `!` marks what must be there. Read in the provider's own pages,
 * https://github.com/hashicorp/terraform-provider-aws/tree/main/website/docs (r/iam_role, r/iam_role_policy,
 * r/iam_openid_connect_provider, r/s3_bucket_policy, d/caller_identity), in Terraform's for what every block takes.
 */
const terraformArguments: Readonly<Record<string, string>> = {
  aws_iam_role:
    "assume_role_policy! description force_detach_policies inline_policy managed_policy_arns max_session_duration name name_prefix path permissions_boundary tags",
  aws_iam_role_policy: "name name_prefix policy! role!",
  aws_iam_openid_connect_provider: "url! client_id_list! thumbprint_list tags",
  aws_s3_bucket_policy: "bucket! policy!",
  aws_caller_identity: "",
  variable: "type default description validation sensitive nullable",
  output: "value! description sensitive depends_on",
};
/** Of resources and data sources: https://developer.hashicorp.com/terraform/language/meta-arguments */
const metaArguments = ["count", "depends_on", "for_each", "lifecycle", "provider", "provisioner", "connection"];
/** Attributes that the provider gives beside its arguments, of which the file may speak. */
const terraformAttributes: Readonly<Record<string, readonly string[]>> = {
  aws_iam_role: ["arn", "create_date", "id", "name", "unique_id"],
  aws_iam_openid_connect_provider: ["arn"],
  aws_caller_identity: ["account_id", "arn", "id", "user_id"],
};

/** What is wrong with a file's blocks by those tables; the parser gives them as lists by type and name. */
function terraformProblems(tree: Tree): readonly string[] {
  const problems: string[] = [];
  const blocks = (["resource", "data"] as const).flatMap((kind) =>
    Object.entries((tree[kind] ?? {}) as Tree).flatMap(([type, named]) =>
      Object.values(named as Readonly<Record<string, readonly Tree[]>>).flatMap((list) =>
        list.map((block) => [type, block, metaArguments] as const),
      ),
    ),
  );
  const others = (["variable", "output"] as const).flatMap((type) =>
    Object.values((tree[type] ?? {}) as Readonly<Record<string, readonly Tree[]>>).flatMap((list) =>
      list.map((block) => [type, block, []] as const),
    ),
  );
  for (const [type, block, more] of [...blocks, ...others]) {
    const taken = terraformArguments[type]?.split(" ").filter(Boolean);
    if (taken === undefined) problems.push(`${type} is no type that is known`);
    const names = new Set([...(taken ?? []).map((name) => name.replace("!", "")), ...more]);
    for (const name of Object.keys(block)) if (!names.has(name)) problems.push(`${type} has no argument ${name}`);
    for (const name of taken ?? [])
      if (name.endsWith("!") && !(name.slice(0, -1) in block)) problems.push(`${type} needs ${name.slice(0, -1)}`);
  }
  for (const [, type = "", attribute = ""] of JSON.stringify(tree).matchAll(/\b(aws_\w+)\.headgate\.(\w+)/g))
    if (terraformAttributes[type]?.includes(attribute) !== true) problems.push(`${type} has no attribute ${attribute}`);
  return problems;
}

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

  it.each(cases)("%s has the types, arguments and attributes that the provider has", async (_, operator, given) => {
    const text = template("terraform", operator, given);
    expect(terraformProblems(await read(text))).toEqual([]);
    for (const [from, to, problem] of [
      ["max_session_duration", "session_duration", "aws_iam_role has no argument session_duration"],
      ['"aws_iam_role_policy"', '"aws_iam_policy_of_role"', "aws_iam_policy_of_role is no type that is known"],
      ["  bucket =", "  tags   =", "aws_s3_bucket_policy needs bucket"],
      ["= aws_iam_role.headgate.arn", "= aws_iam_role.headgate.role_arn", "aws_iam_role has no attribute role_arn"],
      ["  value  ", "  values ", "output needs value"],
    ] as const) {
      expect(text).toContain(from);
      expect(terraformProblems(await read(text.replace(from, to)))).toContain(problem);
    }
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
