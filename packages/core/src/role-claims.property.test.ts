import fc from "fast-check";
import { expect, it } from "vitest";
import { HeadgateError, isHeadgateError } from "./errors.ts";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import type { SinkDefinition } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import { type RoleOptions, roleSink } from "./testing/role-sink.ts";

type Process = Headgate<[SinkDefinition<"place", RoleOptions>]>;

const organizations = ["a", "b", "c"] as const;
const roles = ["R", "S"] as const;

/** Wraps each call of a store, but for leases: whoever asks for one gets it, as if all locks had run out. */
function wrapped(store: Store, around: <T>(call: () => Promise<T>) => Promise<T>): Store {
  const part = <P extends object>(target: P): P =>
    new Proxy(target, {
      get(object, name) {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member !== "function") return member;
        return (...args: unknown[]) => around(() => Reflect.apply(member, object, args) as Promise<unknown>);
      },
    });
  const lease = { name: "l", holder: "h", token: 1, expiresAt: Number.MAX_SAFE_INTEGER };
  const leases = { ...store.leases, acquire: async () => lease, release: async () => {} };
  return { ...store, leases, streams: part(store.streams), documents: part(store.documents) };
}

/** Organizations with streams that act as the role, which the operator has not let share it. */
function usersOf(records: readonly StreamRecord[], role: string): ReadonlySet<string> {
  const users = records.filter(({ options, sharedRole }) => options["role"] === role && sharedRole !== true);
  return new Set(users.map(({ organization }) => organization));
}

async function assertLaw(store: Store): Promise<void> {
  const records = await store.streams.list();
  for (const role of roles) expect([...usersOf(records, role)].length).toBeLessThan(2);
}

type Owners = Readonly<Record<(typeof roles)[number], (typeof organizations)[number] | undefined>>;

const owner = fc.option(fc.constantFrom(...organizations), { nil: undefined });
const owners: fc.Arbitrary<Owners> = fc.record({ R: owner, S: owner });

/** As it was before roles were claimed, when each of them had one owner at most. */
async function storeOfBefore(had: Owners): Promise<Store> {
  const store = memoryStore();
  await store.open();
  const definition = roleSink();
  delete definition.tenancy;
  const { streams } = createHeadgate({ store, sinks: [definition] });
  for (const role of roles) {
    const [organization, id] = [had[role], `${had[role]}${role === "R" ? 0 : 1}`];
    if (organization !== undefined)
      await streams.create(organization, { id, sink: "place", options: { place: id, role } });
  }
  return store;
}

interface Step {
  readonly organization: (typeof organizations)[number];
  readonly act: "create" | "update" | "delete" | "declare" | "share";
  readonly slot: number;
  readonly role: (typeof roles)[number];
}

const step: fc.Arbitrary<Step> = fc.record({
  organization: fc.constantFrom(...organizations),
  act: fc.constantFrom("create", "create", "update", "delete", "declare", "share"),
  slot: fc.nat({ max: 1 }),
  role: fc.constantFrom(...roles),
});

async function take({ streams }: Process, { organization, act, slot, role }: Step): Promise<void> {
  const id = `${organization}${slot}`;
  const options = { place: id, role };
  const stream = { id, sink: "place", options } as const;
  // A declaration names one stream here; what it no longer names is paused, and holds its role.
  const declared = { ...stream, id: `${id}-declared`, organization, options: { place: `${id}-declared`, role } };
  try {
    if (act === "create") await streams.create(organization, stream);
    if (act === "update") await streams.update(id, { options });
    if (act === "delete") await streams.delete(id);
    if (act === "declare") await streams.declare([declared]);
    if (act === "share") await streams.declare([{ ...declared, sharedRole: true }]);
  } catch (error) {
    if (!isHeadgateError(error)) throw error;
  }
}

it("at no moment two organizations use one role, however their changes meet and whichever process dies", async () => {
  const life = fc.record({
    steps: fc.array(step, { minLength: 1, maxLength: 5 }),
    diesAt: fc.option(fc.nat({ max: 40 }), { nil: Number.POSITIVE_INFINITY }),
    isLastCallDone: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      owners,
      fc.array(life, { minLength: 2, maxLength: 4 }),
      async (scheduler, had, lives) => {
        const store = await storeOfBefore(had);
        const one = ({ steps, diesAt, isLastCallDone }: (typeof lives)[number]): Promise<void> => {
          let calls = 0;
          const mortal = wrapped(store, async (call) => {
            await scheduler.schedule(Promise.resolve());
            if (++calls >= diesAt) {
              if (calls === diesAt && isLastCallDone) await call();
              throw new HeadgateError("store_unavailable", "The process is dead.");
            }
            const result = await call();
            await assertLaw(store);
            return result;
          });
          const process = createHeadgate({ store: mortal, sinks: [roleSink()] });
          return steps.reduce((before, next) => before.then(() => take(process, next)), Promise.resolve());
        };
        await scheduler.waitFor(Promise.all(lives.map(one)));
        await assertLaw(store);
        // Whatever was left half done, a role that nobody uses can be had at once.
        const after = createHeadgate({ store, sinks: [roleSink()] });
        const records = await store.streams.list();
        for (const role of roles) {
          const users = usersOf(records, role);
          const options = { place: `last ${role}`, role };
          const asked = after.streams.create("late", { sink: "place", options });
          if (users.size === 0) await asked;
          else await expect(asked).rejects.toMatchObject({ code: "role_taken" });
        }
      },
    ),
    { numRuns: 300 },
  );
});

it("leaves a role to have or to be had, wherever the process died that wanted it", async () => {
  let deaths = 0;
  for (const isDone of [false, true]) {
    for (let diesAt = 1, ended = false; !ended; diesAt++) {
      const store = await storeOfBefore({ R: undefined, S: "c" });
      let calls = 0;
      const mortal = wrapped(store, async (call) => {
        calls += 1;
        if (calls < diesAt) return call();
        if (calls === diesAt && isDone) await call();
        throw new HeadgateError("store_unavailable", "The process is dead.");
      });
      const { streams } = createHeadgate({ store: mortal, sinks: [roleSink()] });
      const options = { place: "new", role: "R" };
      await streams.create("a", { id: "new", sink: "place", options }).then(
        () => (ended = true),
        () => (deaths += 1),
      );
      const isThere = (await store.streams.get("new")) !== undefined;
      const other = createHeadgate({ store, sinks: [roleSink()] }).streams;
      const asked = other.create("b", { sink: "place", options: { place: "b", role: "R" } });
      if (isThere) await expect(asked).rejects.toMatchObject({ code: "role_taken" });
      else await asked;
      await assertLaw(store);
    }
  }
  expect(deaths).toBeGreaterThan(10);
});
