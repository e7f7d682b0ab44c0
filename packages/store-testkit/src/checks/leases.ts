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
