import type { Clock } from "../clock.ts";
import type { Store } from "../store.ts";

const never = new Promise<never>(() => {});

/** A store each of whose calls goes through `pass`, which decides whether, and when, it is made and answered. */
export function storeThrough(shared: Store, pass: (call: () => unknown) => unknown): Store {
  const guard = <T extends object>(part: T): T =>
    new Proxy(part, {
      get(target, name) {
        const member = Reflect.get(target, name) as unknown;
        if (typeof member !== "function") return member;
        if (name === "read" || name === "subscribe") return member.bind(target) as unknown;
        return (...args: unknown[]) => pass(() => (member as (...all: unknown[]) => unknown).apply(target, args));
      },
    });
  return {
    name: shared.name,
    journal: guard(shared.journal),
    checkpoints: guard(shared.checkpoints),
    streams: guard(shared.streams),
    quarantine: guard(shared.quarantine),
    leases: guard(shared.leases),
    cursors: guard(shared.cursors),
    deliveries: guard(shared.deliveries),
    documents: guard(shared.documents),
    objects: guard(shared.objects),
    open: async () => {},
    [Symbol.asyncDispose]: async () => {},
  };
}

/** What one process sees of the world: it can be killed, or stopped for a while and woken up, as SIGKILL, SIGSTOP and SIGCONT do. */
export interface RunnerProcess {
  readonly store: Store;
  readonly clock: Clock;
  /** Something of the process's own: nothing comes of it after a kill, and while it is stopped it has to wait. */
  through<T>(work: () => Promise<T>): Promise<T>;
  kill(): void;
  stop(): void;
  wake(): void;
}

/** A process on a store and a clock that others use too. */
export function runnerProcess(shared: Store, time: Clock): RunnerProcess {
  let alive = true;
  let stopped: { readonly until: Promise<void>; readonly wake: () => void } | undefined;

  async function awake(): Promise<void> {
    while (stopped !== undefined) await stopped.until;
    if (!alive) await never;
  }

  /** A request that was sent is carried out, whatever becomes of the process; its reply waits for it. */
  async function through<T>(work: () => Promise<T>): Promise<T> {
    await awake();
    const reply = await work();
    await awake();
    return reply;
  }

  return {
    store: storeThrough(shared, (call) => through(async () => call())),
    clock: {
      now: () => time.now(),
      after: (ms, callback) =>
        time.after(ms, () => {
          void (async () => {
            await awake();
            callback();
          })();
        }),
    },
    through,
    kill() {
      alive = false;
    },
    stop() {
      if (stopped !== undefined) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      stopped = { until: promise, wake: resolve };
    },
    wake() {
      stopped?.wake();
      stopped = undefined;
    },
  };
}
