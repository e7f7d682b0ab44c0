/** Things to go on with, by time; of the same time, the first put is the first taken. */
export interface Agenda<T> {
  put(item: T, at: number): void;
  /** Takes the earliest item that is due by then. */
  take(by: number): T | undefined;
  size(): number;
}

export function createAgenda<T>(): Agenda<T> {
  const entries: { readonly item: T; readonly at: number }[] = [];
  return {
    put(item, at) {
      let [low, high] = [0, entries.length];
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((entries[middle] as { readonly at: number }).at <= at) low = middle + 1;
        else high = middle;
      }
      entries.splice(low, 0, { item, at });
    },
    take(by) {
      const first = entries[0];
      return first === undefined || first.at > by ? undefined : entries.shift()?.item;
    },
    size: () => entries.length,
  };
}
