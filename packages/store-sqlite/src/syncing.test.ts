import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, vi } from "vitest";
import type { OperationName } from "./protocol.ts";
import { storeWorker } from "./store-worker.ts";
import { temporaryFolder } from "./testing/temporary-folder.ts";

describe("a transaction", () => {
  it("is synced to the disk unless it holds nothing but history", async () => {
    await using folder = temporaryFolder();
    const worker = storeWorker();
    let mode = "none";
    const begun: string[] = [];
    // oxlint-disable-next-line typescript/unbound-method -- it is called with its own `this` below
    const exec = DatabaseSync.prototype.exec;
    const watching = vi.spyOn(DatabaseSync.prototype, "exec").mockImplementation(function (this: DatabaseSync, sql) {
      mode = /synchronous = (\w+)/.exec(sql)?.[1] ?? mode;
      if (sql === "BEGIN IMMEDIATE") begun.push(mode);
      exec.call(this, sql);
    });
    const serve = (...calls: readonly (readonly [OperationName, ...unknown[]])[]): void => {
      const { replies } = worker.serve(calls.map(([name, ...args], id) => ({ id, name, args })));
      expect(replies.map(({ error }) => error)).toEqual(calls.map(() => undefined));
    };
    try {
      const limits = { busyTimeoutMs: 1000, maxBytes: 0, keptDeliveries: 1000 };
      const request = { path: folder.file("h.db"), markPath: folder.file("mark"), restoring: false, ...limits };
      serve(["open", request]);
      serve(["setCursor", "f", "1"]);
      serve(["addDeliveries", []], ["trimDeliveries", 1]);
      serve(["addDeliveries", []]);
      serve(["addDeliveries", []], ["setCursor", "f", "2"]);
      serve(["addDeliveries", []]);
      serve(["writeDocuments", []]);
      serve(["close"]);
    } finally {
      watching.mockRestore();
    }
    expect(begun).toEqual(["FULL", "NORMAL", "NORMAL", "FULL", "NORMAL", "FULL"]);
  });
});
