import { isHeadgateError } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { endpointUrl } from "./endpoint-url.ts";
import type { EgressOptions } from "./guard.ts";

function refusal(text: string, options: EgressOptions = {}): string {
  try {
    endpointUrl(text, { name: "url", ...options });
  } catch (error) {
    if (isHeadgateError(error, "sink_options_invalid")) return error.message;
    throw error;
  }
  return "";
}

describe("endpointUrl", () => {
  it("takes https on any port", () => {
    expect(endpointUrl("https://hec.example.com:8088", { name: "url" }).host).toBe("hec.example.com:8088");
    expect(endpointUrl("https://hec.example.com/base/", { name: "url" }).pathname).toBe("/base/");
  });

  it.each([
    "http://hec.example.com",
    "https://127.0.0.1",
    "https://2130706433",
    "https://0x7f.1",
    "https://[::ffff:169.254.169.254]",
    "https://localhost:8088",
    "https://a.localhost.",
    "ftp://hec.example.com",
    "hec.example.com:8088",
    "https://",
    "",
    "file:///etc/passwd",
  ])("refuses %s and names the option", (text) => {
    expect(refusal(text)).toMatch(/^url /);
  });

  it("never repeats what may be a password or a token", () => {
    for (const text of [
      "https://user:s3cret@hec.example.com",
      "https://hec.example.com/?token=s3cret",
      "https://h/#s3cret",
    ]) {
      expect(refusal(text)).not.toBe("");
      expect(refusal(text)).not.toContain("s3cret");
    }
  });

  it("takes what the operator allows: an address of the list by https alone, anything where it says insecure", () => {
    expect(refusal("https://10.20.0.5:8088", { allow: ["10.20.0.0/16"] })).toBe("");
    expect(refusal("https://10.21.0.5:8088", { allow: ["10.20.0.0/16"] })).not.toBe("");
    expect(refusal("http://10.20.0.5:8088", { allow: ["10.20.0.0/16"] })).not.toBe("");
    expect(refusal("https://localhost", { allow: ["127.0.0.0/8"] })).toBe("");
    expect(refusal("http://127.0.0.1:8088", { insecure: true })).toBe("");
  });
});
