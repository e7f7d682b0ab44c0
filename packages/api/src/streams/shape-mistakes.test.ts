import { afterAll, expect, it } from "vitest";
import { memoSink } from "../testing/memo-sink.ts";
import { createStreamWorld } from "../testing/stream-world.ts";

const world = createStreamWorld([memoSink().definition as never]);
afterAll(() => world[Symbol.asyncDispose]());
const { admin } = world;

const places = (body: Readonly<Record<string, unknown>>): unknown => [body["code"], body["problems"]];

it.each<[string, object, string]>([
  [
    "$.privacy[1].path",
    {
      privacy: [
        { path: "actor.name", method: "mask" },
        { path: "id", method: "mask" },
      ],
    },
    "id, by",
  ],
  ["$.privacy[0].path", { privacy: [{ path: "actor.name.x", method: "drop" }] }, "nothing that a rule may change"],
  ["$.privacy[0].method", { privacy: [{ path: "metadata.x", method: "hash" }] }, "needs a key"],
  ["$.format", { format: "xml" }, "names a format"],
])(
  "a mistake in a shape is told with its place, when it is previewed and when it is saved: %s",
  async (path, shape, says) => {
    const expected = ["shape_invalid", [{ path, message: expect.stringContaining(says) as string }]];
    const previewed = await admin("a", "POST", "/streams/preview", { body: shape });
    expect(places(previewed.body)).toEqual(expected);
    const saved = await admin("a", "POST", "/streams", { body: { sink: "memo", options: { box: "mine" }, ...shape } });
    expect(places(saved.body)).toEqual(expected);
  },
);
