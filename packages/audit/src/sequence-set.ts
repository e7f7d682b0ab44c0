const pageSize = 65_536;
const sparseLimit = 4096;

/** An inclusive range of sequences. */
export type SequenceRange = readonly [first: number, last: number];

/** A set of sequences in little memory. */
export interface SequenceSet {
  /** False where it is in already. */
  add(sequence: number): boolean;
  readonly size: number;
  /** Lowest and highest; 0 where the set is empty. */
  readonly first: number;
  readonly last: number;
  /** The ranges that are in, in order. */
  ranges(): Generator<SequenceRange>;
  /** The ranges between `first` and `last` that are not in, in order. */
  gaps(): Generator<SequenceRange>;
}

/** A page holds the low 16 bits of its members: sorted while they are few, a bitmap once that is smaller. */
type Page = { kind: "sparse"; members: Uint16Array; count: number } | { kind: "dense"; bits: Uint32Array };

/**
 * Pages of 65,536 sequences. A page takes 2 bytes a member up to 4,096 members and 8 KiB from there on, so 10⁸
 * consecutive sequences take 12.5 MB. Only strewn sequences cost more, about 400 bytes for each page that one of them
 * touches; a journal's are consecutive.
 */
export function createSequenceSet(): SequenceSet {
  const pages = new Map<number, Page>();
  let size = 0;
  let first = 0;
  let last = 0;

  function* ranges(): Generator<SequenceRange> {
    let open: [number, number] | undefined;
    for (const index of [...pages.keys()].sort((a, b) => a - b)) {
      for (const [from, to] of rangesOf(pages.get(index) as Page)) {
        const start = index * pageSize + from;
        if (open !== undefined && start === open[1] + 1) open[1] = index * pageSize + to;
        else {
          if (open !== undefined) yield open;
          open = [start, index * pageSize + to];
        }
      }
    }
    if (open !== undefined) yield open;
  }

  return {
    add(sequence) {
      const index = Math.floor(sequence / pageSize);
      let page = pages.get(index);
      if (page === undefined) pages.set(index, (page = { kind: "sparse", members: new Uint16Array(4), count: 0 }));
      if (page.kind === "sparse" && page.count === sparseLimit) pages.set(index, (page = toDense(page.members)));
      const added =
        page.kind === "sparse" ? addSparse(page, sequence % pageSize) : addDense(page.bits, sequence % pageSize);
      if (!added) return false;
      first = size === 0 ? sequence : Math.min(first, sequence);
      last = Math.max(last, sequence);
      size++;
      return true;
    },
    get size() {
      return size;
    },
    get first() {
      return first;
    },
    get last() {
      return last;
    },
    ranges,
    *gaps() {
      let next = first;
      for (const [from, to] of ranges()) {
        if (from > next) yield [next, from - 1];
        next = to + 1;
      }
    },
  };
}

function addDense(bits: Uint32Array, member: number): boolean {
  const word = bits[member >>> 5] as number;
  const bit = 1 << (member & 31);
  if ((word & bit) !== 0) return false;
  bits[member >>> 5] = word | bit;
  return true;
}

function addSparse(page: Extract<Page, { kind: "sparse" }>, member: number): boolean {
  const { members, count } = page;
  let low = 0;
  // Members mostly come in order, so the end is looked at first.
  if (count > 0 && member > (members[count - 1] as number)) low = count;
  for (let high = count; low < high;) {
    const middle = (low + high) >>> 1;
    if ((members[middle] as number) < member) low = middle + 1;
    else high = middle;
  }
  if (low < count && members[low] === member) return false;
  if (count === members.length) {
    page.members = new Uint16Array(count * 2);
    page.members.set(members);
  }
  page.members.copyWithin(low + 1, low, count);
  page.members[low] = member;
  page.count++;
  return true;
}

function toDense(members: Uint16Array): Page {
  const bits = new Uint32Array(pageSize / 32);
  for (const member of members) addDense(bits, member);
  return { kind: "dense", bits };
}

/** Ranges of members of one page, as offsets into it. */
function* rangesOf(page: Page): Generator<SequenceRange> {
  if (page.kind === "sparse") {
    for (let i = 0; i < page.count; i++) yield [page.members[i] as number, page.members[i] as number];
    return;
  }
  for (let member = 0; member < pageSize;) {
    const word = page.bits[member >>> 5] as number;
    if (word === 0 && (member & 31) === 0) member += 32;
    else if ((word & (1 << (member & 31))) === 0) member++;
    else {
      const start = member;
      while (member < pageSize && ((page.bits[member >>> 5] as number) & (1 << (member & 31))) !== 0) {
        member += (member & 31) === 0 && page.bits[member >>> 5] === 0xffff_ffff ? 32 : 1;
      }
      yield [start, member - 1];
    }
  }
}
