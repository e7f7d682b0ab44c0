import { createHeadgate, memoryStore } from "@headgate/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createApi } from "../create-api.ts";
import { memoSink } from "../testing/memo-sink.ts";
import { requestOf } from "../testing/world.ts";

const headgate = createHeadgate({
  store: memoryStore(),
  sinks: [memoSink().definition],
  alerts: {
    channels: [{ name: "pager", notify: async () => ({ status: "failed", message: "pager.internal said no" }) }],
  },
});
const api = createApi({ headgate });
afterAll(() => headgate[Symbol.asyncDispose]());

async function ask(role: "viewer" | "operator", organization: string, path: string) {
  const { token } = await api.tokens.create({ name: "t", role, ...(role === "viewer" && { organization }) });
  const response = await api.fetch(requestOf("GET", `/v1${path}`, { token }));
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

interface Listed {
  readonly alerts: readonly {
    readonly id: string;
    readonly kind: string;
    readonly stream: string;
    readonly organization: string;
  }[];
  readonly next_cursor?: string;
}

beforeAll(async () => {
  for (const organization of ["a", "b"]) {
    for (const box of ["blocked-1", "blocked-2"]) {
      await headgate.streams.create(organization, { sink: "memo", name: "Lake", options: { box } });
    }
    await headgate.append(organization, [{ action: "user.login", actor: { type: "user", id: "u" } }]);
  }
  await headgate.drain();
  await headgate.alerts.evaluate();
  await headgate.stop();
});

describe("alerts over HTTP", () => {
  it("are listed, newest first, in pages, by stream and by whether they are open", async () => {
    const all = (await ask("viewer", "a", "/organizations/a/alerts")).body as unknown as Listed;
    expect(all.alerts.length).toBeGreaterThan(1);
    const blocked = all.alerts.filter(({ kind }) => kind === "blocked");
    const expected = { organization: "a", sink: "memo", stream_name: "Lake", severity: "critical" };
    expect(blocked).toMatchObject([expected, expected]);
    const ids: string[] = [];
    for (let query = ""; ;) {
      const page = (await ask("viewer", "a", `/organizations/a/alerts?limit=1${query}`)).body as unknown as Listed;
      ids.push(...page.alerts.map(({ id }) => id));
      if (page.next_cursor === undefined) break;
      query = `&cursor=${page.next_cursor}`;
    }
    expect(ids).toEqual(all.alerts.map(({ id }) => id));
    const count = async (query: string): Promise<number> =>
      ((await ask("viewer", "a", `/organizations/a/alerts?${query}`)).body as unknown as Listed).alerts.length;
    const [own] = await headgate.streams.list({ organization: "a" });
    const [foreign] = await headgate.streams.list({ organization: "b" });
    const counts = [await count("open=false"), await count(`stream=${foreign?.id}`)];
    expect(counts).toEqual([0, 0]);
    expect(await count(`stream=${own?.id}`)).toBe(all.alerts.filter(({ stream }) => stream === own?.id).length);
    const everywhere = (await ask("operator", "", "/alerts")).body as unknown as Listed;
    expect(new Set(everywhere.alerts.map(({ organization }) => organization))).toEqual(new Set(["a", "b"]));
  });

  it("show what became of their notifications, and what a channel said to operators alone", async () => {
    const [alert] = await headgate.alerts.list({ organization: "a" });
    const path = `/organizations/a/alerts/${alert?.id}`;
    const { body } = await ask("viewer", "a", path);
    const dispatches = body["dispatches"] as Record<string, unknown>[];
    expect(dispatches.map(({ channel, status }) => `${String(channel)} ${String(status)}`).toSorted()).toEqual([
      "audit_log delivered",
      "pager failed",
    ]);
    expect(JSON.stringify(body)).not.toContain("pager.internal");
    expect(JSON.stringify((await ask("operator", "", path)).body)).toContain("pager.internal");
  });

  it("of another organization, and those that never were, are not there", async () => {
    const [alert] = await headgate.alerts.list({ organization: "b" });
    const ids = [
      alert?.id ?? "",
      `${(alert?.id ?? "").slice(0, -1)}~`,
      "nothing",
      "00000000-0000-7000-8000-000000000000",
    ];
    for (const id of ids) {
      const { status } = await ask("viewer", "a", `/organizations/a/alerts/${id}`);
      expect([id, status]).toEqual([id, 404]);
    }
    expect((await ask("operator", "", `/organizations/a/alerts/${alert?.id}`)).status).toBe(404);
  });
});
