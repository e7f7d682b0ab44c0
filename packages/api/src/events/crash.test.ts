import { once } from "node:events";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, it } from "vitest";
import { event } from "../testing/world.ts";

const folder = mkdtempSync(join(tmpdir(), "headgate-api-"));
/** Large enough for the disk to be behind the network. */
const metadata = { text: "x".repeat(5000) };
const program = join(import.meta.dirname, "../testing/ingest-process.ts");
let child: ChildProcess | undefined;
afterEach(() => {
  child?.kill("SIGKILL");
  rmSync(folder, { recursive: true, force: true });
});

async function start(): Promise<{ readonly base: string; readonly token: string }> {
  child = spawn(process.execPath, ["--conditions=@headgate/source", program, join(folder, "headgate.db")], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[Symbol.asyncIterator]();
  const port = (await lines.next()).value as string;
  const token = (await lines.next()).value as string;
  return { base: `http://127.0.0.1:${port}/v1/organizations/o/events`, token };
}

it("loses nothing that was acknowledged when the process is killed, and stores once what is sent again", async () => {
  const { base, token } = await start();
  const acknowledged = new Set<string>();
  const sent: string[][] = [];
  let next = 0;
  const post = (at: string, own: string, ids: readonly string[]): Promise<Response> =>
    fetch(at, {
      method: "POST",
      headers: { authorization: `Bearer ${own}`, "content-type": "application/json" },
      body: JSON.stringify(ids.map((id) => event(id, { metadata }))),
    });
  const clients = Array.from({ length: 8 }, async () => {
    for (;;) {
      const ids = Array.from({ length: 100 }, () => `e-${next++}`);
      sent.push(ids);
      try {
        const response = await post(base, token, ids);
        await response.text();
        if (response.status !== 202) continue;
        for (const id of ids) acknowledged.add(id);
        // In the midst of what the clients are sending, and right after an answer.
        if (acknowledged.size >= 3000) child?.kill("SIGKILL");
      } catch {
        return;
      }
    }
  });
  await Promise.all([once(child as ChildProcess, "exit"), ...clients]);

  const again = await start();
  const stored = async (): Promise<readonly string[]> => {
    const response = await fetch(again.base, {
      headers: { authorization: `Bearer ${again.token}`, accept: "application/x-ndjson" },
    });
    const lines = (await response.text()).split("\n").filter(Boolean);
    const events = lines.map(
      (line) => JSON.parse(line) as { readonly id: string; readonly sequence: number; readonly action: string },
    );
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i + 1));
    return events.filter(({ action }) => action === "user.login").map(({ id }) => id);
  };
  const kept = new Set(await stored());
  expect([...acknowledged].filter((id) => !kept.has(id))).toEqual([]);
  for (const ids of sent) expect((await post(again.base, again.token, ids)).status).toBe(202);
  const all = await stored();
  expect([all.length, new Set(all).size]).toEqual([next, next]);
});
