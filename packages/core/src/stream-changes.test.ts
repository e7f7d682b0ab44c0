import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createHeadgate, type Headgate } from "./headgate.ts";
import { memoryStore } from "./memory-store.ts";
import { secret, type Secret } from "./secret.ts";
import type { SinkDefinition } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import { aesVault } from "./vault.ts";
import { settingsMark } from "./verification.ts";
import { localKey, type WrappingKey } from "./wrapping-key.ts";

interface Options {
  readonly url: string;
  readonly token?: Secret;
}

/** A destination that knows who made it with what. */
function intake(made: Options[] = []): SinkDefinition<"intake", Options> {
  return {
    type: "intake",
    secretOptions: ["token"],
    schema: {},
    fromConfig: () => ({ url: "" }),
    location: ({ url }) => url,
    create: (options) => {
      made.push(options);
      return {
        name: "intake",
        acknowledgement: "accepted",
        partition: "none",
        host: "intake.test",
        limits: { maxEvents: 10, maxBytes: 1e6, maxEventBytes: 1e6, concurrency: 1 },
        flush: { maxAgeMs: 1, maxBytes: 1e6, maxEvents: 10 },
        encoding: "",
        deliver: async ({ key }) => ({ status: "delivered", receipt: key }),
        async *verify() {
          const right = options.token?.reveal() === "right";
          yield { name: "token", status: right ? "ok" : "failed", detail: right ? "It was taken." : "It was refused." };
        },
        [Symbol.asyncDispose]: async () => {},
      };
    },
  };
}

const vault = aesVault({ keys: { a: randomBytes(32) } });

function rig(store: Store = memoryStore()): {
  readonly headgate: Headgate<[SinkDefinition<"intake", Options>]>;
  readonly made: Options[];
} {
  const made: Options[] = [];
  return { headgate: createHeadgate({ store, sinks: [intake(made)], vault }), made };
}

const url = "https://a.example";

describe("a stream with a secret", () => {
  it("keeps it sealed in the store and shows it to nobody", async () => {
    const store = memoryStore();
    const { headgate } = rig(store);
    const status = await headgate.streams.create("org", {
      id: "s",
      sink: "intake",
      options: { url, token: secret("t0ken") },
    });
    expect(JSON.stringify([await store.streams.get("s"), status])).not.toContain("t0ken");
    expect(status.options).toEqual({ url, token: "[redacted]" });
    expect(((await headgate.streams.options("s")) as Options).token?.reveal()).toBe("t0ken");
  });

  it("is made again by another process with the same key", async () => {
    const store = memoryStore();
    await rig(store).headgate.streams.create("org", {
      id: "s",
      sink: "intake",
      options: { url, token: secret("t0ken") },
    });
    const { headgate, made } = rig(store);
    await headgate.start();
    await headgate.stop();
    expect(made.at(-1)?.token?.reveal()).toBe("t0ken");
  });

  it("is refused where nothing seals it", async () => {
    const headgate = createHeadgate({ store: memoryStore(), sinks: [intake()] });
    const stream = { id: "s", sink: "intake", options: { url, token: secret("t0ken") } } as const;
    await expect(headgate.streams.create("org", stream)).rejects.toMatchObject({ code: "secrets_unavailable" });
    expect(await headgate.streams.list()).toEqual([]);
  });
});

describe("rotating a stream's secrets", () => {
  const [one, two] = [randomBytes(32), randomBytes(32)];
  const withKeys = (store: Store, keys: Record<string, WrappingKey | Uint8Array>, current: string) =>
    createHeadgate({ store, sinks: [intake()], vault: aesVault({ keys, current }) });

  it("puts them under the key of now, and does not verify the stream anew", async () => {
    const store = memoryStore();
    const before = withKeys(store, { one }, "one");
    await before.streams.create("org", { id: "s", sink: "intake", options: { url, token: secret("right") } });
    await before.start();
    const status = () => before.streams.status("s");
    await expect.poll(async () => (await status()).health.verification?.ok).toBe(true);
    const mark = settingsMark((await store.streams.get("s")) as StreamRecord);
    expect(await withKeys(store, { one, two }, "two").streams.rotateSecrets("s")).toBe(true);
    expect(await withKeys(store, { one, two }, "two").streams.rotateSecrets("s")).toBe(false);
    expect(settingsMark((await store.streams.get("s")) as StreamRecord)).toBe(mark);
    await before.stop();
    const after = withKeys(store, { two }, "two");
    expect(((await after.streams.options("s")) as Options).token?.reveal()).toBe("right");
    await expect(before.streams.options("s")).rejects.toMatchObject({ code: "secret_unreadable" });
  });

  it("has nothing to do where there is no secret, or only a declaration's", async () => {
    const headgate = withKeys(memoryStore(), { one }, "one");
    await headgate.streams.create("org", { id: "s", sink: "intake", options: { url } });
    const options = { url: "https://b.example", token: secret("t0ken") };
    await headgate.streams.declare([{ id: "d", organization: "org", sink: "intake", options }]);
    expect(await headgate.streams.rotateSecrets("s")).toBe(false);
    expect(await headgate.streams.rotateSecrets("d")).toBe(false);
  });

  it("waits for a key that is kept elsewhere, and goes on once it can be had", async () => {
    const store = memoryStore();
    const inner = localKey(one);
    let isDown = false;
    const kms: WrappingKey = {
      wrap: async (dataKey, context) => inner.wrap(dataKey, context),
      unwrap: async (wrapped, context) => {
        if (isDown) throw new Error("down");
        return inner.unwrap(wrapped, context);
      },
    };
    const options = { url, token: secret("right") };
    await withKeys(store, { kms }, "kms").streams.create("org", { id: "s", sink: "intake", options });
    isDown = true;
    const headgate = withKeys(store, { kms }, "kms");
    await headgate.append("org", [{ action: "a.b", actor: { type: "user", id: "u" } }]);
    await headgate.start();
    const status = () => headgate.streams.status("s");
    await expect.poll(async () => (await status()).health.lastError?.code).toBe("key_unavailable");
    isDown = false;
    await expect.poll(async () => (await status()).delivered).toBeGreaterThan(0);
    await headgate.stop();
  });
});

