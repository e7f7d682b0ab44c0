import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { upTo } from "../events.ts";
import { rejectsWith } from "../expect.ts";
import type { StoreCheck } from "../harness.ts";

/** The right to run, and its fencing token. */
export const leaseChecks: readonly StoreCheck[] = [
  {
    name: "leases: are held by one at a time",
    async run(harness) {
      await using store = await harness.open();
      const lease = await store.leases.acquire("l", "a", 60_000);
      strictEqual(lease?.holder, "a");
      strictEqual(await store.leases.acquire("l", "b", 60_000), undefined);
      deepStrictEqual(await store.leases.current("l"), lease);
      strictEqual(await store.leases.current("other"), undefined);
      strictEqual((await store.leases.acquire("other", "b", 60_000))?.holder, "b");
    },
  },
  {
    name: "leases: the holder's own is renewed and keeps its token",
    async run(harness) {
      await using store = await harness.open();
      const lease = await store.leases.acquire("l", "a", 60_000);
      const again = await store.leases.acquire("l", "a", 90_000);
      ok(lease !== undefined && again !== undefined);
      strictEqual(again.token, lease.token);
      ok(again.expiresAt >= lease.expiresAt + 30_000);
      const renewed = await store.leases.renew(lease, 120_000);
      strictEqual(renewed.token, lease.token);
      ok(renewed.expiresAt >= again.expiresAt + 30_000);
      deepStrictEqual(await store.leases.current("l"), renewed);
    },
  },
  {
    name: "leases: run out after their time",
    needs: ["clock"],
    async run(harness) {
      await using store = await harness.open();
      const clock = harness.clock!;
      const lease = await store.leases.acquire("l", "a", 1000);
      ok(lease !== undefined);
      strictEqual(lease.expiresAt, clock.now() + 1000);
      clock.set(clock.now() + 999);
      strictEqual(await store.leases.acquire("l", "b", 1000), undefined);
      clock.set(clock.now() + 1);
      strictEqual(await store.leases.current("l"), undefined);
      const next = await store.leases.acquire("l", "b", 1000);
      ok((next?.token ?? 0) > lease.token);
      await rejectsWith("lease_lost", store.leases.renew(lease, 1000));
      await store.leases.release(lease);
      deepStrictEqual(await store.leases.current("l"), next);
    },
  },
  {
    name: "leases: release frees at once, and a lease given up cannot be renewed",
    async run(harness) {
      await using store = await harness.open();
      const lease = await store.leases.acquire("l", "a", 60_000);
      ok(lease !== undefined);
      await store.leases.release(lease);
      strictEqual(await store.leases.current("l"), undefined);
      await rejectsWith("lease_lost", store.leases.renew(lease, 60_000));
      await store.leases.release(lease);
      strictEqual((await store.leases.acquire("l", "b", 60_000))?.holder, "b");
    },
  },
  {
    name: "leases: the token grows with every change of hands",
    async run(harness) {
      await using store = await harness.open();
      let last = 0;
      for (const holder of ["a", "b", "a", "a", "b"]) {
        const lease = await store.leases.acquire("l", holder, 60_000);
        ok(lease !== undefined);
        ok(lease.token > last, `token ${lease.token} after ${last}`);
        last = lease.token;
        await store.leases.release(lease);
      }
    },
  },
  {
    name: "leases: of many that ask at once exactly one gets it",
    async run(harness) {
      await using store = await harness.open();
      await using other = await (harness.second?.(store) ?? harness.open());
      const asked = await Promise.all(
        upTo(10).map((n) =>
          (n % 2 === 0 && harness.second !== undefined ? other : store).leases.acquire("l", `h${n}`, 60_000),
        ),
      );
      strictEqual(asked.filter((lease) => lease !== undefined).length, 1);
    },
  },
  {
    name: "leases: many are asked for and given up in one step, and nobody else's are among them",
    async run(harness) {
      await using store = await harness.open();
      const { leases } = store;
      const other = await leases.acquire("part 2", "b", 60_000);
      const own = await leases.acquire("part 3", "a", 60_000);
      const got = await leases.acquireAll(["part 1", "part 2", "part 3"], "a", 90_000);
      deepStrictEqual(
        got.map(({ name, holder }) => [name, holder]),
        [
          ["part 1", "a"],
          ["part 3", "a"],
        ],
      );
      strictEqual(got[1]?.token, own?.token);
      ok((got[1]?.expiresAt ?? 0) >= (own?.expiresAt ?? 0) + 30_000);
      deepStrictEqual(await leases.current("part 2"), other);
      // Who asks with somebody else's lease gives up nothing.
      await leases.releaseAll([...got, { ...other!, holder: "a" }]);
      deepStrictEqual(await leases.list("part "), [other]);
      ok(((await leases.acquire("part 1", "b", 60_000))?.token ?? 0) > (got[0]?.token ?? 0));
      deepStrictEqual(await leases.acquireAll([], "a", 1000), []);
      await leases.releaseAll([]);
    },
  },
  {
    name: "leases: are listed by the beginning of their names, as long as somebody has them",
    async run(harness) {
      await using store = await harness.open();
      const { leases } = store;
      const all = await leases.acquireAll(["p_b", "p_a", "pxc", "p%d", "P_e", "p_ä"], "a", 60_000);
      strictEqual(all.length, 6);
      const names = async (prefix: string): Promise<readonly string[]> =>
        (await leases.list(prefix)).map(({ name }) => name);
      deepStrictEqual(await names("p_"), ["p_a", "p_b", "p_ä"]);
      deepStrictEqual(await names("p%"), ["p%d"]);
      deepStrictEqual(await names("nothing"), []);
      deepStrictEqual(await names(""), ["P_e", "p%d", "p_a", "p_b", "p_ä", "pxc"]);
      await leases.release(all.find(({ name }) => name === "p_a")!);
      deepStrictEqual(await names("p_"), ["p_b", "p_ä"]);
    },
  },
  {
    name: "leases: one whose time is over is not listed",
    needs: ["clock"],
    async run(harness) {
      await using store = await harness.open();
      const clock = harness.clock!;
      await store.leases.acquireAll(["l 1", "l 2"], "a", 1000);
      clock.set(clock.now() + 999);
      strictEqual((await store.leases.list("l ")).length, 2);
      clock.set(clock.now() + 1);
      deepStrictEqual(await store.leases.list("l "), []);
      strictEqual((await store.leases.acquireAll(["l 1", "l 2"], "b", 1000)).length, 2);
    },
  },
  {
    name: "leases: tokens go on after a reopening",
    needs: ["reopen"],
    async run(harness) {
      const before = await harness.open();
      const lease = await before.leases.acquire("l", "a", 60_000);
      ok(lease !== undefined);
      await before.leases.release(lease);
      await using store = await harness.reopen!(before);
      const next = await store.leases.acquire("l", "b", 60_000);
      ok((next?.token ?? 0) > lease.token);
      await rejectsWith("lease_lost", store.leases.renew(lease, 1000));
    },
  },
];
