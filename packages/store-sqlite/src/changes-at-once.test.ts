import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHeadgate, type Headgate, type SinkDefinition } from "@headgate/core";
import { expect, it } from "vitest";
import { sqliteStore } from "./sqlite-store.ts";

type Options = { readonly directory: string; readonly role?: string };
type Platform = Headgate<[SinkDefinition<"file", Options>]>;

/** A destination that knows where it writes to, and never does. */
const place: SinkDefinition<"file", Options> = {
  type: "file",
  schema: {},
  fromConfig: () => ({ directory: "" }),
  location: ({ directory }) => directory,
  tenancy: ({ role }) => role,
  create: () => ({
    name: "file",
    acknowledgement: "stored",
    partition: "none",
    host: "place.test",
    limits: { maxEvents: 10, maxBytes: 1e6, maxEventBytes: 1e6, concurrency: 1 },
    flush: { maxAgeMs: 1000, maxBytes: 1e6, maxEvents: 10 },
    encoding: "",
    deliver: async ({ key }) => ({ status: "delivered", receipt: key }),
    [Symbol.asyncDispose]: async () => {},
  }),
};

/** Two processes on one store, as far as a store can tell. */
async function two(folder: string): Promise<readonly [Platform, Platform] & AsyncDisposable> {
  const path = join(folder, "headgate.db");
  const make = (): Platform => createHeadgate({ store: sqliteStore({ path }), sinks: [place] });
  const both = [make(), make()] as const;
  for (const one of both) await one.open();
  return Object.assign(both, {
    async [Symbol.asyncDispose]() {
      for (const one of both) await one[Symbol.asyncDispose]();
    },
  });
}

it("creates one stream to a place, however many ask for it at once, in whatever process", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-at-once-"));
  await using both = await two(folder.path);
  for (let round = 0; round < 5; round++) {
    const options = { directory: join(folder.path, `place-${round}`) };
    const create = ({ streams }: Platform): Promise<{ readonly id: string }> =>
      streams.create("org", { sink: "file", options });
    const made = await Promise.all([...both, ...both, ...both].map(create));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
  }
  expect((await both[0].streams.list({ organization: "org" })).length).toBe(5);
});

it("loses none of two changes that are made at once", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-at-once-"));
  await using both = await two(folder.path);
  for (let round = 0; round < 10; round++) {
    const options = { directory: join(folder.path, `place-${round}`) };
    const { id } = await both[0].streams.create("org", { sink: "file", options });
    await Promise.all([
      (round % 2 === 0 ? both[0] : both[1]).streams.update(id, { name: "Renamed" }),
      both[0].streams.pause(id),
      both[1].streams.update(id, { flush: { maxEvents: 7 } }),
    ]);
    expect(await both[1].streams.get(id)).toMatchObject({ name: "Renamed", paused: true, flush: { maxEvents: 7 } });
  }
});

it("undoes no pause by a configuration that is declared anew at the same time", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-at-once-"));
  await using both = await two(folder.path);
  const declared = (maxEvents: number) =>
    ({
      id: "s",
      organization: "org",
      sink: "file",
      options: { directory: folder.path },
      flush: { maxEvents },
    }) as const;
  await both[0].streams.declare([declared(1)]);
  for (let round = 2; round < 12; round++) {
    await Promise.all([both[0].streams.declare([declared(round)]), both[1].streams.pause("s")]);
    expect(await both[0].streams.get("s")).toMatchObject({ paused: true, flush: { maxEvents: round } });
    await both[1].streams.resume("s");
  }
});

it("lets one of two organizations have a role that both ask for at once", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-at-once-"));
  await using both = await two(folder.path);
  for (let round = 0; round < 20; round++) {
    const asked = both.map(async ({ streams }, index) => {
      const options = { directory: join(folder.path, `${round}-${index}`), role: `role-${round}` };
      const { organization } = await streams.create(`org-${index}`, { sink: "file", options });
      return organization;
    });
    const outcomes = await Promise.allSettled(asked);
    const [refused, ...others] = outcomes.filter(({ status }) => status === "rejected");
    expect([refused, others]).toMatchObject([{ reason: { code: "role_taken" } }, []]);
  }
  expect((await both[0].streams.list()).length).toBe(20);
});
