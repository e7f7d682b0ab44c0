import type { CustomerContext, SetupArtifact, SetupGuide } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { s3Sink } from "../s3-sink.ts";
import { recordedCommands } from "../testing/bash.ts";
import { encodedDocuments } from "../testing/hcl.ts";

const principal = "arn:aws:iam::111122223333:role/headgate-platform";
const context: CustomerContext = { organization: "org_1", externalId: "hg-7f3e9a51c0de", allowInsecureEndpoint: false };
const key = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const whole = {
  bucket: "acme-audit-logs",
  region: "eu-west-1",
  prefix: "headgate/",
  role_arn: "arn:aws:iam::444455556666:role/security/headgate-writer",
  encryption: { mode: "sse-kms", kms_key_arn: key },
};

function guideOf(
  given: Readonly<Record<string, unknown>>,
  { externalId = context.externalId, platform = principal }: { externalId?: string; platform?: string | null } = {},
): SetupGuide {
  const sink = s3Sink(platform === null ? {} : { platformPrincipal: platform });
  const guide = sink.customer?.guide(given, { ...context, externalId });
  if (guide === undefined) throw new Error("no guide");
  return guide;
}

function artifact(guide: SetupGuide, id: string): SetupArtifact {
  const found = guide.artifacts.find((candidate) => candidate.id === id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

const policy = (guide: SetupGuide, id: string): unknown => JSON.parse(artifact(guide, id).content);
const texts = ({ steps }: SetupGuide): string => steps.map(({ title, text }) => `${title}: ${text}`).join("\n");
const option = (words: readonly string[] = [], name: string): string | undefined =>
  words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? words[words.indexOf(`--${name}`) + 1];

describe("the guide for S3", () => {
  it("trusts the platform's principal with the external id, and allows to write under the prefix alone", () => {
    const guide = guideOf(whole);
    expect(policy(guide, "trust-policy")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { AWS: principal },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "sts:ExternalId": "hg-7f3e9a51c0de" } },
        },
      ],
    });
    expect(policy(guide, "permission-policy")).toMatchObject({
      Statement: [
        { Effect: "Allow", Action: "s3:PutObject", Resource: "arn:aws:s3:::acme-audit-logs/headgate/*" },
        {
          Effect: "Allow",
          Action: ["kms:GenerateDataKey", "kms:Decrypt"],
          Resource: key,
          Condition: {
            StringEquals: { "kms:ViaService": "s3.eu-west-1.amazonaws.com" },
            StringLike: {
              "kms:EncryptionContext:aws:s3:arn": [
                "arn:aws:s3:::acme-audit-logs",
                "arn:aws:s3:::acme-audit-logs/headgate/*",
              ],
            },
          },
        },
      ],
    });
    expect(policy(guide, "kms-key-statement")).toMatchObject({
      Principal: { AWS: whole.role_arn },
      Action: ["kms:GenerateDataKey", "kms:Decrypt"],
      Resource: "*",
    });
    expect(texts(guide)).toContain("account 444455556666");
    expect(texts(guide)).toContain(principal);
  });

  it("says the same in Terraform and on the command line", () => {
    const guide = guideOf(whole);
    const [trust, permissions] = [policy(guide, "trust-policy"), policy(guide, "permission-policy")];
    const { content } = artifact(guide, "terraform");
    expect(encodedDocuments(content)).toEqual([trust, permissions, policy(guide, "bucket-policy")]);
    expect(content).toMatch(/name +=\s"headgate-writer"\n +path += "\/security\/"/);
    const [create, put, get, ...others] = recordedCommands(artifact(guide, "aws-cli").content);
    expect(others).toEqual([]);
    expect(create?.slice(0, 2)).toEqual(["iam", "create-role"]);
    expect(option(create, "role-name")).toBe("headgate-writer");
    expect(option(create, "path")).toBe("/security/");
    expect(JSON.parse(option(create, "assume-role-policy-document") ?? "")).toEqual(trust);
    expect(put?.slice(0, 2)).toEqual(["iam", "put-role-policy"]);
    expect(JSON.parse(option(put, "policy-document") ?? "")).toEqual(permissions);
    expect(get?.slice(0, 2)).toEqual(["iam", "get-role"]);
  });

  it("has placeholders where nothing was given yet", () => {
    const guide = guideOf({});
    expect(policy(guide, "permission-policy")).toMatchObject({
      Statement: [{ Resource: "arn:aws:s3:::<your-bucket>/*" }],
    });
    expect(artifact(guide, "terraform").content).toContain('"headgate"');
    expect(guide.artifacts.map(({ id }) => id)).toEqual([
      "cloudformation",
      "terraform",
      "aws-cli",
      "trust-policy",
      "permission-policy",
      "bucket-policy",
      "bucket-policy-cli",
    ]);
    expect(texts(guide)).toContain("<your-account-id>");
  });

  it("says plainly what to put where the platform has not said whom to trust", () => {
    const guide = guideOf(whole, { platform: null });
    expect(policy(guide, "trust-policy")).toMatchObject({
      Statement: [{ Principal: { AWS: "<arn-of-the-platform>" } }],
    });
    expect(texts(guide)).toMatch(/has not said which one.*put that in place of <arn-of-the-platform>/);
  });

  it.each([
    ["cn-north-1", "aws-cn", "s3.cn-north-1.amazonaws.com.cn"],
    ["us-gov-west-1", "aws-us-gov", "s3.us-gov-west-1.amazonaws.com"],
    ["eusc-de-east-1", "aws-eusc", "s3.eusc-de-east-1.amazonaws.eu"],
    ["eu-west-1", "aws", "s3.eu-west-1.amazonaws.com"],
  ])("uses the ARNs of the part of AWS that %s is in", (region, partition, service) => {
    const kms = { mode: "dsse-kms", kms_key_arn: `arn:${partition}:kms:${region}:444455556666:key/1` };
    const platform = `arn:${partition}:iam::111122223333:role/headgate`;
    const guide = guideOf({ bucket: "acme-logs", region, encryption: kms }, { platform });
    expect(policy(guide, "permission-policy")).toMatchObject({
      Statement: [
        { Resource: `arn:${partition}:s3:::acme-logs/*` },
        { Condition: { StringEquals: { "kms:ViaService": service } } },
      ],
    });
    expect(policy(guide, "kms-key-statement")).toMatchObject({
      Principal: { AWS: `arn:${partition}:iam::<your-account-id>:role/headgate` },
    });
    expect(texts(guide)).not.toContain("Ask the platform first");
  });

  it("says so where a role of that part of AWS cannot trust the platform", () => {
    expect(texts(guideOf({ region: "cn-north-1" }))).toMatch(/arn:aws-cn cannot trust a principal of arn:aws/);
  });

  it("leaves out what an S3-compatible server does not have, and asks it instead of AWS", () => {
    const guide = guideOf({ ...whole, endpoint: "https://s3.example.com" });
    expect(guide.artifacts.map(({ id }) => id)).not.toContain("cloudformation");
    for (const command of recordedCommands(artifact(guide, "aws-cli").content)) {
      expect(option(command, "endpoint-url")).toBe("https://s3.example.com");
    }
  });

  it("lets nothing that is given get out of its place", () => {
    const nasty = fc.constantFrom(
      "'",
      '"',
      "\\",
      "${aws_x.y}",
      "$(touch x)",
      "`id`",
      "\n",
      "; aws x ;",
      "%{ if }",
      "*",
    );
    const value = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(nasty, fc.string()), { maxLength: 4 }).map((all) => all.join("")),
      fc.nat(),
      fc.constant(null),
    );
    const near = (right: string): fc.Arbitrary<unknown> =>
      fc.oneof(
        value,
        fc.constant(right),
        fc.tuple(fc.constant(right), nasty).map(([a, b]) => a + b),
      );
    const given = fc.record(
      {
        bucket: near(whole.bucket),
        region: near(whole.region),
        prefix: near("it's=(mine)/"),
        role_arn: near(whole.role_arn),
        endpoint: near("https://s3.example.com"),
        encryption: fc.oneof(value, fc.record({ mode: near("sse-kms"), kms_key_arn: near(key) })),
      },
      { requiredKeys: [] },
    );
    // The external id is the platform's own, but what it looks like is not the guide's to know.
    const externalId = fc.oneof(
      fc.constant("hg-1"),
      fc.string({ minLength: 1 }).filter((text) => !text.includes("\0") && text.isWellFormed()),
    );
    fc.assert(
      fc.property(given, externalId, (answers, id) => {
        const guide = guideOf(answers, { externalId: id });
        const [trust, permissions] = [policy(guide, "trust-policy"), policy(guide, "permission-policy")];
        expect(trust).toMatchObject({ Statement: [{ Condition: { StringEquals: { "sts:ExternalId": id } } }] });
        for (const { Resource } of (permissions as { Statement: { Resource: string }[] }).Statement) {
          expect(Resource).toMatch(/^arn:aws:(s3:::[^*?$]+\/[^*?$]*\*|kms:[\w:/-]+)$/);
        }
        const commands = recordedCommands(artifact(guide, "aws-cli").content);
        expect(commands.map(([, name]) => name)).toEqual(["create-role", "put-role-policy", "get-role"]);
        expect(JSON.parse(option(commands[0], "assume-role-policy-document") ?? "")).toEqual(trust);
        expect(JSON.parse(option(commands[1], "policy-document") ?? "")).toEqual(permissions);
        const hcl = guide.artifacts.find(({ id: name }) => name === "terraform")?.content;
        if (hcl !== undefined)
          expect(encodedDocuments(hcl)).toEqual([trust, permissions, policy(guide, "bucket-policy")]);
      }),
      { numRuns: 60 },
    );
  });
});

