/** A signal that is aborted with the first of others. Release it when its work is done, or they hold on to it. */
export interface LinkedSignal extends Disposable {
  readonly signal: AbortSignal;
}

/** Unlike `AbortSignal.any`, leaves nothing behind on signals that live as long as the process. */
export function linkedSignal(...sources: readonly AbortSignal[]): LinkedSignal {
  const controller = new AbortController();
  const listeners = sources.map((source) => {
    const onAbort = (): void => controller.abort(source.reason);
    if (source.aborted) onAbort();
    else source.addEventListener("abort", onAbort, { once: true });
    return () => source.removeEventListener("abort", onAbort);
  });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      for (const remove of listeners) remove();
    },
  };
}
