/**
 * Exports a million events, cuts one export off in the middle and goes on, and prints what that came to as JSON. A
 * process of its own, so that its memory is nobody else's.
 */
import { createHeadgate, createPreparer } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import { createApi } from "../create-api.ts";

const total = Number(process.argv[3] ?? 1_000_000);
const store = sqliteStore({ path: process.argv[2] ?? "" });
await using headgate = createHeadgate({ store, sinks: [] });
const api = createApi({ headgate });
const preparer = createPreparer();
for (let at = 0; at < total; at += 10_000) {
  const events = Array.from({ length: Math.min(10_000, total - at) }, (_, i) =>
    preparer.prepare("o", {
      action: "user.login",
      actor: { type: "user", id: `u_${i % 100}` },
      metadata: { number: at + i },
    }),
  );
  await headgate.appendPrepared("o", events);
}
const { token } = await api.tokens.create({ name: "t", role: "viewer", organization: "o" });

interface Seen {
  readonly lines: number;
  readonly last: number;
  readonly bytes: number;
}

async function exported(after: number, accept: string, most = Number.POSITIVE_INFINITY): Promise<Seen> {
  const url = `http://headgate.test/v1/organizations/o/events?action=user.login&after_sequence=${after}`;
  const response = await api.fetch(new Request(url, { headers: { authorization: `Bearer ${token}`, accept } }));
  let [lines, bytes, tail] = [0, 0, ""];
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines++;
    bytes += chunk.length;
    tail = Buffer.from(chunk.subarray(-1024)).toString();
    peak = Math.max(peak, process.memoryUsage.rss());
    if (lines >= most) break;
  }
  const last = tail.slice(0, tail.lastIndexOf("\n")).split("\n").at(-1) ?? "";
  return { lines, bytes, last: Number(/"sequence":(\d+)}$/.exec(last)?.[1] ?? /^(\d+),/.exec(last)?.[1]) };
}

// One run beforehand, so that what is measured is the export and not the start of the engine.
let peak = 0;
await exported(Math.max(0, total - 50_000), "application/x-ndjson");
const before = process.memoryUsage.rss();
peak = before;
const whole = await exported(0, "application/x-ndjson");
const half = await exported(0, "application/x-ndjson", Math.floor(total / 2));
const rest = await exported(half.last, "application/x-ndjson");
const csv = await exported(0, "text/csv");
process.stdout.write(`${JSON.stringify({ whole, half, rest, csv, grownBytes: peak - before })}\n`);
