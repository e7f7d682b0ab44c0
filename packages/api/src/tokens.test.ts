import { type Clock, createHeadgate, memoryStore, type Store } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { createTokens } from "./tokens.ts";
import { createWorld, problemOf } from "./testing/world.ts";

function movable(start: number): Clock & { advance(ms: number): void } {
  let now = start;
  return { now: () => now, after: () => () => {}, advance: (ms) => void (now += ms) };
}

/** Counts reads of tokens. */
function counted(store: Store): { readonly store: Store; readonly reads: () => number } {
  let reads = 0;
  const documents = {
    ...store.documents,
    get: (...args: Parameters<Store["documents"]["get"]>) => {
      reads++;
      return store.documents.get(...args);
    },
  };
  return { store: { ...store, documents }, reads: () => reads };
}

const admin = { name: "ci", role: "admin", organization: "o" } as const;

describe("tokens", () => {
  it("are kept as a hash alone", async () => {
    const store = memoryStore();
    await using headgate = createHeadgate({ store, sinks: [] });
    const tokens = createTokens({ headgate });
    const { token, id } = await tokens.create(admin);
    const [, , secret = ""] = token.split("_");
    const stored = await store.documents.list("api_tokens");
    expect(stored.map(({ key }) => key)).toEqual([id]);
    expect(JSON.stringify(stored)).not.toContain(secret.slice(0, 20));
    expect(await tokens.authenticate(token)).toEqual({
      actor: { type: "api_token", id, name: "ci" },
      role: "admin",
      organization: "o",
    });
  });

  it("need an organization, but for an operator's, which has none", async () => {
    await using headgate = createHeadgate({ store: memoryStore(), sinks: [] });
    const tokens = createTokens({ headgate });
    await expect(tokens.create({ name: "a", role: "viewer" })).rejects.toMatchObject({ code: "request_invalid" });
    await expect(tokens.create({ ...admin, role: "operator" })).rejects.toMatchObject({ code: "request_invalid" });
  });

  it("are read from the store once in a while, not with each request", async () => {
    const clock = movable(Date.parse("2026-11-26T12:00:00Z"));
    const { store, reads } = counted(memoryStore());
    await using headgate = createHeadgate({ store, sinks: [] });
    const tokens = createTokens({ headgate, clock });
    const { token } = await tokens.create(admin);
    await tokens.authenticate(token);
    const before = reads();
    for (let i = 0; i < 100; i++) expect(await tokens.authenticate(token)).toBeDefined();
    expect(reads()).toBe(before);
    clock.advance(5001);
    await tokens.authenticate(token);
    expect(reads()).toBe(before + 1);
  });

  it("end at once where they are revoked, and within seconds elsewhere", async () => {
    const clock = movable(Date.parse("2026-11-26T12:00:00Z"));
    const store = memoryStore();
    await using headgate = createHeadgate({ store, sinks: [] });
    const [here, elsewhere] = [createTokens({ headgate, clock }), createTokens({ headgate, clock })];
    const { token, id } = await here.create(admin);
    expect([await here.authenticate(token), await elsewhere.authenticate(token)]).not.toContain(undefined);
    expect(await here.revoke(id, "p")).toBe(false);
    expect(await here.revoke(id, "o")).toBe(true);
    expect(await here.revoke(id, "o")).toBe(false);
    expect(await here.authenticate(token)).toBe(undefined);
    clock.advance(5001);
    expect(await elsewhere.authenticate(token)).toBe(undefined);
  });

  it("run out when they were to", async () => {
    const clock = movable(Date.parse("2026-11-26T12:00:00Z"));
    await using headgate = createHeadgate({ store: memoryStore(), sinks: [] });
    const tokens = createTokens({ headgate, clock });
    const { token } = await tokens.create({ ...admin, expiresAt: clock.now() + 1000 });
    expect(await tokens.authenticate(token)).toBeDefined();
    clock.advance(1000);
    expect(await tokens.authenticate(token)).toBe(undefined);
  });

  it("tell the day of their last use, which is written once a day", async () => {
    const clock = movable(Date.parse("2026-11-26T12:00:00Z"));
    const store = memoryStore();
    await using headgate = createHeadgate({ store, sinks: [] });
    const tokens = createTokens({ headgate, clock });
    const { token, id } = await tokens.create(admin);
    const version = async (): Promise<number | undefined> => (await store.documents.get("api_tokens", id))?.version;
    for (let i = 0; i < 3; i++) {
      await tokens.authenticate(token);
      clock.advance(6000);
    }
    expect([await version(), (await tokens.get(id))?.lastUsedOn]).toEqual([2, "2026-11-26"]);
    clock.advance(86_400_000);
    await tokens.authenticate(token);
    expect([await version(), (await tokens.get(id))?.lastUsedOn]).toEqual([3, "2026-11-27"]);
  });
});

describe("the routes for tokens", () => {
  it("list an organization's own in pages, the newest first, and without secrets", async () => {
    await using world = createWorld();
    const token = await world.token("admin", "o");
    await world.token("admin", "p");
    for (let i = 0; i < 4; i++) await world.token("viewer", "o");
    const seen: string[] = [];
    let cursor = "";
    do {
      const response = await world.ask("GET", `/v1/organizations/o/tokens?limit=2${cursor}`, { token });
      const page = (await response.json()) as { tokens: { id: string; organization: string }[]; next_cursor?: string };
      expect(page.tokens.every((one) => one.organization === "o" && !("hash" in one))).toBe(true);
      seen.push(...page.tokens.map(({ id }) => id));
      cursor = page.next_cursor === undefined ? "" : `&cursor=${page.next_cursor}`;
    } while (cursor !== "");
    expect([seen.length, new Set(seen).size]).toEqual([5, 5]);
  });

  it("revoke none of another organization's, and do not tell that it is there", async () => {
    await using world = createWorld();
    const token = await world.token("admin", "o");
    const foreign = await world.token("admin", "p");
    const id = foreign.split("_")[1] ?? "";
    const answers = await Promise.all(
      [id, "0".repeat(32)].map((one) => world.ask("DELETE", `/v1/organizations/o/tokens/${one}`, { token })),
    );
    expect(await Promise.all(answers.map(problemOf))).toEqual(["404 not_found", "404 not_found"]);
    expect((await world.ask("GET", "/v1/me", { token: foreign })).status).toBe(200);
  });

  it("refuse a time to run out that has gone by", async () => {
    await using world = createWorld();
    const token = await world.token("admin", "o");
    const short = await world.api.tokens.create({
      name: "for an hour",
      role: "admin",
      organization: "o",
      expiresAt: Date.now() + 3_600_000,
    });
    const limit = new Date(short.expiresAt ?? 0).toISOString();
    for (const more of [{}, { expires_at: "2999-01-01T00:00:00Z" }]) {
      const body = { name: "child", role: "admin", ...more };
      const made = await world.ask("POST", "/v1/organizations/o/tokens", { token: short.token, body });
      expect([made.status, await made.json()]).toMatchObject([201, { expires_at: limit }]);
    }
    for (const expires_at of ["2001-01-01T00:00:00Z", "soon"]) {
      const body = { name: "t", role: "viewer", expires_at };
      expect(await problemOf(await world.ask("POST", "/v1/organizations/o/tokens", { token, body }))).toBe(
        "400 request_invalid",
      );
    }
  });
});
