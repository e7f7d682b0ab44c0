import { writeSync } from "node:fs";
import type { PreparedEvent } from "@headgate/core";
import { journalEvent } from "@headgate/store-testkit";
import { sqliteStore } from "../sqlite-store.ts";

/**
 * A process of its own on a store, for tests that kill it: `append PATH PREFIX COUNT` appends and prints
 * `organization id sequence` for each acknowledged event; `lease PATH NAME` takes a lease for an hour and keeps it.
 */
const [task = "", path = "", name = "", count = "0"] = process.argv.slice(2);
const say = (line: string): void => void writeSync(1, `${line}\n`);

const store = sqliteStore({ path });
await store.open();

/** Some ids are shared by all processes, so that they race for them; the rest are this one's own. */
function batch(loop: number, step: number): readonly PreparedEvent[] {
  const own = Array.from({ length: 1 + ((step * 7) % 12) }, (_, at) =>
    journalEvent(`${name}-${loop}-${step}-${at}`, { given: loop % 2 === 0, note: "x".repeat((step * 131) % 3000) }),
  );
  return [journalEvent(`shared-${loop}-${step}`), ...own];
}

if (task === "lease") {
  const lease = await store.leases.acquire(name, "the child", 3_600_000);
  say(`token ${lease?.token ?? "none"}`);
  setInterval(() => {}, 1000);
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
  await store[Symbol.asyncDispose]();
}
