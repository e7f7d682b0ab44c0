import type { CustomerContext, SetupGuide } from "@headgate/core";
import { describe, expect, it } from "vitest";
import type { S3OperatorOptions } from "../options.ts";
import { s3Sink } from "../s3-sink.ts";
import type { Policy, PolicyRequest } from "../testing/policy-evaluation.ts";
import { policyVerdict } from "../testing/policy-evaluation.ts";
import type { Expected } from "../testing/policy-requests.ts";
import {
  bucketRequests,
  keyRequests,
  otherKeyRequests,
  permissionRequests,
  policySubject,
  trustRequests,
  webIdentityRequests,
} from "../testing/policy-requests.ts";

const { role, key, platform, externalId, issuer, audience, subject } = policySubject;
const given = {
  bucket: "acme-audit-logs",
  region: "eu-west-1",
  prefix: "headgate/",
  role_arn: role,
  encryption: { mode: "sse-kms", kms_key_arn: key },
};
const context: CustomerContext = {
  organization: "org_1",
  stream: "stream-1",
  externalId,
  allowInsecureEndpoint: false,
};

function policiesOf(operator: S3OperatorOptions): (id: string) => Policy {
  const guide = s3Sink(operator).customer?.guide(given, context) as SetupGuide;
  return (id) => JSON.parse(guide.artifacts.find((one) => one.id === id)?.content ?? "") as Policy;
}

const withExternalId = policiesOf({ platformPrincipal: platform });
const withToken = policiesOf({
  webIdentity: { issuer, audience, subject: () => subject, token: () => Promise.reject(new Error("no token")) },
});

/** What policies make of requests: all that one of them allows and none of them refuses. */
function allowed(policies: readonly Policy[], request: PolicyRequest): boolean {
  const verdicts = new Set(policies.map((policy) => policyVerdict(policy, request)));
  return verdicts.has("allow") && !verdicts.has("deny");
}
const outcomes = (policies: readonly Policy[], requests: readonly Expected[]): readonly unknown[] =>
  requests.map(([what, request]) => [what, allowed(policies, request)]);
const expected = (requests: readonly Expected[]): readonly unknown[] => requests.map(([what, , may]) => [what, may]);

describe("the policies that the guide writes", () => {
  const permissions = withExternalId("permission-policy");

  it("let the role write under its prefix, use its key through S3, and do nothing else", () => {
    for (const requests of [permissionRequests, keyRequests, otherKeyRequests])
      expect(outcomes([permissions], requests)).toEqual(expected(requests));
    expect(withToken("permission-policy")).toEqual(permissions);
  });

  it("let the key's own policy say the same", () => {
    const statement = withExternalId("kms-key-statement") as unknown as Policy["Statement"][number];
    const policy = { Statement: [statement] };
    expect(outcomes([policy], keyRequests)).toEqual(expected(keyRequests));
    for (const [, request] of keyRequests)
      expect(policyVerdict(policy, { ...request, principal: platform })).toBeUndefined();
  });

  it("let the bucket refuse all but what the sink does", () => {
    const policies = [permissions, withExternalId("bucket-policy")];
    expect(outcomes(policies, bucketRequests)).toEqual(expected(bucketRequests));
    // It allows nothing by itself, to nobody.
    for (const [, request] of bucketRequests)
      expect(policyVerdict(withExternalId("bucket-policy"), request)).not.toBe("allow");
  });

  it("trust the platform with the external id, and nobody else", () => {
    expect(outcomes([withExternalId("trust-policy")], trustRequests)).toEqual(expected(trustRequests));
  });

  it("trust this stream's tokens, and no others", () => {
    expect(outcomes([withToken("trust-policy")], webIdentityRequests)).toEqual(expected(webIdentityRequests));
  });
});
