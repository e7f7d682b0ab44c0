import type { Secret } from "@headgate/core";
import { afterAll, describe, expect, it } from "vitest";
import { memoSink } from "../testing/memo-sink.ts";
import { createStreamWorld } from "../testing/stream-world.ts";
import { externalIdOf } from "./external-id.ts";

const memo = memoSink("sealed", { tokenRequired: true });
const world = createStreamWorld([memo.definition as never, memoSink().definition as never]);
afterAll(() => world[Symbol.asyncDispose]());
const { admin, headgate } = world;

describe("setting up", () => {
  it("names the sinks with their schemas, and one external id per organization", async () => {
    const { body } = await admin("a", "GET", "/setup");
    expect((body["sinks"] as { readonly type: string }[]).map(({ type }) => type)).toEqual(["sealed", "memo"]);
    expect(body["external_id"]).toMatch(/^[0-9a-f]{8}-/);
    const again = await admin("a", "GET", "/setup/sealed");
    const other = await admin("b", "GET", "/setup");
    expect([again.body["external_id"], other.body["external_id"] === body["external_id"]]).toEqual([
      body["external_id"],
      false,
    ]);
  });

  it("agrees on one external id when many ask for the first time at once", async () => {
    const ids = await Promise.all(Array.from({ length: 20 }, () => externalIdOf(headgate, "many")));
    expect(new Set(ids).size).toBe(1);
  });

  it("makes the guide of what is known and follows the schema, and of nothing else", async () => {
    const guide = async (options: object): Promise<unknown> => {
      const { body } = await admin("a", "POST", "/setup/sealed", { body: { options } });
      const content = (body["artifacts"] as { readonly content: string }[])[0]?.content ?? "";
      return JSON.parse(content.split(" ")[0] ?? "");
    };
    expect(await guide({ box: "mine" })).toBe("mine");
    expect(await guide({})).toBe("<box>");
    expect(await guide({ box: 7, pepper: 1 })).toBe("<box>");
    expect(await guide({ box: "line\nbreak" })).toBe("<box>");
    expect((await admin("a", "POST", "/setup/sealed")).status).toBe(200);
  });

  it("tries an edit out with the stream's own secret, and no other stream's", async () => {
    const body = { sink: "sealed", options: { box: "mine", token: "hush" } };
    const { body: stream } = await admin("c", "POST", "/streams", { body });
    const edit = { options: { box: "mine", note: "new" }, stream: stream["id"] };
    memo.seen.length = 0;
    expect((await admin("c", "POST", "/setup/sealed/verify", { body: edit })).body).toMatchObject({ ok: true });
    const token = memo.seen[0]?.options.token as Secret | undefined;
    expect(token?.reveal()).toBe("hush");
    expect((await admin("d", "POST", "/setup/sealed/verify", { body: edit })).status).toBe(404);
    expect((await admin("c", "POST", "/setup/memo/verify", { body: edit })).status).toBe(404);
    const { stream: _, ...without } = edit;
    expect((await admin("c", "POST", "/setup/sealed/verify", { body: without })).body["code"]).toBe(
      "sink_options_invalid",
    );
  });
});
