import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtempDisposable, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { createHeadgate, memoryStore } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { createMetrics, type Metrics } from "./metrics.ts";
import { moodySink } from "./testing/moody-sink.ts";
import { namesOf, samplesOf } from "./testing/samples.ts";

const promtool = process.env["HEADGATE_PROMTOOL"] || "/usr/bin/promtool";
const hasPromtool = existsSync(promtool);
if (!hasPromtool && process.env["HEADGATE_REQUIRE_SERVICES"] === "1")
  throw new Error(`There is no ${promtool}, and HEADGATE_REQUIRE_SERVICES asks for promtool.`);

const root = join(import.meta.dirname, "..", "..", "..");
const folder = join(root, "examples", "monitoring");
const texts = async (...names: readonly string[]): Promise<string> =>
  (await Promise.all(names.map((name) => readFile(join(root, name), "utf8")))).join("\n");

/** What a Headgate serves that has delivered, waits and has failed. */
async function served(): Promise<string> {
  const sink = moodySink();
  const metrics: Metrics = createMetrics({ headgate: () => headgate, topStreams: 5 });
  await using headgate = createHeadgate({
    store: memoryStore(),
    sinks: [sink.definition],
    observer: metrics.observer,
    alerts: { auditLog: false },
  });
  const append = () => headgate.append("org", [{ action: "a.b", actor: { type: "user", id: "u" } }]);
  await headgate.streams.create("org", { id: "s", sink: "moody", options: { place: "s" } });
  await append();
  await headgate.drain({ patienceMs: 0 });
  sink.mood = "denies";
  await append();
  await headgate.drain({ patienceMs: 0 });
  const channel = metrics.measured({ name: "pager", notify: async () => ({ status: "delivered" }) });
  await channel.notify({} as Parameters<typeof channel.notify>[0], { signal: new AbortController().signal });
  const { body } = await metrics.body();
  metrics.close();
  return body;
}

async function check(args: readonly string[], input = ""): Promise<string> {
  const running = promisify(execFile)(promtool, [...args], { cwd: folder });
  running.child.stdin?.end(input);
  return running.then(
    ({ stdout, stderr }) => `0 ${stdout}${stderr}`,
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => `${code} ${stdout}${stderr}`,
  );
}

describe.skipIf(!hasPromtool)("promtool", () => {
  it("finds the metrics that are served to be in order", async () => {
    expect(await check(["check", "metrics"], await served())).toBe("0 ");
  });

  it("finds the rules to be in order, and their tests to pass", async () => {
    expect(await check(["check", "rules", "headgate.rules.yaml"])).toMatch(/^0 .*SUCCESS: 12 rules found/s);
    expect(await check(["test", "rules", "headgate.rules.test.yaml"])).toMatch(/^0 .*SUCCESS/s);
    expect(await check(["check", "config", "--syntax-only", "prometheus.yml"])).toMatch(/^0 .*SUCCESS/s);
  });

  it("can parse every query of the dashboard", async () => {
    await using temporary = await mkdtempDisposable(join(tmpdir(), "headgate-rules-"));
    const queries = (await panels()).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const rules = queries.map((query, i) => ({
      record: `query_${i}`,
      expr: query.replaceAll("$__rate_interval", "1m"),
    }));
    const file = join(temporary.path, "rules.json");
    await writeFile(file, JSON.stringify({ groups: [{ name: "dashboard", rules }] }));
    expect(await check(["check", "rules", file])).toMatch(
      new RegExp(`^0 .*SUCCESS: ${queries.length} rules found`, "s"),
    );
  });

  it("would say so if a metric or a rule were not", async () => {
    expect(await check(["check", "metrics"], "# TYPE bad_total gauge\nbad_total 1\n")).toMatch(/^[13] /);
    expect(await check(["test", "rules", "missing.yaml"])).toMatch(/^1 /);
  });
});

interface Panel {
  readonly id: number;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

async function panels(): Promise<readonly Panel[]> {
  const text = await readFile(join(folder, "headgate.dashboard.json"), "utf8");
  return (JSON.parse(text) as { readonly panels: readonly Panel[] }).panels;
}

describe("rules, dashboard and guide", () => {
  it("name only metrics and labels that are served", async () => {
    const body = await served();
    const names = new Set([...namesOf(body), ...[...samplesOf(body).keys()].map((key) => key.replace(/\{.*/, ""))]);
    const files = await texts(
      ...["headgate.rules.yaml", "headgate.rules.test.yaml", "headgate.dashboard.json"].map((file) =>
        join("examples", "monitoring", file),
      ),
      "docs/guides/monitor.md",
    );
    const named = [...files.matchAll(/\b(?:headgate|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(50);
    expect([...new Set(named)].filter((name) => !names.has(name))).toEqual([]);
    const labels = [...files.matchAll(/\b(?:state|status|window|kind) ?[=!]~?\\?"([a-z_|]+)\\?"/g)].flatMap(
      ([, values = ""]) => values.split("|"),
    );
    expect(labels.length).toBeGreaterThan(10);
    const known = new Set([...body.matchAll(/="([a-z_]+)"/g)].map(([, value]) => value));
    expect([...new Set(labels)].filter((label) => !known.has(label))).toEqual(["retry"]);
  });

  it("leave out no metric of Headgate's own in the guide, and few on the dashboard", async () => {
    const own = [...namesOf(await served())].filter((name) => name.startsWith("headgate_"));
    const guide = await texts("docs/guides/monitor.md");
    expect(own.filter((name) => !new RegExp(`${name}\\b`).test(guide))).toEqual([]);
    const shown = (await panels()).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join("\n");
    expect(own.filter((name) => !shown.includes(name))).toEqual([
      "headgate_build_info",
      "headgate_events_delivered_total",
      "headgate_events_filtered",
      "headgate_last_delivery_timestamp_seconds",
      "headgate_store_read_timestamp_seconds",
    ]);
  });

  it("the dashboard's panels have ids of their own and do not lie on one another", async () => {
    const all = await panels();
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const cells = all.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(all.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
  });
});
