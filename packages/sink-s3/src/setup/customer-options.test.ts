import type { CustomerContext, CustomerSetup } from "@headgate/core";
import { sinkContext } from "@headgate/sink-testkit";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { S3OperatorOptions, S3SinkOptions } from "../options.ts";
import { s3Sink } from "../s3-sink.ts";

const context: CustomerContext = { organization: "org_1", externalId: "hg-7f3e9a51c0de", allowInsecureEndpoint: false };
const roleArn = "arn:aws:iam::444455556666:role/headgate";
const minimal = { bucket: "acme-audit-logs", region: "eu-west-1", role_arn: roleArn };
const key = "arn:aws:kms:eu-west-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab";

function customer(operator?: S3OperatorOptions): CustomerSetup<S3SinkOptions> {
  const setup = s3Sink(operator).customer;
  if (setup === undefined) throw new Error("no set-up");
  return setup;
}

describe("what a customer gives for S3", () => {
  it("becomes options that assume the role with the organization's external id", () => {
    const options = customer().options({ ...minimal, prefix: "headgate/", compression: "gzip" }, context);
    expect(options).toEqual({
      bucket: "acme-audit-logs",
      region: "eu-west-1",
      prefix: "headgate/",
      compression: "gzip",
      credentials: { assumeRole: { roleArn, externalId: "hg-7f3e9a51c0de" } },
    });
    expect(s3Sink().create(options, sinkContext()).name).toBe("s3");
  });

  it("comes back as it was given, without the external id", () => {
    const mode = fc.constantFrom("aws-default", "sse-s3", "sse-kms", "dsse-kms");
    const given = fc.record(
      {
        bucket: fc.constant("acme-audit-logs"),
        region: fc.constant("eu-west-1"),
        role_arn: fc.constant(roleArn),
        prefix: fc.constantFrom("", "headgate/", "a/b/"),
        encryption: mode.map((name) => ({
          mode: name,
          ...(name.endsWith("-kms") && { kms_key_arn: key }),
          ...(name === "sse-kms" && { bucket_key: true }),
        })),
        compression: fc.constantFrom("none", "gzip", "zstd"),
        layout: fc.constantFrom("iso", "basic"),
        storage_class: fc.constantFrom("STANDARD_IA", "GLACIER_IR"),
        expected_bucket_owner: fc.constant("444455556666"),
      },
      { requiredKeys: ["bucket", "region", "role_arn"] },
    );
    fc.assert(
      fc.property(given, (answers) => {
        const shown = customer().given(customer().options(answers, context));
        expect(shown).toEqual(answers);
        expect(JSON.stringify(shown)).not.toContain(context.externalId);
      }),
    );
  });

  it.each([
    ["http://s3.example.com", /plain http or a private address/],
    ["https://127.0.0.1:9000", /plain http or a private address/],
    ["https://169.254.169.254", /plain http or a private address/],
  ])("may not name %s unless the operator allows it", (endpoint, problem) => {
    const given = { ...minimal, endpoint, force_path_style: true };
    const setup = customer({ customerEndpoints: "any" });
    expect(() => setup.options(given, context)).toThrow(problem);
    const allowed = setup.options(given, { ...context, allowInsecureEndpoint: true });
    expect(allowed).toMatchObject({ endpoint, forcePathStyle: true, allowInsecureEndpoint: true });
  });

  it("may not name a role of the platform's own account", () => {
    const platformPrincipal = "arn:aws:iam::444455556666:role/headgate-platform";
    expect(() => customer({ platformPrincipal }).options(minimal, context)).toThrow(/the platform's own account/);
  });

  it("may name the S3-compatible servers that the operator allows, and no other", () => {
    const given = { ...minimal, endpoint: "https://s3.example.com", role_arn: "arn:aws:iam:::role/headgate" };
    const fields = ({ schema }: CustomerSetup<S3SinkOptions>): object => Reflect.get(schema, "properties") as object;
    for (const customerEndpoints of ["any", ["https://s3.example.com", "https://other.example.com"]] as const) {
      const allowing = customer({ customerEndpoints });
      expect(fields(allowing)).toHaveProperty("endpoint");
      expect(allowing.options(given, context)).not.toHaveProperty("allowInsecureEndpoint");
    }
    expect(fields(customer())).not.toHaveProperty("endpoint");
    for (const customerEndpoints of [undefined, [], ["https://other.example.com"]] as const) {
      const denying = customer(customerEndpoints && { customerEndpoints });
      expect(() => denying.options(given, context)).toThrow(/does not allow the endpoint/);
    }
  });

  it.each([
    ["arn:aws:iam:::role/headgate", /lacks the account id/],
    ["arn:aws-cn:iam::444455556666:role/headgate", /another part of AWS/],
    ["headgate", /no ARN of a role/],
  ])("is refused with the role %s", (role_arn, problem) => {
    expect(() => customer().options({ ...minimal, role_arn }, context)).toThrow(problem);
  });

  it("never keeps credentials of an operator's stream, and keeps what only an operator sets", () => {
    const previous: S3SinkOptions = {
      bucket: "platform-bucket",
      region: "eu-west-1",
      credentials: "defaultChain",
      allowInsecureEndpoint: true,
      tags: { team: "security" },
      compression: "gzip",
      level: 9,
    };
    expect(customer().options({ ...minimal, compression: "zstd" }, context, previous)).toEqual({
      bucket: "acme-audit-logs",
      region: "eu-west-1",
      compression: "zstd",
      tags: { team: "security" },
      credentials: { assumeRole: { roleArn, externalId: context.externalId } },
    });
  });

  it("shows nothing of credentials that are not a customer's", () => {
    const shown = customer().given({ bucket: "platform-bucket", region: "eu-west-1", credentials: "defaultChain" });
    expect(shown).toEqual({ bucket: "platform-bucket", region: "eu-west-1" });
  });

  it("has no member in its schema that reaches into the platform", () => {
    const { properties } = customer().schema as { properties: Readonly<Record<string, unknown>> };
    expect(Object.keys(properties)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/credentials|static|external|timeouts|allow/)]),
    );
    const patterns = JSON.stringify(properties).matchAll(/"pattern":("(?:[^"\\]|\\.)*")/g);
    for (const [, text = ""] of patterns) {
      const pattern = JSON.parse(text) as string;
      expect([new RegExp(pattern, "u"), new RegExp(pattern, "v")]).toHaveLength(2);
    }
    for (const member of Object.values(properties)) {
      expect(member).toMatchObject({ title: expect.any(String) as string, description: expect.any(String) as string });
    }
  });
});
