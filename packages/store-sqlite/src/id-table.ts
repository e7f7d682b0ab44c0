import type { DatabaseSync } from "node:sqlite";

/**
 * Where to look for the hash of an id: a range of group ids, the end exclusive. Nearly always the hash is there; the
 * group itself decides.
 */
export type Visit = (from: number, to: number) => boolean;

/** Sizes of {@link idTable}, for tests. */
export interface IdTableSizes {
  /** Slots of the first layer, a power of two. @default 65536 */
  readonly smallest?: number;
  /** Slots of the largest layer, a power of two. @default 4194304 */
  readonly largest?: number;
  /** Slots held in memory, over all layers; 4 bytes each. @default 16777216 */
  readonly inMemory?: number;
}

/** A compact table of the hashes of all ids that the journal holds. */
export interface IdTable {
  /** Every group up to this id is in the table. */
  readonly through: number;
  /** Adds the hashes of a group, two numbers each. Groups come in order of id. */
  add(group: number, hashes: Uint32Array): void;
  /** Calls back with each range that may hold the hash, newest first, until the callback returns true. */
  find(high: number, low: number, visit: Visit): boolean;
  /** Moves what exceeds the memory allowed to disk. Outside a transaction only: a rollback would take it back. */
  spill(): void;
  /** Forgets layers whose groups are all older than this id. */
  dropBefore(group: number): void;
}

/** Part of the table: an open-addressing hash table over a range of group ids, cut into up to 4095 segments. */
interface Layer {
  readonly number: number;
  readonly mask: number;
  /** Absent once the layer was moved to the temporary database. */
  slots: Uint32Array | undefined;
  /** First group id of each segment. */
  readonly segments: number[];
  readonly segmentIds: number;
  idsInSegment: number;
  ids: number;
  lastGroup: number;
}

const segmentBits = 12;
const tagBits = 32 - segmentBits;
const tagMask = 2 ** tagBits - 1;
const pageSlots = 2048;

/**
 * Makes the table. A slot holds 12 bits for the segment and 20 bits of the hash, its place stands for 16 to 22 bits
 * more: about 5 bytes per id, and a wrong hit in some 100,000 look-ups. So an id that is new costs a memory access or
 * two, and one that is not leads at once to the few groups that may hold it. Layers double up to a largest size; what
 * exceeds the memory allowed moves to SQLite's temporary database, a file that goes with the process.
 */
export function idTable(database: DatabaseSync, sizes: IdTableSizes = {}): IdTable {
  const { smallest = 2 ** 16, largest = 2 ** 22, inMemory = 2 ** 24 } = sizes;
  const layers: Layer[] = [];
  let through = 0;
  let numbers = 0;

  database.exec(
    "CREATE TEMP TABLE IF NOT EXISTS spilled(layer INTEGER, page INTEGER, slots BLOB, PRIMARY KEY(layer, page))",
  );
  const writePage = database.prepare("INSERT INTO temp.spilled(layer, page, slots) VALUES (?, ?, ?)");
  const readPage = database.prepare("SELECT slots FROM temp.spilled WHERE layer = ? AND page = ?");
  const dropPages = database.prepare("DELETE FROM temp.spilled WHERE layer = ?");

  function newLayer(): Layer {
    const before = layers.at(-1);
    const size = before === undefined ? smallest : Math.min(largest, 2 * (before.mask + 1));
    const capacity = size * 0.75;
    const layer: Layer = {
      number: (numbers += 1),
      mask: size - 1,
      slots: new Uint32Array(size),
      segments: [],
      segmentIds: Math.ceil(capacity / 4000),
      idsInSegment: 0,
      ids: 0,
      lastGroup: 0,
    };
    layers.push(layer);
    return layer;
  }

  function spill(): void {
    let held = 0;
    for (const layer of layers.toReversed()) {
      if (layer.slots === undefined) continue;
      held += layer.mask + 1;
      if (held <= inMemory || layer === layers.at(-1)) continue;
      for (let page = 0; page * pageSlots <= layer.mask; page++) {
        writePage.run(layer.number, page, layer.slots.subarray(page * pageSlots, (page + 1) * pageSlots));
      }
      layer.slots = undefined;
    }
  }

  /** The slot of a layer that is no longer in memory. One page is kept: probing goes on to neighbours. */
  let keptLayer = 0;
  let keptPage = 0;
  let kept = new Uint32Array(0);
  function spilledSlot(layer: Layer, place: number): number {
    const page = Math.floor(place / pageSlots);
    if (keptLayer !== layer.number || keptPage !== page) {
      const blob = readPage.get(layer.number, page)?.["slots"];
      kept =
        blob instanceof Uint8Array
          ? new Uint32Array(blob.buffer, blob.byteOffset, blob.byteLength / 4)
          : new Uint32Array(pageSlots);
      keptLayer = layer.number;
      keptPage = page;
    }
    return kept[place % pageSlots] ?? 0;
  }

  function findIn(layer: Layer, high: number, low: number, visit: Visit): boolean {
    const { slots, mask, segments, lastGroup } = layer;
    const tag = low & tagMask;
    // Segments of one hash repeat where an id was trimmed and appended again; each is visited.
    for (let place = high & mask; ; place = (place + 1) & mask) {
      const slot = slots === undefined ? spilledSlot(layer, place) : (slots[place] ?? 0);
      if (slot === 0) return false;
      if ((slot & tagMask) !== tag) continue;
      const segment = (slot >>> tagBits) - 1;
      if (visit(segments[segment] ?? 0, segments[segment + 1] ?? lastGroup + 1)) return true;
    }
  }

  return {
    get through() {
      return through;
    },
    add(group, hashes) {
      through = group;
      let layer = layers.at(-1) ?? newLayer();
      for (let at = 0; at < hashes.length; at += 2) {
        if (layer.ids >= (layer.mask + 1) * 0.75) layer = newLayer();
        // A segment begins with a group, so that no group stands in two segments of one layer.
        if (layer.segments.length === 0 || (at === 0 && layer.idsInSegment >= layer.segmentIds)) {
          layer.segments.push(group);
          layer.idsInSegment = 0;
        }
        const { slots, mask } = layer;
        if (slots === undefined) continue;
        let place = (hashes[at] ?? 0) & mask;
        while (slots[place] !== 0) place = (place + 1) & mask;
        slots[place] = ((layer.segments.length << tagBits) | ((hashes[at + 1] ?? 0) & tagMask)) >>> 0;
        layer.ids += 1;
        layer.idsInSegment += 1;
        layer.lastGroup = group;
      }
    },
    find(high, low, visit) {
      for (let index = layers.length - 1; index >= 0; index--) {
        const layer = layers[index];
        if (layer !== undefined && findIn(layer, high, low, visit)) return true;
      }
      return false;
    },
    spill,
    dropBefore(group) {
      while (layers.length > 1 && (layers[0]?.lastGroup ?? 0) < group) {
        const dropped = layers.shift();
        if (dropped?.slots === undefined) dropPages.run(dropped?.number ?? 0);
      }
    },
  };
}
