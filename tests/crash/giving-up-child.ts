// A platform with Headgate embedded and a limit on pending age, at an hour of the parent's choosing, that kills itself
// with SIGKILL around one of its commits. It ends with 0 where it has come to what it was started for.
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Clock, createHeadgate, digestSigner, type Store, systemClock } from "@headgate/core";
import { fileSink } from "@headgate/sink-file";
import { sqliteStore } from "@headgate/store-sqlite";
import type { GivingUpLife } from "./giving-up.ts";

const life = JSON.parse(process.env["GIVING_UP_LIFE"] ?? "") as GivingUpLife;
const { path, directory, keyFile, aheadMs, goal, kill } = life;
const clock: Clock = { ...systemClock, now: () => Date.now() + aheadMs };

/** Dies before its commit of that number, or in the midst of it. */
function mortal(store: Store): Store {
  if (kill === undefined) return store;
  const { checkpoints } = store;
  let left = kill.at;
  const die = (): void => process.kill(process.pid, "SIGKILL") && undefined;
  return {
    ...store,
    checkpoints: {
      ...checkpoints,
      async commit(write) {
        left -= 1;
        if (left === 0 && kill.when === "before") die();
        const done = checkpoints.commit(write);
        if (left === 0 && kill.when === "during") await sleep(kill.afterMs).then(die);
        await done;
      },
    },
  };
}

const store = mortal(sqliteStore({ path, clock }));
await using headgate = createHeadgate({
  // Health events would come among the events that are counted.
  alerts: { auditLog: false },
  store,
  sinks: [fileSink()],
  clock,
  digests: { signer: digestSigner({ key: readFileSync(keyFile, "utf8") }) },
  delivery: { retry: { baseMs: 20, capMs: 50, blockedMs: 50 }, giveUpAfterMs: 24 * 3_600_000 },
});
const flush = { maxAgeMs: 20, maxEvents: 10 };
await headgate.streams.declare([{ id: "s", organization: "org_1", sink: "file", options: { directory }, flush }]);
if (life.append !== undefined) {
  const { from, count } = life.append;
  const actor = { type: "user", id: "u_1" };
  const events = Array.from({ length: count }, (_, i) => ({ id: `e-${from + i}`, action: "a.b", actor }));
  await headgate.append("org_1", events);
}
await headgate.start();
if (goal === "delivered") {
  const { complete } = await headgate.drain({ patienceMs: 30_000 });
  process.exitCode = complete ? 0 : 1;
} else {
  for (;;) {
    const checkpoint = await store.checkpoints.get("s");
    if (goal === "sealed" && checkpoint?.window !== undefined) break;
    if (goal === "noticed" && checkpoint?.noticeAt !== undefined) break;
    if (goal === "given up" && checkpoint?.lost !== undefined && checkpoint.position === checkpoint.lost.count) break;
    await sleep(20);
  }
}
