import { describe, expect, it } from "vitest";
import { eventSchema } from "./event-schema.ts";

describe("schema/event-v1.json", () => {
  it("is the schema that the code checks by", async () => {
    await expect(`${JSON.stringify(eventSchema, null, 2)}\n`).toMatchFileSnapshot("../schema/event-v1.json");
  });
});
