import { describe, expect, it } from "vitest";
import { HeadgateError } from "./errors.ts";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { type LogFields, silentLogger } from "./logger.ts";
import { memoryStore } from "./memory-store.ts";
import type { SinkDefinition } from "./sink.ts";
import type { Store } from "./store.ts";
import { type RoleOptions, roleSink } from "./testing/role-sink.ts";

interface Process {
  readonly streams: Headgate<[SinkDefinition<"place", RoleOptions>]>["streams"];
  readonly headgate: Headgate<[SinkDefinition<"place", RoleOptions>]>;
  readonly made: RoleOptions[];
  readonly warned: { readonly message: string; readonly fields: LogFields | undefined }[];
}

function process(store: Store, change: Partial<SinkDefinition<"place", RoleOptions>> = {}): Process {
  const [made, warned]: [RoleOptions[], Process["warned"]] = [[], []];
  const logger = {
    ...silentLogger,
    warn: (message: string, fields?: LogFields) => void warned.push({ message, fields }),
  };
  const headgate = createHeadgate({ store, sinks: [{ ...roleSink(made), ...change }], logger });
  return { headgate, streams: headgate.streams, made, warned };
}

/** As it was before there were claims. */
function processOfBefore(store: Store): Process {
  const definition = roleSink();
  delete definition.tenancy;
  return { ...process(store), ...createHeadgate({ store, sinks: [definition] }) };
}

const stream = (id: string, role?: string) =>
  ({ id, sink: "place", options: { place: id, ...(role !== undefined && { role }) } }) as const;
const taken = { code: "role_taken" };
const roleOf = async (store: Store, id: string): Promise<unknown> => (await store.streams.get(id))?.options["role"];

describe("a role", () => {
  it("serves as many streams of one organization as it likes, and none of another", async () => {
    const { streams } = process(memoryStore());
    await streams.create("acme", stream("a1", "R"));
    await streams.create("acme", stream("a2", "R"));
    await expect(streams.create("other", stream("o1", "r"))).rejects.toMatchObject(taken);
    await streams.create("other", stream("o1", "S"));
    await streams.create("other", stream("o2"));
    expect((await streams.list()).map(({ id }) => id)).toEqual(["a1", "a2", "o1", "o2"]);
  });

  it("is refused without a word on who has it, but for the log", async () => {
    const { streams, warned } = process(memoryStore());
    await streams.create("acme", stream("a1", "R"));
    const refusal = async (id: string): Promise<string> => {
      const error = await streams.create("other", stream(id, "R")).catch((reason: unknown) => reason);
      if (!(error instanceof HeadgateError)) throw error;
      return JSON.stringify([error.code, error.message, error.hint, error.details, error.cause]);
    };
    const first = await refusal("o1");
    expect(first).not.toMatch(/acme|a1/);
    expect(warned.at(-1)?.fields).toEqual({
      sink: "place",
      role: "r",
      organization: "other",
      stream: "o1",
      holder: "acme",
    });
    // However the holder changes, a refusal is the same.
    await streams.create("acme", stream("a2", "R"));
    await streams.delete("a1");
    expect(await refusal("o2")).toBe(first);
  });

  it("is free once no stream of its organization uses it, by deletion or by an edit", async () => {
    const { streams } = process(memoryStore());
    for (const id of ["a1", "a2"]) await streams.create("acme", stream(id, "R"));
    await streams.delete("a2");
    await expect(streams.create("other", stream("o1", "R"))).rejects.toMatchObject(taken);
    await streams.update("a1", { options: { place: "a1", role: "S" } });
    await streams.create("other", stream("o1", "R"));
    await expect(streams.update("a1", { options: { place: "a1", role: "R" } })).rejects.toMatchObject(taken);
    await expect(streams.update("o1", { options: { place: "o1", role: "S" } })).rejects.toMatchObject(taken);
    await streams.pause("o1");
    await expect(streams.create("acme", stream("a3", "R"))).rejects.toMatchObject(taken);
  });

  it("is not taken by an edit that is refused, and an edit of anything else asks for none", async () => {
    const store = memoryStore();
    const { streams } = process(store);
    await streams.create("acme", stream("a1", "R"));
    await streams.create("other", stream("o1", "S"));
    await expect(streams.update("o1", { options: { place: "o1", role: "R" } })).rejects.toMatchObject(taken);
    expect(await roleOf(store, "o1")).toBe("S");
    await streams.update("o1", { name: "Other" });
    await streams.update("o1", { options: { place: "elsewhere", role: "S" } });
  });

  it("is refused where a destination is only tried out", async () => {
    const store = memoryStore();
    const { streams } = process(store);
    await streams.create("acme", stream("a1", "R"));
    const tried = (organization: string) => Array.fromAsync(streams.tryOut(organization, stream("t", "R")));
    await expect(tried("other")).rejects.toMatchObject(taken);
    expect(await tried("acme")).toHaveLength(1);
    await streams.delete("a1");
    expect(await tried("other")).toHaveLength(1);
    await streams.create("third", stream("c1", "R"));
  });

  it("is claimed for declared streams too, unless the operator says that it is shared", async () => {
    const store = memoryStore();
    const { streams } = process(store);
    const declared = (id: string, organization: string, role: string, sharedRole?: boolean) => ({
      ...stream(id, role),
      organization,
      ...(sharedRole !== undefined && { sharedRole }),
    });
    await streams.declare([declared("a1", "acme", "R")]);
    await expect(streams.create("other", stream("o1", "R"))).rejects.toMatchObject(taken);
    const refusal = streams.declare([declared("a1", "acme", "R"), declared("b1", "b", "R")]);
    await expect(refusal).rejects.toMatchObject({ ...taken, hint: expect.stringContaining("shared_role") as string });
    await streams.declare([declared("a1", "acme", "R"), declared("b1", "b", "R", true)]);
    await streams.declare([declared("a1", "acme", "R"), declared("b1", "b", "R", true)]);
    await expect(streams.create("other", stream("o1", "R"))).rejects.toMatchObject(taken);
    // What is shared holds the role for nobody.
    await streams.declare([declared("a1", "acme", "R", true), declared("b1", "b", "R", true)]);
    await streams.create("other", stream("o1", "R"));
    await expect(streams.declare([declared("a1", "acme", "R")])).rejects.toMatchObject(taken);
  });

  it("is not used by a declaration that was refused", async () => {
    const store = memoryStore();
    const { headgate, streams, made } = process(store);
    await streams.create("acme", stream("a1", "R"));
    await streams.declare([{ ...stream("o1", "S"), organization: "other" }]);
    await expect(streams.declare([{ ...stream("o1", "R"), organization: "other" }])).rejects.toMatchObject(taken);
    made.length = 0;
    await headgate.start();
    await headgate.stop();
    expect(made.filter(({ place }) => place === "o1")).toEqual([]);
    expect(await roleOf(store, "o1")).toBe("S");
  });
});

