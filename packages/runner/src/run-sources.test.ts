import { HeadgateError, memoryStore, silentLogger, systemClock } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { runSources, type RunSourcesOptions } from "./run-sources.ts";
import type { RunSourceOptions, Source, SourceSummary } from "./sources/index.ts";

const summary: SourceSummary = { read: 3, accepted: 2, duplicates: 0, rejected: 1 };

function source(name: string, run: (given: RunSourceOptions) => Promise<SourceSummary>): Source {
  return { name, run: (given = {}) => run(given) };
}

/** Ends when the signal is aborted, as a source that follows does. */
function following(name: string, onStart: () => void = () => {}): Source {
  return source(name, ({ signal }) => {
    onStart();
    return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(summary), { once: true }));
  });
}

async function options(changes: Partial<RunSourcesOptions> = {}): Promise<RunSourcesOptions> {
  const store = memoryStore();
  await store.open();
  return {
    store,
    holder: "me",
    leaseTtlMs: 300,
    once: true,
    signal: new AbortController().signal,
    clock: systemClock,
    logger: silentLogger,
    ...changes,
  };
}

const failure = new HeadgateError("source_failed", "The source b does not exist.");

describe("runSources", () => {
  it("runs all, and one's error is its own", async () => {
    const good = source("a", () => Promise.resolve(summary));
    const bad = source("b", ({ onProgress }) => {
      onProgress?.({ ...summary, bytes: 10 });
      return Promise.reject(failure);
    });
    expect(await runSources([good, bad], await options())).toEqual([
      { source: "a", ...summary },
      { source: "b", ...summary, error: failure },
    ]);
  });

  it("adds up the progress of all", async () => {
    const seen: unknown[] = [];
    const part = (name: string, bytes: number, totalBytes?: number): Source =>
      source(name, ({ onProgress }) => {
        onProgress?.({ ...summary, bytes, ...(totalBytes !== undefined && { totalBytes }) });
        return Promise.resolve(summary);
      });
    await runSources(
      [part("a", 1, 10), part("b", 2, 20), part("c", 4)],
      await options({ onProgress: (progress) => seen.push(progress) }),
    );
    expect(seen).toEqual([
      { ...summary, bytes: 1, totalBytes: 10 },
      { read: 6, accepted: 4, duplicates: 0, rejected: 2, bytes: 3, totalBytes: 30 },
      { read: 9, accepted: 6, duplicates: 0, rejected: 3, bytes: 7 },
    ]);
  });

  it("begins again after an error while it follows", async () => {
    const stop = new AbortController();
    let attempts = 0;
    const flaky = source("b", () => {
      if (++attempts === 2) stop.abort();
      return Promise.reject(failure);
    });
    expect(await runSources([flaky], await options({ once: false, signal: stop.signal }))).toMatchObject([
      { source: "b" },
    ]);
    expect(attempts).toBe(2);
  });

  it("waits while another runner reads, and goes on when that one ends", async () => {
    const first = await options();
    const [stopFirst, stopSecond] = [new AbortController(), new AbortController()];
    const order: string[] = [];
    const one = runSources([following("a", () => order.push("first"))], { ...first, signal: stopFirst.signal });
    await until(() => order.length === 1);
    const said: string[] = [];
    const logger = { ...silentLogger, info: (message: string) => said.push(message) };
    const two = runSources([following("a", () => order.push("second"))], {
      ...first,
      holder: "other",
      signal: stopSecond.signal,
      logger,
    });
    await until(() => said.length === 1);
    expect([said[0], order]).toEqual([expect.stringContaining("standing by"), ["first"]]);
    stopFirst.abort();
    await one;
    await until(() => order.length === 2);
    stopSecond.abort();
    expect(await two).toMatchObject([{ source: "a" }]);
  });

  it("lets go of its sources when the lease is lost, and takes them up again", async () => {
    const given = await options();
    const stop = new AbortController();
    let starts = 0;
    const running = runSources([following("a", () => starts++)], { ...given, signal: stop.signal });
    await until(() => starts === 1);
    const lease = await given.store.leases.current("sources");
    if (lease === undefined) throw new Error("no lease is held");
    await given.store.leases.release(lease);
    await given.store.leases.acquire("sources", "thief", 1);
    await until(() => starts === 2);
    stop.abort();
    await running;
    expect(await given.store.leases.current("sources")).toBeUndefined();
  });

  it("tries a source that is broken for good no more, and tells its error", async () => {
    let attempts = 0;
    const broken: Source = {
      name: "b",
      resumable: false,
      run() {
        attempts++;
        return Promise.reject(failure);
      },
    };
    expect(await runSources([broken], await options({ once: false }))).toMatchObject([{ source: "b", error: failure }]);
    expect(attempts).toBe(1);
  });

  it("ends under once, when its patience is over, saying who reads", async () => {
    const given = await options({ patienceMs: 20 });
    await given.store.leases.acquire("sources", "other", 60_000);
    await expect(runSources([following("a")], given)).rejects.toMatchObject({
      code: "store_busy",
      message: "Another runner (other) holds the lease on the sources and did not let go in 0.02 s.",
    });
    expect(await given.store.leases.current("sources")).toMatchObject({ holder: "other" });
  });

  it("has nothing to do without sources, and asks for no lease", async () => {
    const given = await options();
    await given.store.leases.acquire("sources", "other", 60_000);
    expect(await runSources([], given)).toEqual([]);
  });

  it("ends at once when it is stopped while it stands by", async () => {
    const stop = new AbortController();
    const given = await options({ signal: stop.signal });
    await given.store.leases.acquire("sources", "other", 60_000);
    const running = runSources([following("a")], given);
    stop.abort(new Error("stopped"));
    expect(await running).toEqual([]);
  });
});

/** Waits until it holds. The test's own time limit is the only clock. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}
