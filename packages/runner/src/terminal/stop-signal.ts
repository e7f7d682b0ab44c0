/** A process, as far as stopping it goes. */
export interface StoppableProcess {
  on(signal: "SIGTERM" | "SIGINT", listener: () => void): unknown;
  off(signal: "SIGTERM" | "SIGINT", listener: () => void): unknown;
  exit(code: number): unknown;
}

/** The user's wish to stop. Disposing of it gives the signals back to the system. */
export interface StopSignal extends Disposable {
  readonly signal: AbortSignal;
}

const signals = { SIGINT: 2, SIGTERM: 15 } as const;

/**
 * Aborts at the first SIGTERM or SIGINT, so that work ends in order; the second one exits at once with 128 plus the
 * signal's number. Nothing is lost by that: it is a crash like any other.
 */
export function createStopSignal(owner: StoppableProcess, onFirst: () => void): StopSignal {
  const controller = new AbortController();
  const listeners = Object.entries(signals).map(([name, number]) => {
    const listener = (): void => {
      if (controller.signal.aborted) owner.exit(128 + number);
      else {
        onFirst();
        controller.abort(new Error("stopped by a signal"));
      }
    };
    return [name as keyof typeof signals, listener] as const;
  });
  for (const [name, listener] of listeners) owner.on(name, listener);
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const [name, listener] of listeners) owner.off(name, listener);
    },
  };
}
