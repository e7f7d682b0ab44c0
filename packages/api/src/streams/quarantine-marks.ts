import type { Headgate, QuarantineRecord } from "@headgate/core";

/** Entries that are read at a time: each brings its event, which may be of megabytes. */
const batch = 10;

/** Entries of a stream that one request marks at most, and looks at at most. */
export const mostMarked = 500;
const mostLooked = 5000;

/** The entries of a stream in order of sequence. */
export async function* quarantined(
  { store }: Pick<Headgate, "store">,
  stream: string,
  after = 0,
): AsyncGenerator<QuarantineRecord> {
  for (let from = after; ;) {
    const page = await store.quarantine.list(stream, { after: from, limit: batch });
    yield* page;
    const last = page.at(-1);
    if (last === undefined || page.length < batch) return;
    from = last.sequence;
  }
}

/** What marking came to. */
export interface Marked {
  readonly count: number;
  /** Lowest and highest sequence that was marked; 0 where none was. */
  readonly first: number;
  readonly last: number;
  /** Where to go on, where there may be more. */
  readonly next?: number;
}

/** Marks the entries after a sequence: to be sent again those that are held, discarded all that are not yet. */
export async function markAll(
  headgate: Headgate,
  stream: string,
  state: "retry" | "discarded",
  after: number,
): Promise<Marked> {
  let [count, first, last, looked, at] = [0, 0, 0, 0, after];
  for await (const entry of quarantined(headgate, stream, after)) {
    if (count === mostMarked || looked === mostLooked) return { count, first, last, next: at };
    looked++;
    at = entry.sequence;
    if (entry.state === "discarded" || entry.state === state) continue;
    const { quarantine } = headgate;
    const marked = state === "retry" ? await quarantine.retry(stream, at) : await quarantine.discard(stream, at);
    if (!marked) continue;
    count++;
    first ||= at;
    last = at;
  }
  return { count, first, last };
}
