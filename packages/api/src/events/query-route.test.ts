import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ManualClock, manualClock } from "../testing/manual-clock.ts";
import { createWorld, event, problemOf, type World } from "../testing/world.ts";

const world = createWorld({ limits: { requestsPerMinute: 100_000 } });
afterAll(() => world[Symbol.asyncDispose]());
const token = await world.token("viewer", "o");
const count = 2500;

beforeAll(async () => {
  const events = Array.from({ length: count }, (_, i) =>
    event(`e-${i + 1}`, {
      action: i % 10 === 0 ? "job.run" : "user.login",
      actor: { type: "user", id: `u_${i % 7}`, name: "=1+1" },
    }),
  );
  await world.headgate.append("o", events as never);
});

interface Page {
  readonly events: readonly { readonly sequence: number; readonly action: string }[];
  readonly next_cursor?: string;
}

const ask = (query: string, accept = "application/json"): Promise<Response> =>
  world.ask("GET", `/v1/organizations/o/events${query}`, { token, headers: { accept } });

async function pages(query: string): Promise<readonly (readonly number[])[]> {
  const found: number[][] = [];
  for (let cursor = ""; ;) {
    const page = (await (await ask(`${query}${cursor}`)).json()) as Page;
    found.push(page.events.map(({ sequence }) => sequence));
    if (page.next_cursor === undefined) return found;
    cursor = `&cursor=${page.next_cursor}`;
  }
}

describe("searching over HTTP", () => {
  it("gives pages that follow each other, in both orders", async () => {
    const ascending = await pages("?limit=1000");
    expect(ascending.map(({ length }) => length)).toEqual([1000, 1000, 500]);
    expect(ascending.flat()).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    const descending = await pages("?limit=1000&order=desc&action=job.*");
    expect(descending.flat()).toEqual(Array.from({ length: 250 }, (_, i) => 2491 - 10 * i));
    expect((await pages("?limit=7&q=U_3&after_sequence=2400")).flat()).toHaveLength(14);
  });

  it("does not take a cursor for another question, or another organization", async () => {
    const { next_cursor: cursor } = (await (await ask("?limit=1")).json()) as Page;
    expect((await ask(`?limit=5&cursor=${cursor}`)).status).toBe(200);
    expect(await problemOf(await ask(`?limit=1&action=a&cursor=${cursor}`))).toBe("400 request_invalid");
    const operator = await world.token("operator");
    const foreign = await world.ask("GET", `/v1/organizations/p/events?limit=1&cursor=${cursor}`, { token: operator });
    expect(await problemOf(foreign)).toBe("400 request_invalid");
  });

  it("gives what the request accepts, or says that it cannot", async () => {
    const type = async (accept: string): Promise<string | null> =>
      (await ask("?limit=1", accept)).headers.get("content-type");
    expect(await type("*/*")).toBe("application/json");
    expect(await type("text/csv;q=0.5, application/x-ndjson;q=0.9")).toBe("application/x-ndjson");
    expect(await type("text/*")).toBe("text/csv; charset=utf-8; header=present");
    expect(await problemOf(await ask("", "image/png"))).toBe("406 not_acceptable");
    expect(await problemOf(await ask("", "application/json;q=0"))).toBe("406 not_acceptable");
  });
});

