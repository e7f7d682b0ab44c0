import { describe, expect, it } from "vitest";
import { startStrictSts } from "./strict-sts.ts";

const caller = { accessKeyId: "AKIA", secretAccessKey: "secret", arn: "arn:aws:iam::111122223333:user/platform" };

describe("startStrictSts", () => {
  it("gives nothing to whoever does not sign, and passes nothing on without an upstream", async () => {
    await using sts = await startStrictSts({ callers: [caller], roles: {} });
    const unsigned = await fetch(sts.endpoint, {
      method: "POST",
      body: new URLSearchParams({ Action: "AssumeRole", Version: "2011-06-15", RoleArn: "arn:aws:iam::1:role/r" }),
    });
    expect({ status: unsigned.status, body: await unsigned.text() }).toMatchObject({
      status: 403,
      body: expect.stringContaining("<Code>AccessDenied</Code>") as string,
    });
    expect(sts.requests).toEqual([]);
    expect((await fetch(sts.endpoint)).status).toBe(501);
  });
});
