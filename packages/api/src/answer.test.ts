import { expect, it } from "vitest";
import { json, rawJson } from "./answer.ts";

it("puts JSON text in as it stands, numbers and depth included", async () => {
  const deep = `${"[".repeat(100_000)}1.10${"]".repeat(100_000)}`;
  const response = json(200, { events: [rawJson(deep), rawJson('{"$&": 12345678901234567890}')], more: "x" });
  expect(await response.text()).toBe(`{"events":[${deep},{"$&": 12345678901234567890}],"more":"x"}`);
});
