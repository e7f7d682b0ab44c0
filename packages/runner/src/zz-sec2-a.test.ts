import { aesVault, createHeadgate, memoryStore } from "@headgate/core";
import { createApi } from "@headgate/api";
import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import { it } from "vitest";
import { runnerSinks } from "./sinks.ts";

function world(opts: object = {}) {
  const store = memoryStore();
  const key = randomBytes(32);
  const headgate = createHeadgate({
    store,
    sinks: runnerSinks(),
    vault: aesVault({ keys: { k: key } }),
  } as never) as any;
  const api = createApi({ headgate, limits: { requestsPerMinute: 1e9, failuresPerMinute: 1e9 }, ...opts } as never);
  const toks = new Map<string, string>();
  const ask = async (method: string, path: string, { body, token, headers }: any = {}) => {
    const r = await api.fetch(
      new Request(`http://h.test${path}`, {
        method,
        headers: {
          ...(token && { authorization: `Bearer ${token}` }),
          ...(body !== undefined &&
            !(body instanceof Uint8Array) &&
            typeof body !== "string" && { "content-type": "application/json" }),
          ...headers,
        },
        ...(body !== undefined && {
          body: body instanceof Uint8Array || typeof body === "string" ? body : JSON.stringify(body),
        }),
      } as never),
    );
    return { status: r.status, text: await r.text() };
  };
  const token = async (role: string, organization?: string) =>
    (await api.tokens.create({ name: role, role, ...(organization && { organization }) } as never)).token;
  return { store, headgate, api, ask, token, toks, key };
}

it("sealed", async () => {
  const w = world();
  const t = await w.token("admin", "org_1");
  const op = await w.token("operator");
  const site = "datadoghq.eu";
  const p = "/v1/organizations/org_1/streams";
  const r = await w.ask("POST", p, {
    token: t,
    body: {
      name: "a",
      sink: "datadog",
      paused: true,
      options: { site, api_key: "k".repeat(32), tags: { $sealed: "v1.k.AAAA" } },
    },
  });
  console.log("SEALED create", r.status, r.text.slice(0, 600));
  for (const [m, path, tok, b] of [
    ["GET", p, t],
    ["GET", "/v1/streams", op],
    ["GET", "/v1/organizations/org_1/status", t],
  ] as any) {
    const x = await w.ask(m, path, { token: tok, body: b });
    console.log("SEALED", m, path, x.status, x.text.slice(0, 700));
  }
  if (r.status === 201) {
    const id = JSON.parse(r.text).id;
    for (const [m, path, b] of [
      ["PATCH", `${p}/${id}`, { options: { site, tags: { a: "b" } } }],
      ["POST", `${p}/${id}/resume`],
      ["POST", `${p}/${id}/verify`],
    ] as any) {
      const x = await w.ask(m, path, { token: t, body: b });
      console.log("SEALED", m, path, x.status, x.text.slice(0, 500));
    }
    try {
      await w.headgate.start();
      console.log("start ok");
    } catch (e) {
      console.log("start failed", e);
    }
    const h2 = createHeadgate({
      store: w.store,
      sinks: runnerSinks(),
      vault: aesVault({ keys: { k: w.key } }),
    } as never) as any;
    try {
      await h2.start();
      console.log("restart ok");
    } catch (e) {
      console.log("restart failed", String(e));
    }
  }
}, 60000);

it("same place in two organizations", async () => {
  const w = world();
  const [a, b] = [await w.token("admin", "org_1"), await w.token("admin", "org_2")];
  const body = { sink: "splunk", options: { url: "https://hec.example.com:8088", token: "t1" }, paused: true };
  const x = await w.ask("POST", "/v1/organizations/org_1/streams", { token: a, body });
  const y = await w.ask("POST", "/v1/organizations/org_2/streams", { token: b, body });
  console.log("SAME", x.status, JSON.parse(x.text).id, y.status, JSON.parse(y.text).id ?? y.text);
  const z = await w.ask("POST", "/v1/organizations/org_1/streams", {
    token: a,
    body: { ...body, options: { ...body.options, token: "other" } },
  });
  console.log("SAME other token", z.status, z.text.slice(0, 300));
}, 60000);

it("forged", async () => {
  const w = world();
  const t = await w.token("ingest", "org_1");
  const r = await w.ask("POST", "/v1/organizations/org_1/events", {
    token: t,
    body: [
      {
        id: "headgate-change-x",
        action: "headgate.stream.deleted",
        actor: { type: "user", id: "ada" },
        targets: [{ type: "headgate.stream", id: "s1" }],
      },
    ],
  });
  console.log("FORGED", r.status, r.text);
}, 60000);