describe("streams of before roles were claimed", () => {
  it("keep a role that they share, are told of once, and let nobody else have it", async () => {
    const store = memoryStore();
    const before = processOfBefore(store);
    await before.streams.create("acme", stream("a1", "R"));
    await before.streams.create("b", stream("b1", "R"));
    await before.streams.create("c", stream("c1", "S"));
    const { headgate, streams, warned } = process(store);
    await headgate.start();
    await headgate.stop();
    expect(warned.map(({ fields }) => fields)).toEqual([
      { sink: "place", role: "r", organizations: "acme, b", count: 2 },
    ]);
    await expect(streams.create("d", stream("d1", "R"))).rejects.toMatchObject(taken);
    await expect(streams.create("d", stream("d1", "S"))).rejects.toMatchObject(taken);
    await streams.update("b1", { options: { place: "moved", role: "R" } });
    await streams.create("b", stream("b2", "R"));
    // Whichever gives it up, the other has it still.
    for (const id of ["b1", "b2"]) await streams.delete(id);
    await expect(streams.create("b", stream("b3", "R"))).rejects.toMatchObject(taken);
    await expect(streams.create("d", stream("d1", "R"))).rejects.toMatchObject(taken);
    await streams.delete("a1");
    await streams.create("d", stream("d1", "R"));
  });

  it("are entered by whoever needs a claim first, however many there are, and once", async () => {
    const store = memoryStore();
    const before = processOfBefore(store);
    for (let i = 0; i < 1200; i++) await before.streams.create(`org-${i % 600}`, stream(`s${i}`, `R${i % 600}`));
    let lists = 0;
    const list: Store["streams"]["list"] = (page) => (lists++, store.streams.list(page));
    const counted = { ...store, streams: { ...store.streams, list } };
    await expect(process(counted).streams.create("d", stream("d1", "R599"))).rejects.toMatchObject(taken);
    expect(lists).toBeGreaterThan(2);
    lists = 0;
    const later = process(counted);
    await later.streams.create("d", stream("d1", "T"));
    await expect(later.streams.create("d", stream("d2", "R0"))).rejects.toMatchObject(taken);
    expect(lists).toBeLessThan(3);
    expect(later.warned).toHaveLength(1);
  });
});