describe("changing a stream", () => {
  it("takes the new name, options and flush, and leaves the rest as it was", async () => {
    const { headgate } = rig();
    await headgate.append("org", [{ action: "a.b", actor: { type: "user", id: "u" } }]);
    const before = await headgate.streams.create("org", { id: "s", name: "Before", sink: "intake", options: { url } });
    const after = await headgate.streams.update("s", {
      name: "After",
      options: { url: "https://b.example", token: secret("t0ken") },
      flush: { maxEvents: 3 },
    });
    const changed = {
      name: "After",
      options: { url: "https://b.example", token: "[redacted]" },
      flush: { maxEvents: 3 },
    };
    expect(after).toEqual({ ...before, ...changed });
    expect((await headgate.streams.update("s", {})).options).toEqual(changed.options);
  });

  it("verifies the new options, and not a new name", async () => {
    const { headgate } = rig();
    await headgate.streams.create("org", { id: "s", sink: "intake", options: { url, token: secret("wrong") } });
    await headgate.start();
    const verified = async (): Promise<boolean | undefined> =>
      (await headgate.streams.status("s")).health.verification?.ok;
    await expect.poll(verified).toBe(false);
    await headgate.streams.update("s", { options: { url, token: secret("right") } });
    await expect.poll(verified).toBe(true);
    const { at } = (await headgate.streams.status("s")).health.verification ?? { at: 0 };
    await headgate.streams.update("s", { name: "Other" });
    await headgate.append("org", [{ action: "a.b", actor: { type: "user", id: "u" } }]);
    await expect.poll(async () => (await headgate.streams.status("s")).delivered).toBe(1);
    expect((await headgate.streams.status("s")).health.verification?.at).toBe(at);
    await headgate.stop();
  });

  it("refuses another stream's place, a name that is none, and a stream that a file declares", async () => {
    const { headgate } = rig();
    const stream = { sink: "intake", options: { url } } as const;
    await headgate.streams.create("org", { ...stream, id: "s" });
    await headgate.streams.create("org", { ...stream, id: "t", options: { url: "https://b.example" } });
    await headgate.streams.declare([{ ...stream, id: "d", organization: "other" }]);
    const refused = (id: string, changes: Parameters<typeof headgate.streams.update>[1]): Promise<unknown> =>
      headgate.streams.update(id, changes).catch(({ code }: { readonly code: string }) => code);
    expect(await refused("t", { options: { url } })).toBe("stream_exists");
    expect(await refused("t", { name: " " })).toBe("sink_options_invalid");
    expect(await refused("t", { name: "a\nb" })).toBe("sink_options_invalid");
    expect(await refused("d", { name: "Mine" })).toBe("stream_declared");
    expect(await refused("u", { name: "Mine" })).toBe("stream_unknown");
  });
});

describe("trying a destination out", () => {
  it("verifies it and stores nothing", async () => {
    const { headgate } = rig();
    const steps: string[] = [];
    const stream = { sink: "intake", options: { url, token: secret("right") } } as const;
    for await (const { name, status } of headgate.streams.tryOut("org", stream)) steps.push(`${name} ${status}`);
    expect(steps).toEqual(["token ok"]);
    expect(await headgate.streams.list()).toEqual([]);
  });
});

describe("statuses", () => {
  it("come page by page, and tell whether there is more", async () => {
    const { headgate } = rig();
    for (const id of ["a", "b", "c", "d"]) {
      const paused = id === "b" || id === "d";
      await headgate.streams.create(id === "a" ? "one" : "two", {
        id,
        sink: "intake",
        options: { url: `${url}/${id}` },
        paused,
      });
    }
    const ids = async (page: Parameters<typeof headgate.streams.statuses>[0]): Promise<string> => {
      const { streams, after } = await headgate.streams.statuses(page);
      return `${streams.map(({ id }) => id).join("")}${after === undefined ? "" : `…${after}`}`;
    };
    expect(await ids({})).toBe("abcd");
    expect(await ids({ limit: 3 })).toBe("abc…c");
    expect(await ids({ limit: 4 })).toBe("abcd");
    expect(await ids({ after: "c" })).toBe("d");
    expect(await ids({ organization: "one" })).toBe("a");
    expect(await ids({ search: "TWO" })).toBe("bcd");
    expect(await ids({ states: ["paused"] })).toBe("bd");
    expect(await ids({ states: ["paused"], limit: 1 })).toBe("b…b");
    expect(await ids({ states: ["paused"], limit: 1, after: "b" })).toBe("d");
    expect(await ids({ states: ["blocked"] })).toBe("");
  });
});
