import { createApi } from "@headgate/api";
import { createHeadgate, memoryStore } from "@headgate/core";
import { s3Sink } from "@headgate/sink-s3";
import { describe, expect, it } from "vitest";
import { expectShown, filledIn, httpExample } from "./http-examples.ts";
import { fencesOf, readPages } from "./pages.ts";

const page = "docs/guides/rest-api.md";
const fences = fencesOf(page, (await readPages()).get(page) ?? "").filter(({ language }) => language === "http");

const headgate = createHeadgate({ store: memoryStore(), sinks: [s3Sink({ customerEndpoints: "any" })] });
// The S3 examples lead to an address where nothing listens: what is promised is the shape of the answer.
const api = createApi({ headgate, allowInsecureEndpoints: true });
const { token } = await api.tokens.create({ name: "console", role: "admin", organization: "acme" });
const values = new Map([
  ["admin", token],
  ["endpoint", "http://127.0.0.1:9"],
]);

describe("the examples of the page on REST", () => {
  it("are many", () => {
    expect(fences.length).toBeGreaterThan(20);
  });

  // In order: later ones use what earlier ones made.
  for (const { line, text } of fences) {
    const example = httpExample(text);
    it(`${page}:${line} ${example.method} ${example.target} gives ${example.status}`, async () => {
      const { method, target, headers, body, status, answer } = example;
      const filled = Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, filledIn(value, values)]),
      );
      const request = new Request(`http://headgate.test${filledIn(target, values)}`, {
        method,
        headers: filled,
        ...(body !== undefined && { body: filledIn(body, values) }),
      });
      const response = await api.fetch(request);
      const received = await response.text();
      expect([response.status, received]).toEqual([status, expect.anything()]);
      if (answer !== undefined) expectShown(JSON.parse(received), answer, values);
    });
  }
});
