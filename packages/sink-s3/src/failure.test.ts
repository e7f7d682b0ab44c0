import { describe, expect, it } from "vitest";
import { readAwsError } from "./aws-error.ts";
import { sinkFailure } from "./failure.ts";
import { s3Rule } from "./s3-faults.ts";
import { resolveDestination } from "./settings.ts";

const destination = resolveDestination({ bucket: "acme-logs", endpoint: "https://s3.example.com" }, () => {});

function failureOf(name: string, status: number): ReturnType<typeof sinkFailure> {
  const error = readAwsError({ name, message: "a free text", $metadata: { httpStatusCode: status } });
  const rule = s3Rule(error);
  if (rule === undefined) throw new Error("no rule");
  return sinkFailure("S3", rule, error, destination);
}

describe("sinkFailure", () => {
  it.each(["InvalidRequest", "InvalidArgument"])(
    "says that %s refused the settings, and which may be meant",
    (name) => {
      const { message, hint, vendorCode } = failureOf(name, 400);
      expect(message).toBe(
        `S3 refuses the settings of the stream (${name}, bucket "acme-logs" at acme-logs.s3.example.com).`,
      );
      expect(vendorCode).toBe(name);
      for (const option of ["object_lock", "storage_class", "tags", "encryption"]) expect(hint).toContain(option);
    },
  );

  it("keeps the code of other refusals, and every free text, out of the message", () => {
    expect(failureOf("AccessDenied", 403).message).not.toContain("AccessDenied");
    expect(failureOf("InvalidStorageClass", 400).message).not.toContain("free text");
  });
});