it("newlines", async () => {
  const w = world();
  const t = await w.token("ingest", "org_1");
  for (const [name, raw] of [
    ["LF", Buffer.alloc(32 * 1024 * 1024 - 1, "\n")],
    ["space-LF", Buffer.alloc(32 * 1024 * 1024 - 2, " \n")],
    ["{}LF", Buffer.alloc(299997, "{}\n")],
    ["bad", Buffer.from('{"action":"a.b","actor":{"type":"u","id":1}}\n'.repeat(99999))],
  ] as const) {
    const body = gzipSync(raw);
    const start = performance.now();
    let lag = 0,
      last = performance.now();
    const timer = setInterval(() => {
      const n = performance.now();
      lag = Math.max(lag, n - last - 10);
      last = n;
    }, 10);
    const r = await w.ask("POST", "/v1/organizations/org_1/events", {
      token: t,
      body: new Uint8Array(body),
      headers: { "content-type": "application/x-ndjson", "content-encoding": "gzip" },
    });
    clearInterval(timer);
    console.log(
      "BOMB",
      name,
      body.length,
      "bytes sent",
      r.status,
      r.text.slice(0, 120),
      Math.round(performance.now() - start),
      "ms, lag",
      Math.round(lag),
    );
  }
}, 120000);

it("session hook", async () => {
  let valid: any = { actor: { type: "user", id: "u" }, role: "viewer", organization: "org_1" };
  let mode = "ok";
  const clocks: { at: number; f: () => void }[] = [];
  let now = Date.now();
  const clock = {
    now: () => now,
    after(ms: number, f: () => void) {
      const e = { at: now + ms, f };
      clocks.push(e);
      return () => {
        const i = clocks.indexOf(e);
        if (i >= 0) clocks.splice(i, 1);
      };
    },
  };
  const advance = async (ms: number) => {
    const end = now + ms;
    for (;;) {
      const due = clocks.filter((c) => c.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      clocks.splice(clocks.indexOf(due), 1);
      now = due.at;
      due.f();
      await new Promise((r) => setTimeout(r, 5));
    }
    now = end;
  };
  const w = world({
    clock,
    authenticate: () => {
      if (mode === "throw") throw new Error("session is invalid");
      if (mode === "null") return null;
      return valid;
    },
  });
  for (const m of ["throw", "null"]) {
    mode = "ok";
    const r = await w.api.fetch(new Request("http://h.test/v1/organizations/org_1/live"));
    const reader = r.body!.getReader();
    await reader.read();
    mode = m;
    let ended = false;
    let pings = 0;
    (async () => {
      for (;;) {
        const { done } = await reader.read();
        if (done) {
          ended = true;
          return;
        }
        pings++;
      }
    })();
    await advance(3600_000 / 6);
    console.log("SESSION", m, "ended after 10 min:", ended, "frames", pings);
    const fresh = await w.api.fetch(new Request("http://h.test/v1/me"));
    console.log("SESSION fresh", m, fresh.status, (await fresh.text()).slice(0, 200));
    await reader.cancel();
  }
}, 60000);

it("cursors", async () => {
  const w = world();
  const { createHash } = await import("node:crypto");
  const t = await w.token("admin", "org_1");
  const op = await w.token("operator");
  const enc = (v: string | Buffer, scope: string) =>
    Buffer.concat([
      Buffer.from(createHash("sha256").update(scope).digest("base64url").slice(0, 12)),
      Buffer.from(v as never),
    ]).toString("base64url");
  for (const v of [
    "",
    "\0",
    "a\0b",
    "-1",
    "1e3",
    "NaN",
    "Infinity",
    "9007199254740991",
    "-5",
    "0",
    "\uFFFF",
    "x".repeat(1400),
    " ",
    "0x10",
  ])
    for (const [path, scope, tok] of [
      ["/v1/organizations/org_1/streams", JSON.stringify(["org_1", "streams", "", ""]), t],
      ["/v1/organizations/org_1/alerts", JSON.stringify(["org_1", "alerts", "", ""]), t],
      ["/v1/organizations/org_1/tokens", "tokens:org_1", t],
      ["/v1/tokens", "tokens:", op],
      ["/v1/streams", JSON.stringify(["", "streams", "", ""]), op],
      ["/v1/organizations/org_1/events", `events:${JSON.stringify(["org_1", {}, false])}`, t],
      ["/v1/organizations/org_1/events?order=desc", `events:${JSON.stringify(["org_1", {}, true])}`, t],
    ] as any) {
      const r = await w.ask("GET", `${path}${path.includes("?") ? "&" : "?"}cursor=${enc(v, scope)}`, { token: tok });
      if (r.status !== 200) console.log("CURSOR", JSON.stringify(v).slice(0, 20), path, r.status, r.text.slice(0, 160));
    }
}, 60000);
