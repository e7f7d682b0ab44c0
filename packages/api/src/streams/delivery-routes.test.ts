import { afterAll, expect, it } from "vitest";
import { memoSink } from "../testing/memo-sink.ts";
import { createStreamWorld } from "../testing/stream-world.ts";
import { event } from "../testing/world.ts";

const world = createStreamWorld([memoSink().definition as never]);
afterAll(() => world[Symbol.asyncDispose]());

interface Page {
  readonly deliveries: readonly { readonly number: number; readonly first_sequence: number }[];
  readonly next_cursor?: string;
}

it("deliveries come newest first, in pages whose cursors go with their stream alone", async () => {
  const { admin, headgate } = world;
  const [one, two] = await Promise.all(
    ["one", "two"].map(async (box) => {
      const { body } = await admin("o", "POST", "/streams", { body: { sink: "memo", options: { box }, from: "now" } });
      return String(body["id"]);
    }),
  );
  for (let i = 0; i < 5; i++) {
    await headgate.append("o", [event(`e-${i}`) as never]);
    await headgate.drain();
  }
  const list = async (query: string): Promise<Page> =>
    (await admin("o", "GET", `/streams/${one}/deliveries${query}`)).body as unknown as Page;
  const all = await list("");
  const numbers = all.deliveries.map(({ number }) => number);
  expect([numbers.length >= 5, all.next_cursor]).toEqual([true, undefined]);
  expect(numbers.toSorted((a, b) => b - a)).toEqual(numbers);
  const paged: number[] = [];
  let page = await list("?limit=2");
  paged.push(...page.deliveries.map(({ number }) => number));
  const foreign = await admin("o", "GET", `/streams/${two}/deliveries?cursor=${page.next_cursor}`);
  expect(foreign.body).toMatchObject({ status: 400, code: "request_invalid" });
  while (page.next_cursor !== undefined) {
    page = await list(`?limit=2&cursor=${page.next_cursor}`);
    paged.push(...page.deliveries.map(({ number }) => number));
  }
  expect(paged).toEqual(numbers);
  expect(all.deliveries[0]).toMatchObject({
    status: "delivered",
    attempt: 1,
    receipt: expect.stringMatching(/^one\//) as unknown,
  });
});
