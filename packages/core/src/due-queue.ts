/** A priority queue by time. An item is in it at most once: putting it again moves it. */
export interface DueQueue<T> {
  /** `at` in Unix ms; infinity takes the item out. */
  put(item: T, at: number): void;
  /** Takes out the item that has been due longest, if one is due at `now`. */
  takeDue(now: number): T | undefined;
  /** When the next item is due; infinity when the queue is empty. */
  nextAt(): number;
}

/** A binary heap. Entries that were moved stay until they surface and are then skipped. */
export function dueQueue<T>(): DueQueue<T> {
  const heap: { readonly at: number; readonly item: T; readonly ticket: number }[] = [];
  const tickets = new Map<T, number>();
  let lastTicket = 0;

  function before(a: number, b: number): boolean {
    const [x, y] = [heap[a], heap[b]];
    return x !== undefined && y !== undefined && (x.at < y.at || (x.at === y.at && x.ticket < y.ticket));
  }

  function swap(a: number, b: number): void {
    [heap[a], heap[b]] = [heap[b] as (typeof heap)[number], heap[a] as (typeof heap)[number]];
  }

  function pop(): (typeof heap)[number] | undefined {
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    heap[0] = last;
    let i = 0;
    for (;;) {
      let least = i;
      if (before(2 * i + 1, least)) least = 2 * i + 1;
      if (before(2 * i + 2, least)) least = 2 * i + 2;
      if (least === i) return top;
      swap(i, least);
      i = least;
    }
  }

  function dropStale(): void {
    for (let top = heap[0]; top !== undefined && tickets.get(top.item) !== top.ticket; top = heap[0]) pop();
  }

  return {
    put(item, at) {
      if (at === Number.POSITIVE_INFINITY) {
        tickets.delete(item);
        return;
      }
      lastTicket += 1;
      tickets.set(item, lastTicket);
      heap.push({ at, item, ticket: lastTicket });
      for (let i = heap.length - 1; i > 0;) {
        const parent = (i - 1) >> 1;
        if (!before(i, parent)) break;
        swap(i, parent);
        i = parent;
      }
    },
    takeDue(now) {
      dropStale();
      const top = heap[0];
      if (top === undefined || top.at > now) return undefined;
      pop();
      tickets.delete(top.item);
      return top.item;
    },
    nextAt() {
      dropStale();
      return heap[0]?.at ?? Number.POSITIVE_INFINITY;
    },
  };
}
