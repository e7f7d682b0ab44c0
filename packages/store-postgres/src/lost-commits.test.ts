import {
  checkpointOf,
  journalEvents,
  quarantineEntry,
  readEvents,
  runningStream,
  streamRecord,
  upTo,
} from "@headgate/store-testkit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, startCluster, withoutPostgres } from "../../../tests/database/cluster.ts";
import type { PostgresStore } from "./postgres-store.ts";
import { openStore } from "./testing/contents.ts";
import { type CuttingProxy, cuttingProxy } from "./testing/cutting-proxy.ts";

describe.skipIf(withoutPostgres)("a connection that breaks during a commit", () => {
  let cluster: Cluster;
  let proxy: CuttingProxy;
  let store: PostgresStore;
  beforeAll(async () => {
    cluster = await startCluster();
    proxy = await cuttingProxy(cluster.port);
    store = await openStore({
      url: cluster.tcpUrl().replace(String(cluster.port), String(proxy.port)),
      patienceMs: 5000,
    });
  });
  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
    await cluster[Symbol.asyncDispose]();
  });

  it("doubles no event and loses none, whoever made the ids", async () => {
    for (const given of [true, false]) {
      const organization = `org_${given}`;
      const ids: string[] = [];
      for (const round of upTo(12)) {
        const cut = (["lose-reply", "lose-request", "pass"] as const)[round % 3] ?? "pass";
        proxy.cuts.push(cut);
        const events = journalEvents(`e${round}`, 3, { given });
        const { sequences } = await store.journal.append(organization, events);
        expect(sequences).toEqual(upTo(3).map((n) => ids.length + n));
        ids.push(...events.map(({ id }) => id));
        proxy.cuts.length = 0;
      }
      expect((await readEvents(store, organization)).map(({ id }) => id)).toEqual(ids);
    }
    expect(proxy.done()).toBe(16);
  });

  it("moves a checkpoint once", async () => {
    const { lease } = await runningStream(store);
    for (const version of upTo(9)) {
      proxy.cuts.push((["lose-reply", "lose-request", "pass"] as const)[version % 3] ?? "pass");
      const quarantine = [quarantineEntry("s", version)];
      await store.checkpoints.commit({ lease, checkpoint: checkpointOf("s", version), quarantine });
      proxy.cuts.length = 0;
      expect((await store.checkpoints.get("s"))?.version).toBe(version);
    }
    expect((await store.quarantine.list("s")).length).toBe(9);
  });

  it("is looked through where a stream is made, and said where nothing tells whether it happened", async () => {
    proxy.cuts.push("lose-reply");
    await store.streams.create(streamRecord("t"), [{ collection: "c", key: "with-stream", value: "v", expected: 0 }]);
    expect((await store.documents.get("c", "with-stream"))?.version).toBe(1);
    const write = { collection: "c", key: "k", value: "v" };
    proxy.cuts.push("lose-request");
    // The server heard nothing of it, but nobody on this side can know.
    await expect(store.documents.write([write])).rejects.toMatchObject({
      code: "store_unavailable",
      message: expect.stringContaining("not known") as string,
    });
    expect(await store.documents.get("c", "k")).toBeUndefined();
    await store.documents.write([write]);
    expect((await store.documents.get("c", "k"))?.version).toBe(1);
  });
});
