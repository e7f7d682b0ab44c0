import { type ActionDefinition, createPreparer } from "@headgate/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { catalog, type CiEvent, type CiMetadata } from "./index.ts";

interface ObjectSchema {
  readonly required: readonly string[];
  readonly properties: Readonly<Record<string, object>>;
  readonly additionalProperties: boolean;
}

const actions = Object.entries<ActionDefinition>(catalog.actions);

describe("catalog", () => {
  it("names about eighty actions or more, in words with dots between them", () => {
    expect(actions.length).toBeGreaterThan(80);
    for (const [action] of actions) expect(action).toMatch(/^[a-z_]+(\.[a-z_]+)+$/);
  });

  it("ends every name with what has been done", () => {
    const odd = actions
      .map(([action]) => action)
      .filter((action) => !/(ed|granted|withdrawn|signed_in|signed_out|rolled_back)$/.test(action));
    expect(odd).toEqual([]);
  });

  it.each(actions)("describes %s in one sentence and closes its metadata", (_action, { description, metadata }) => {
    expect(description).toMatch(/^[A-Z][^.]*\.$/);
    const schema = metadata as unknown as ObjectSchema;
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required.length).toBeGreaterThan(0);
    expect(Object.keys(schema.properties)).toEqual(expect.arrayContaining([...schema.required]));
  });

  it.each(actions)("refuses %s without metadata and with a member of another name", (action) => {
    const check = catalog.metadataCheck(action);
    expect(check?.({})).toContainEqual(expect.objectContaining({ problem: expect.stringContaining("lacks") }));
    expect(check?.({ surprise: 1 })).toContainEqual(
      expect.objectContaining({ problem: expect.stringContaining('unknown member "surprise"') }),
    );
  });

  it("types the metadata of each action", () => {
    expectTypeOf<CiMetadata<"job.cancelled">["duration_ms"]>().toEqualTypeOf<number>();
    const event: CiEvent = {
      action: "runner.registered",
      actor: { type: "user", id: "u_1" },
      // @ts-expect-error -- the catalog knows no such system
      metadata: { resource_class: "linux.large", version: "3.1.0", os: "amiga" },
    };
    const preparer = createPreparer({ catalog, unknownActions: "refuse" });
    expect(() => preparer.prepare("org_1", event)).toThrow("$.metadata.os must be one of linux, macos, windows");
  });
});