describe("exporting", () => {
  it("gives all that matches as NDJSON, the stored lines to the byte", async () => {
    const response = await ask("", "application/x-ndjson");
    // With the traces of the files that were taken before.
    expect(Number(response.headers.get("headgate-through-sequence"))).toBeGreaterThanOrEqual(count);
    expect(response.headers.get("content-disposition")).toMatch(
      /^attachment; filename="audit-log-o-\d{4}-\d\d-\d\d\.ndjson"$/,
    );
    const stored: Uint8Array[] = [];
    for await (const { body } of world.headgate.store.journal.read("o", { after: 0 })) stored.push(Buffer.from(body));
    const text = await response.text();
    expect(Buffer.concat(stored).toString().startsWith(text)).toBe(true);
    expect(text.split("\n").length).toBeGreaterThan(count);
  });

  it("gives CSV whose cells are no formulas", async () => {
    const text = await (await ask("?action=job.run", "text/csv")).text();
    const rows: Record<string, string>[] = parse(text, { columns: true });
    expect(rows).toHaveLength(250);
    expect(rows[1]).toMatchObject({ sequence: "11", actor_name: "'=1+1" });
  });

  it("goes on after the last sequence that arrived", async () => {
    const half = await (await ask("?after_sequence=2000&action=user.*,job.*", "application/x-ndjson")).text();
    expect(half.split("\n").filter(Boolean)).toHaveLength(500);
  });

  it("leaves a trace in the log of who took what along, once for the same within an hour, page by page too, and none for what is looked at", async () => {
    const clock = manualClock(Date.now());
    await using other = createWorld({ clock, limits: { requestsPerMinute: 100_000 } });
    const viewer = await other.token("viewer", "org_t");
    await other.headgate.append("org_t", [event("e-1"), event("e-2")] as never);
    const fetched = async (query: string, accept: string): Promise<string> =>
      (await other.ask("GET", `/v1/organizations/org_t/events${query}`, { token: viewer, headers: { accept } })).text();
    const traces = async (): Promise<readonly object[]> => {
      const { events } = JSON.parse(await fetched("?action=headgate.*", "application/json")) as {
        readonly events: readonly { readonly metadata: object }[];
      };
      return events.map(({ metadata }) => metadata);
    };
    expect(await fetched("?limit=1", "application/json")).toContain("e-1");
    expect(await traces()).toEqual([]);
    const first = { format: "ndjson", through_sequence: 2, filters: ["action"] };
    expect(await fetched("?action=user.*", "application/x-ndjson")).not.toContain("exported");
    await fetched("?action=user.*&after_sequence=1", "application/x-ndjson");
    expect(await traces()).toEqual([first]);
    await fetched("?limit=1", "text/csv");
    await fetched("", "text/csv");
    const second = { format: "csv", through_sequence: 3, filters: [] };
    expect(await traces()).toEqual([first, second]);
    await clock.advance(3_600_000);
    await fetched("?action=user.*", "application/x-ndjson");
    expect(await traces()).toEqual([first, second, { ...first, through_sequence: 4 }]);
  });

  it("gives a page with its cursor in a header, where a limit is set", async () => {
    const response = await ask("?limit=10", "application/x-ndjson");
    const cursor = response.headers.get("headgate-next-cursor");
    expect((await response.text()).split("\n").filter(Boolean)).toHaveLength(10);
    const next = await (await ask(`?limit=10&cursor=${cursor}`, "application/x-ndjson")).text();
    expect(JSON.parse(next.split("\n")[0] ?? "")).toMatchObject({ sequence: 11 });
  });

  it("holds a page's place until the page has been read, or its client has gone", async () => {
    await using other = createWorld({ limits: { searches: 2 } });
    const own = await other.token("viewer", "o");
    await other.headgate.append("o", [event("e-1") as never]);
    const one = (): Promise<Response> => other.ask("GET", "/v1/organizations/o/events?limit=1", { token: own });
    const [first, second] = [await one(), await one()];
    expect((await one()).status).toBe(429);
    await first.body?.cancel();
    const third = await one();
    expect([third.status, (await third.json()) as object]).toMatchObject([200, { events: [{ id: "e-1" }] }]);
    await second.text();
    expect((await one()).status).toBe(200);
  });

  it("may be had twice at a time, and again once one has ended or its client has gone", async () => {
    const open = await Promise.all([ask("", "text/csv"), ask("", "text/csv")]);
    expect((await ask("", "text/csv")).status).toBe(429);
    // A page is none.
    expect((await ask("?limit=1", "text/csv")).status).toBe(200);
    await open[0]?.body?.cancel();
    const third = await ask("", "text/csv");
    expect(third.status).toBe(200);
    await Promise.all([open[1]?.text(), third.text()]);
    const last = await ask("", "text/csv");
    expect(last.status).toBe(200);
    await last.body?.cancel();
  });

  it.each([
    ["the host shuts down", ({ api }: World) => api.close()],
    [
      "the token is revoked",
      async ({ api }: World, clock: ManualClock) => {
        await api.tokens.revoke((await api.tokens.list())[0]?.id ?? "");
        await clock.advance(16_000);
      },
    ],
  ])("breaks off, rather than ends, when %s", async (_why, happens) => {
    const clock = manualClock(Date.now());
    await using other = createWorld({ clock });
    await other.headgate.append(
      "o",
      Array.from({ length: 5000 }, () => ({ action: "a", actor: { type: "u", id: "u" } })),
    );
    const own = await other.token("viewer", "o");
    const response = await other.ask("GET", "/v1/organizations/o/events", {
      token: own,
      headers: { accept: "text/csv" },
    });
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect((await reader.read()).done).toBe(false);
    await happens(other, clock);
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow("broke off");
  });
});
