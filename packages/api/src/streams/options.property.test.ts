import { datadogSink } from "@headgate/sink-datadog";
import { s3Sink } from "@headgate/sink-s3";
import { splunkSink } from "@headgate/sink-splunk";
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import type { JsonSchema } from "../route.ts";
import { awkwardText, valuesOf } from "../testing/schema-arbitrary.ts";
import { createStreamWorld } from "../testing/stream-world.ts";

const numRuns = Number(process.env["HEADGATE_FUZZ_RUNS"] ?? 150);
const definitions = [s3Sink({ customerEndpoints: "any" }), splunkSink(), datadogSink()] as const;
const world = createStreamWorld(definitions as never);
afterAll(() => world[Symbol.asyncDispose]());
const setup = definitions.flatMap(({ type, customer }) =>
  customer === undefined ? [] : [{ type, schema: customer.schema }],
);

/** Options that follow a sink's schema now and then: examples of its own, awkward texts, anything. */
function optionsOf(schema: JsonSchema): fc.Arbitrary<object> {
  const properties = schema["properties"] as Readonly<Record<string, JsonSchema>>;
  const members = Object.entries(properties).map(([name, member]) => {
    const examples = (member["examples"] ?? member["enum"] ?? []) as readonly unknown[];
    const usual = examples.length > 0 ? fc.constantFrom(...examples) : valuesOf(member);
    const value = fc.oneof(
      { arbitrary: usual, weight: 6 },
      { arbitrary: valuesOf(member), weight: 1 },
      { arbitrary: awkwardText, weight: 1 },
    );
    return [name, value] as const;
  });
  return fc.record(Object.fromEntries(members), {
    requiredKeys: [...((schema["required"] ?? []) as readonly string[])],
  });
}

describe.each(setup)("options of $type", ({ type, schema }) => {
  it("whatever they are, make a guide, and a stream or a problem that says where it is, never a defect", async () => {
    let created = 0;
    await fc.assert(
      fc.asyncProperty(optionsOf(schema), async (options) => {
        const guide = await world.admin("o", "POST", `/setup/${type}`, { body: { options } });
        expect([guide.status === 200 || guide.status === 400, guide.body]).toEqual([true, guide.body]);
        const { status, body } = await world.admin("o", "POST", "/streams", { body: { sink: type, options } });
        expect([status < 500, body]).toEqual([true, body]);
        if (status !== 201) return;
        created++;
        // What is shown can be given back as it is.
        const path = `/streams/${String(body["id"])}`;
        const patched = await world.admin("o", "PATCH", path, { body: { options: body["options"] } });
        expect([patched.status, patched.body["options"]]).toEqual([200, body["options"]]);
        await world.admin("o", "DELETE", `${path}?abandon_pending=true`);
      }),
      { numRuns },
    );
    expect(created).toBeGreaterThan(0);
  });
});
