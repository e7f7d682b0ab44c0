import { writeSync } from "node:fs";
import type { PreparedEvent } from "@headgate/core";
import { checkpointOf, journalEvent, quarantineEntry, streamRecord } from "@headgate/store-testkit";
import { postgresStore } from "../postgres-store.ts";

/**
 * A process of its own on a store, for tests that kill it: `append URL PREFIX COUNT` appends and prints
 * `organization id sequence` for each acknowledged event; `commit URL STREAM COUNT` moves a stream's checkpoint and prints each
 * version that was acknowledged.
 */
const [task = "", url = "", name = "", count = "0"] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);

const store = postgresStore({ url, patienceMs: 30_000 });
await store.open();

/** Some ids are shared by all processes, so that they race for them; the rest are this one's own. */
function batch(loop: number, step: number): readonly PreparedEvent[] {
  const own = Array.from({ length: 1 + ((step * 7) % 12) }, (_, at) =>
    journalEvent(`${name}-${loop}-${step}-${at}`, { given: loop % 2 === 0, note: "x".repeat((step * 131) % 3000) }),
  );
  return [journalEvent(`shared-${loop}-${step}`), ...own];
}

if (task === "commit") {
  const lease = await store.leases.acquire(`stream:${name}`, "the child", 3_600_000);
  if (lease === undefined) throw new Error("the lease is held");
  if ((await store.streams.get(name)) === undefined) await store.streams.create(streamRecord(name));
  const { version = 0 } = (await store.checkpoints.get(name)) ?? {};
  for (let next = version + 1; next <= Number(count); next++) {
    await store.checkpoints.commit({
      lease,
      checkpoint: checkpointOf(name, next, { position: next }),
      quarantine: [quarantineEntry(name, next)],
    });
    say(String(next));
  }
} else {
  await Promise.all(
    [0, 1, 2, 3].map(async (loop) => {
      const organization = `org_${loop}`;
      for (let step = 0; step < Number(count); step++) {
        const events = batch(loop, step);
        const { sequences } = await store.journal.append(organization, events);
        say(events.map(({ id }, at) => `${organization} ${id} ${sequences[at]}`).join("\n"));
      }
    }),
  );
}
await store[Symbol.asyncDispose]();
