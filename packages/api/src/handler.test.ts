import { describe, expect, it } from "vitest";
import { createWorld, event, problemOf } from "./testing/world.ts";
import type { Principal } from "./principal.ts";

const me = "/v1/me";

describe("a request", () => {
  it("gets an id, and headers that keep browsers from doing anything with the answer", async () => {
    await using world = createWorld();
    const { headers } = await world.ask("GET", "/healthz");
    expect(headers.get("headgate-request-id")).toMatch(/^[0-9a-f-]{36}$/);
    expect(Object.fromEntries(headers)).toMatchObject({
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "content-security-policy": "default-src 'none'",
    });
  });

  it("is told when there is nothing at its address, or another method is meant", async () => {
    await using world = createWorld({ basePath: "/audit-log/" });
    expect(await problemOf(await world.ask("GET", "/healthz"))).toBe("404 not_found");
    expect(await problemOf(await world.ask("GET", "/audit-logs/healthz"))).toBe("404 not_found");
    expect((await world.ask("GET", "/audit-log/healthz")).status).toBe(200);
    const wrong = await world.ask("DELETE", "/audit-log/healthz");
    expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect(await problemOf(await world.ask("GET", "/audit-log/v1/organizations/%ff/events"))).toBe(
      "400 request_invalid",
    );
  });

  it("may be HEAD, which is GET without the body", async () => {
    await using world = createWorld();
    const token = await world.token("viewer", "o");
    const head = await world.ask("HEAD", "/v1/organizations/o/events", { token, headers: { accept: "text/csv" } });
    expect([head.status, head.body, head.headers.get("content-type")]).toEqual([
      200,
      null,
      "text/csv; charset=utf-8; header=present",
    ]);
    // The place of the export has been given back.
    for (let i = 0; i < 5; i++)
      await world.ask("HEAD", "/v1/organizations/o/events", { token, headers: { accept: "text/csv" } });
    const last = await world.ask("HEAD", "/v1/organizations/o/events", { token, headers: { accept: "text/csv" } });
    expect(last.status).toBe(200);
  });

  it("needs credentials, and the right ones", async () => {
    await using world = createWorld();
    const token = await world.token("viewer", "o");
    const missing = await world.ask("GET", me);
    expect([missing.status, missing.headers.get("www-authenticate")]).toEqual([401, 'Bearer realm="headgate"']);
    // The right id, and a secret of the right form.
    const otherSecret = token.slice(0, -43) + (await world.token("viewer", "o")).slice(-43);
    for (const wrong of ["", "x", `${token}x`, token.slice(0, -1), token.replace("hg_", "gh_"), otherSecret]) {
      expect(await problemOf(await world.ask("GET", me, { token: wrong }))).toBe("401 unauthenticated");
    }
    expect(await (await world.ask("GET", me, { token })).json()).toMatchObject({
      role: "viewer",
      organization: "o",
      actor: { type: "api_token", name: "a viewer" },
      capabilities: ["events:read", "streams:read"],
    });
  });

  it("reaches its own organization alone, and what its role may", async () => {
    await using world = createWorld();
    const events = (organization: string): string => `/v1/organizations/${organization}/events`;
    const [viewer, ingest, operator] = [
      await world.token("viewer", "o"),
      await world.token("ingest", "o"),
      await world.token("operator"),
    ];
    const ask = async (method: string, target: string, token: string): Promise<number> =>
      (await world.ask(method, target, { token, ...(method === "POST" && { body: [] }) })).status;
    expect(await ask("GET", events("o"), viewer)).toBe(200);
    expect(await ask("POST", events("o"), viewer)).toBe(403);
    expect(await ask("GET", events("o"), ingest)).toBe(403);
    expect(await ask("POST", events("o"), ingest)).toBe(202);
    expect(await ask("GET", events("p"), viewer)).toBe(404);
    // Also where its role would not do: the answer must not depend on what is there.
    expect(await ask("POST", events("p"), viewer)).toBe(404);
    expect(await ask("GET", events("p"), operator)).toBe(200);
    expect(await ask("GET", "/v1/tokens", viewer)).toBe(403);
    expect(await ask("GET", "/v1/tokens", operator)).toBe(200);
  });

  it("is refused where its query is not understood, rather than answered to another question", async () => {
    await using world = createWorld();
    const token = await world.token("viewer", "o");
    const bad = [
      "acton=a",
      "limit=0",
      "limit=1001",
      "limit=x",
      "limit=1&limit=2",
      "order=up",
      "from=yesterday",
      "q=%ff",
      "q=%",
      "q=%00",
      "__proto__=1",
      "from=2026-01-02&to=2026-01-01",
      "cursor=abc",
    ];
    for (const query of bad) {
      const response = await world.ask("GET", `/v1/organizations/o/events?${query}`, { token });
      expect([query, await problemOf(response)]).toEqual([query, "400 request_invalid"]);
    }
  });

  it("has its JSON body held to the schema", async () => {
    await using world = createWorld();
    const token = await world.token("admin", "o");
    const bad: readonly (readonly [string, string])[] = [
      ["", "400 request_invalid"],
      ["{", "400 request_invalid"],
      ["[]", "400 request_invalid"],
      ['{"name":"a","role":"operator"}', "400 request_invalid"],
      ['{"name":"a","role":"viewer","__proto__":{}}', "400 request_invalid"],
      ['{"name":"\\ud800","role":"viewer"}', "400 request_invalid"],
      ['{"name":"a\\u0000","role":"viewer"}', "400 request_invalid"],
      ["[".repeat(100_000), "400 request_invalid"],
      [`{"name":"${"a".repeat(300_000)}","role":"viewer"}`, "413 body_too_large"],
    ];
    for (const [body, expected] of bad) {
      const headers = { "content-type": "application/json" };
      const response = await world.ask("POST", "/v1/organizations/o/tokens", { token, body, headers });
      expect([body.slice(0, 40), await problemOf(response)]).toEqual([body.slice(0, 40), expected]);
    }
    const text = await world.ask("POST", "/v1/organizations/o/tokens", { token, body: "{}" });
    expect(await problemOf(text)).toBe("415 media_type_unsupported");
  });

  it("has to wait where it comes too often", async () => {
    await using world = createWorld({ limits: { requestsPerMinute: 3 } });
    const [token, other] = [await world.token("viewer", "o"), await world.token("viewer", "p")];
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await world.ask("GET", me, { token })).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    const refused = await world.ask("GET", me, { token });
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await world.ask("GET", me, { token: other })).status).toBe(200);
  });

  it("may append far more often than ask", async () => {
    await using world = createWorld({ limits: { requestsPerMinute: 2, appendsPerMinute: 5 } });
    const token = await world.token("admin", "o");
    const path = "/v1/organizations/o/events";
    const append = async (i: number): Promise<number> =>
      (await world.ask("POST", path, { token, body: event(`e-${i}`) })).status;
    const statuses: number[] = [];
    for (let i = 0; i < 6; i++) statuses.push(await append(i));
    expect(statuses).toEqual([202, 202, 202, 202, 202, 429]);
    expect((await world.ask("GET", path, { token })).status).toBe(200);
  });

  it("is counted for its organization too, however many tokens that has", async () => {
    await using world = createWorld({ limits: { requestsPerMinute: 4 } });
    const admin = await world.token("admin", "o");
    const minted = await Promise.all(Array.from({ length: 12 }, () => world.token("viewer", "o")));
    const statuses: number[] = [];
    for (const token of minted)
      for (let i = 0; i < 4; i++) statuses.push((await world.ask("GET", me, { token })).status);
    expect(statuses.filter((status) => status === 200).length).toBe(20);
    expect((await world.ask("GET", me, { token: admin })).status).toBe(429);
    expect((await world.ask("GET", me, { token: await world.token("viewer", "p") })).status).toBe(200);
  });

  it("gets through with a right token, however much is guessed, by whomever", async () => {
    await using world = createWorld({ limits: { failuresPerMinute: 3 } });
    const [known, fresh] = [await world.token("viewer", "o"), await world.token("viewer", "o")];
    expect((await world.ask("GET", me, { token: known })).status).toBe(200);
    const guess = `hg_${"0".repeat(32)}_${"A".repeat(43)}`;
    const statuses: number[] = [];
    for (let i = 0; i < 5; i++) statuses.push((await world.ask("GET", me, { token: guess })).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    // Also one that this process has never seen, as all are after a start.
    expect((await world.ask("GET", me, { token: fresh })).status).toBe(200);
    expect((await world.ask("GET", me, { token: known })).status).toBe(200);
  });

  it("tells nobody but the log of what nobody foresaw", async () => {
    const logged: unknown[] = [];
    const log = (message: string, fields?: object): void => void logged.push([message, fields]);
    const logger = { debug: log, info: log, warn: log, error: log };
    await using world = createWorld({
      logger,
      authenticate: () => {
        throw new RangeError("password hunter2 in /etc/secret");
      },
    });
    const response = await world.ask("GET", me);
    const text = await response.text();
    expect([response.status, text.includes("hunter2"), text.includes("RangeError")]).toEqual([500, false, false]);
    expect(JSON.stringify(logged)).toContain("RangeError");
    expect(JSON.stringify(logged)).not.toContain("hunter2");
  });
});