describe("the guide for web identity", () => {
  const webIdentity = {
    issuer: "https://id.example.com/headgate",
    audience: "sts.amazonaws.com",
    subject: ({ organization, stream }: { organization: string; stream: string }) =>
      `organization:${organization}:stream:${stream}`,
    token: () => Promise.reject(new Error("no token")),
  };
  const guided = (given: Readonly<Record<string, unknown>>, stream = "stream-1"): SetupGuide => {
    const guide = s3Sink({ webIdentity }).customer?.guide(given, { ...context, stream });
    if (guide === undefined) throw new Error("no guide");
    return guide;
  };
  const providerArn = "arn:aws:iam::444455556666:oidc-provider/id.example.com/headgate";
  const statement = {
    Effect: "Allow",
    Principal: { Federated: providerArn },
    Action: "sts:AssumeRoleWithWebIdentity",
    Condition: {
      StringEquals: {
        "id.example.com/headgate:aud": "sts.amazonaws.com",
        "id.example.com/headgate:sub": "organization:org_1:stream:stream-1",
      },
    },
  };

  it("trusts this stream's tokens alone, in every form", () => {
    const guide = guided(whole);
    const trust = { Version: "2012-10-17", Statement: [statement] };
    expect(policy(guide, "trust-policy")).toEqual(trust);
    const { content } = artifact(guide, "terraform");
    const literal = content.replace("local.headgate_provider_arn", JSON.stringify(providerArn));
    expect(encodedDocuments(literal)[0]).toEqual(trust);
    expect(content).toMatch(
      /headgate_provider_arn = "arn:aws:iam::444455556666:oidc-provider\/id.example.com\/headgate"/,
    );
    // The account has the provider already when the first command, whose output nobody sees, succeeds.
    const cli = artifact(guide, "aws-cli").content;
    const [create, put, get] = recordedCommands(cli);
    expect([create?.[1], put?.[1], get?.[1]]).toEqual(["create-role", "put-role-policy", "get-role"]);
    expect(JSON.parse(option(create, "assume-role-policy-document") ?? "")).toEqual(trust);
    const [provider] = recordedCommands(cli.replace("aws iam get-open-id-connect-provider", "false"));
    expect(provider?.slice(0, 2)).toEqual(["iam", "create-open-id-connect-provider"]);
    expect(option(provider, "url")).toBe("https://id.example.com/headgate");
    expect(option(provider, "client-id-list")).toBe("sts.amazonaws.com");
    expect(JSON.stringify(guide)).not.toContain(context.externalId);
    expect(texts(guide)).toContain("organization:org_1:stream:stream-1");
  });

  it("lets the command line and the templates find the account out, where it is not known", () => {
    const guide = guided({ bucket: "acme-logs", region: "eu-west-1" });
    expect(artifact(guide, "terraform").content).toContain(
      "arn:aws:iam::${data.aws_caller_identity.headgate.account_id}:oidc-provider/id.example.com/headgate",
    );
    expect(artifact(guide, "cloudformation").content).toContain(
      '"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:oidc-provider/id.example.com/headgate"',
    );
    expect(artifact(guide, "aws-cli").content).not.toContain("<your-account-id>");
  });

  it("is a choice where the platform has both, and the external id's way is the usual one", () => {
    const { customer } = s3Sink({ webIdentity, platformPrincipal: principal });
    expect(customer?.schema).toMatchObject({ properties: { access: { default: "assume_role" } } });
    expect(s3Sink({ webIdentity }).customer?.schema).toMatchObject({
      properties: { access: { default: "web_identity" } },
    });
    expect(s3Sink().customer?.schema).not.toHaveProperty("properties.access");
    const given = { bucket: "acme-logs", region: "eu-west-1", role_arn: whole.role_arn };
    for (const access of ["assume_role", "web_identity"]) {
      const options = customer?.options({ ...given, access }, context);
      expect(options?.credentials).toHaveProperty(access === "web_identity" ? "webIdentity" : "assumeRole");
      expect(options && customer?.given(options)).toEqual({ ...given, access });
    }
    expect(customer?.options(given, context)).toHaveProperty("credentials.assumeRole");
  });
});

