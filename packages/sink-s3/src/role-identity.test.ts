import { secret } from "@headgate/core";
import { describe, expect, it } from "vitest";
import type { S3Credentials } from "./options.ts";
import { roleIdentity } from "./role-identity.ts";

const arn = "arn:aws:iam::444455556666:role/Acme";
const assumed = (roleArn: string): { readonly credentials: S3Credentials } => ({
  credentials: { assumeRole: { roleArn, externalId: "hg-1" } },
});
const identity = (options: Partial<Parameters<typeof roleIdentity>[0]>): string | undefined =>
  roleIdentity({ bucket: "b", ...options });

describe("the role of a stream", () => {
  it("is the same however it is named and had, wherever the bucket is reached", () => {
    const same = [
      { roleArn: arn, externalId: "hg-2" },
      assumed(arn),
      assumed(arn.toUpperCase()),
      { credentials: { webIdentity: { roleArn: arn } } },
      { ...assumed(arn), endpoint: "https://s3.eu-west-1.amazonaws.com", prefix: "p/" },
      { ...assumed(arn), endpoint: "https://s3.example.com" },
    ].map(identity);
    expect(new Set(same)).toEqual(new Set([arn.toLowerCase()]));
    expect(identity(assumed(`${arn}2`))).not.toBe(same[0]);
  });

  it("is one server's alone where its ARN names no account of AWS", () => {
    const at = (endpoint: string): string | undefined =>
      identity({ ...assumed("arn:aws:iam:::role/headgate"), endpoint });
    const one = at("https://s3.one.example");
    expect(["https://S3.one.example./", "https://s3.one.example:443", "http://s3.one.example"].map(at)).toEqual([
      one,
      one,
      one,
    ]);
    expect(at("https://s3.one.example:9000")).not.toBe(one);
    expect(at("https://s3.two.example")).not.toBe(one);
  });

  it("is none where the stream has credentials of its own or the process's", () => {
    const keys = { accessKeyId: "A", secretAccessKey: secret("s") };
    for (const credentials of ["defaultChain", { static: keys }] as const)
      expect(identity({ credentials })).toBe(undefined);
    expect(identity({})).toBe(undefined);
  });
});