describe("a host's session", () => {
  const ada: Principal = {
    actor: { type: "user", id: "u_1", name: "Ada" },
    role: "admin",
    organization: "o",
    ip: "203.0.113.7",
  };
  const tokens = "/v1/organizations/o/tokens";
  const body = { name: "t", role: "viewer" };

  it("counts before a token, and needs none", async () => {
    await using world = createWorld({ authenticate: () => ada, tokens: false });
    expect(await (await world.ask("GET", me)).json()).toMatchObject({ actor: { id: "u_1" }, role: "admin" });
    expect(await problemOf(await world.ask("GET", tokens))).toBe("404 not_found");
  });

  it("that is null is none, and one of an operator reaches no single organization", async () => {
    const nobody = createWorld({ authenticate: () => null as never });
    await using _ = nobody;
    expect((await nobody.ask("GET", me)).status).toBe(401);
    const token = await nobody.token("viewer", "o");
    expect((await nobody.ask("GET", me, { token })).status).toBe(200);
    await using unclear = createWorld({ authenticate: () => ({ ...ada, role: "operator" }) });
    expect((await unclear.ask("GET", "/v1/organizations/p/events")).status).toBe(500);
  });

  it("cannot be made use of by another site", async () => {
    await using world = createWorld({ authenticate: () => ada });
    const post = async (headers: Readonly<Record<string, string>>): Promise<number> =>
      (await world.ask("POST", tokens, { body, headers })).status;
    expect(await post({})).toBe(403);
    expect(await post({ "sec-fetch-site": "cross-site" })).toBe(403);
    expect(await post({ "sec-fetch-site": "same-site" })).toBe(403);
    expect(await post({ origin: "http://evil.test" })).toBe(403);
    expect(await post({ "sec-fetch-site": "same-origin", "content-type": "text/plain" })).toBe(403);
    expect(await post({ "sec-fetch-site": "same-origin" })).toBe(201);
    expect(await post({ origin: "http://headgate.test" })).toBe(201);
    expect(await post({ "headgate-request": "1" })).toBe(201);
    expect((await world.ask("GET", me)).status).toBe(200);
  });

  it("that the host got wrong lets nobody through", async () => {
    const wrong = [
      { ...ada, role: "root" },
      { actor: ada.actor, role: "admin" },
      { ...ada, organization: "" },
    ] as unknown as Principal[];
    for (const principal of wrong) {
      await using world = createWorld({ authenticate: () => principal });
      expect((await world.ask("GET", me)).status).toBe(500);
    }
  });

  it("stands in the organization's log as the actor of its changes", async () => {
    await using world = createWorld({ authenticate: () => ada });
    const response = await world.ask("POST", tokens, { body, headers: { "headgate-request": "1" } });
    const { id, token } = (await response.json()) as { readonly id: string; readonly token: string };
    const { events } = (await (await world.ask("GET", "/v1/organizations/o/events")).json()) as {
      readonly events: object[];
    };
    expect(events).toMatchObject([
      {
        action: "headgate.token.created",
        category: "configuration",
        actor: { type: "user", id: "u_1", name: "Ada" },
        targets: [{ type: "headgate.token", id, name: "t" }],
        context: { request_id: response.headers.get("headgate-request-id"), ip: "203.0.113.7" },
        metadata: { role: "viewer" },
      },
    ]);
    expect(JSON.stringify(events)).not.toContain(token);
  });
});