describe("the policy for the bucket", () => {
  it("refuses plain http, other encryption and overwriting", () => {
    const guide = guideOf(whole);
    const objects = "arn:aws:s3:::acme-audit-logs/headgate/*";
    const deny = { Effect: "Deny", Principal: "*" };
    const write = { ...deny, Action: "s3:PutObject", Resource: objects };
    const condition = { "s3:x-amz-server-side-encryption-aws-kms-key-id": key };
    expect(policy(guide, "bucket-policy")).toMatchObject({
      Statement: [
        { ...deny, Action: "s3:*", Condition: { Bool: { "aws:SecureTransport": "false" } } },
        { ...write, Condition: { StringNotEquals: { "s3:x-amz-server-side-encryption": "aws:kms" } } },
        { ...write, Condition: { StringNotEquals: condition } },
        { ...write, Condition: { Null: { "s3:if-none-match": "true" } } },
      ],
    });
    const [put] = recordedCommands(artifact(guide, "bucket-policy-cli").content);
    expect(put?.slice(0, 2)).toEqual(["s3api", "put-bucket-policy"]);
    expect(JSON.parse(option(put, "policy") ?? "")).toEqual(policy(guide, "bucket-policy"));
    // What asks for no encryption must not be made to.
    const { Statement } = policy(guideOf({}), "bucket-policy") as { readonly Statement: readonly { Sid: string }[] };
    expect(Statement.map(({ Sid }) => Sid)).toEqual(["DenyPlainHttp", "DenyOverwriting"]);
  });
});

describe("platformPrincipal", () => {
  it.each(["headgate", "arn:aws:sts::111122223333:assumed-role/headgate/session", "*", "111122223333"])(
    "is refused as %s",
    (platformPrincipal) => {
      expect(() => s3Sink({ platformPrincipal })).toThrow(/principal is no ARN/);
    },
  );
});
