import { afterAll, describe, expect, it } from "vitest";
import { memoSink } from "../testing/memo-sink.ts";
import { createStreamWorld } from "../testing/stream-world.ts";

const world = createStreamWorld([memoSink().definition as never]);
afterAll(() => world[Symbol.asyncDispose]());
const { headgate, admin } = world;

async function connected(organization: string, box: string): Promise<string> {
  const { body } = await admin(organization, "POST", "/streams", { body: { sink: "memo", options: { box } } });
  return String(body["id"]);
}

describe("a replay into another stream over HTTP", () => {
  it("is the other stream's, and the organization's log names both", async () => {
    const [from, into] = [await connected("o", "one"), await connected("o", "two")];
    const asked = await admin("o", "POST", `/streams/${from}/replay`, { body: { first_sequence: 1, into } });
    expect([asked.status, asked.body]).toMatchObject([202, { stream: into, state: "running" }]);
    expect((await admin("o", "GET", `/streams/${from}/replay`)).status).toBe(404);
    expect((await admin("o", "GET", `/streams/${into}/replay`)).body).toMatchObject({ range: { first_sequence: 1 } });
    expect((await world.changes("o")).at(-1)).toMatch(
      /^headgate\.stream\.replayed api_token .*"first_sequence":1,"asked_of":/,
    );
  });

  it("into another organization's stream is into one that is not there", async () => {
    const [own, theirs] = [await connected("p", "three"), await connected("q", "four")];
    const answers = await Promise.all(
      [theirs, "invented"].map((into) => admin("p", "POST", `/streams/${own}/replay`, { body: { into } })),
    );
    const shown = answers.map(({ status, body }) => [status, body["code"], body["detail"]]);
    expect(shown[0]).toEqual([404, "not_found", shown[1]?.[2]]);
    expect(shown[1]).toEqual(shown[0]);
    expect(await headgate.streams.replayOf(theirs)).toBeUndefined();
  });
});
