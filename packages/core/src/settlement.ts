import type { AppendTimes } from "./append-times.ts";
import type { Checkpoint, QuarantineEntry, SealedWindow, SettledEvents, StoredObject, Tally } from "./checkpoint.ts";
import type { DeliveryReport } from "./observer.ts";
import { tallied } from "./service-level.ts";
import { settle } from "./settled.ts";
import { type ObjectProof, recordedBy, storedObject } from "./stored-object.ts";
import type { WindowPiece } from "./window.ts";

/** A checkpoint while its stream has a sealed window. */
export type SealedCheckpoint = Checkpoint & { readonly window: SealedWindow };

/** What is stored in one step with a checkpoint. */
export interface Beside {
  readonly quarantine: readonly QuarantineEntry[];
  readonly deliveries: readonly DeliveryReport[];
  readonly objects: readonly StoredObject[];
}

/** Writes the next checkpoint, with what belongs to it in the same step, and resolves to it as it is stored. */
export type Commit = (next: Checkpoint, beside: Beside) => Promise<Checkpoint>;

/**
 * What of a window is settled, in memory ahead of the checkpoint. Counts, ordinals and quarantine entries change together,
 * with no wait in between, so that every commit is true as a whole.
 */
export class Settlement {
  readonly #window: SealedWindow;
  readonly #commit: Commit;
  readonly #times: AppendTimes;
  readonly #settled: Record<number, SettledEvents>;
  #checkpoint: Checkpoint;
  #settledCount: number;
  #delivered: number;
  #quarantined: number;
  #filtered = 0;
  #lastStreamed: Checkpoint["lastStreamed"];
  #tally: Tally | undefined;
  #entries: QuarantineEntry[] = [];
  #reports: DeliveryReport[] = [];
  #recorded: Checkpoint["recorded"];
  #objects: StoredObject[] = [];
  #unsaved = false;
  #saving: Promise<void> | undefined;
  /** Set by the first commit that failed. What the store holds is not known then, so nothing more is committed. */
  #failed: { readonly error: unknown } | undefined;

  constructor(from: SealedCheckpoint, commit: Commit, times: AppendTimes) {
    this.#checkpoint = from;
    this.#window = from.window;
    this.#commit = commit;
    this.#times = times;
    this.#settled = { ...from.window.settled };
    this.#settledCount = from.window.settledCount;
    this.#delivered = from.delivered;
    this.#quarantined = from.quarantined;
    this.#lastStreamed = from.lastStreamed;
    this.#tally = from.tally;
    this.#recorded = from.recorded;
  }

  /** The last checkpoint known to be stored. */
  get checkpoint(): Checkpoint {
    return this.#checkpoint;
  }

  /** Whether every event of the window is settled. */
  get whole(): boolean {
    return this.#settledCount + this.#filtered === this.#window.through - this.#window.after;
  }

  /** So many events of the window are none for this stream. They are counted when it ends: cutting it again finds them again. */
  leaveOut(count: number): void {
    this.#filtered = count;
  }

  /** What is settled of a piece. */
  of(piece: WindowPiece): SettledEvents {
    return this.#settled[piece.index] ?? [];
  }

  /** A request has ended; its report is stored with what it settles. */
  note(report: DeliveryReport): void {
    this.#reports.push(report);
  }

  /** The reports that no commit has taken along, because their requests settled nothing. */
  takeReports(): readonly DeliveryReport[] {
    return this.#reports.splice(0);
  }

  /** The first `count` events of a piece are with the destination. */
  accept(piece: WindowPiece, count: number, receipt: string, now: number): void {
    if (count === 0) return;
    this.#settle(
      piece,
      Array.from({ length: count }, (_, i) => i),
    );
    this.#delivered += count;
    const late = this.#times.late(piece.sequences.subarray(0, count), now);
    this.#tally = tallied(this.#tally, now, { delivered: count, late });
    const sequence = piece.sequences[count - 1] as number;
    if (this.#lastStreamed !== undefined && this.#lastStreamed.sequence > sequence) return;
    this.#lastStreamed = { sequence, occurredAt: piece.times[count - 1] as number, at: now, receipt };
  }

  /** A piece, or a part of one, is an object at the destination now. */
  record(piece: WindowPiece, object: ObjectProof | undefined, at: number): void {
    if (object === undefined) return;
    const recorded = recordedBy(this.#recorded, this.#checkpoint);
    this.#recorded = { ...recorded, count: recorded.count + 1 };
    const { encoding } = this.#window.plan;
    this.#objects.push(storedObject(object, { number: recorded.count + 1, sequences: piece.sequences, encoding, at }));
  }

  /** Events of a piece go to quarantine. */
  isolate(piece: WindowPiece, indexes: readonly number[], entries: readonly QuarantineEntry[]): void {
    this.#settle(piece, indexes);
    this.#quarantined += entries.length;
    this.#entries.push(...entries);
    for (const { quarantinedAt } of entries) this.#tally = tallied(this.#tally, quarantinedAt, { quarantined: 1 });
  }

  /** Commits what is settled so far. Calls that come while one is under way share the next. */
  save(): Promise<void> {
    this.#unsaved = true;
    this.#saving ??= this.#saveAll().finally(() => (this.#saving = undefined));
    return this.#saving;
  }

  /** Ends the window, all of which is settled. */
  async finish(): Promise<void> {
    await this.#saving;
    const { window: _done, ...rest } = this.#progress();
    const filtered = (this.#checkpoint.filtered ?? 0) + this.#filtered;
    await this.#write({ ...rest, ...(filtered > 0 && { filtered }), position: this.#window.through });
  }

  /** Commits what the last save did not, if there is any. */
  async saveRest(): Promise<void> {
    if (this.#entries.length > 0 || this.#settledCount > (this.#checkpoint.window?.settledCount ?? 0))
      await this.save();
  }

  async #saveAll(): Promise<void> {
    while (this.#unsaved) {
      this.#unsaved = false;
      const window = { ...this.#window, settled: { ...this.#settled }, settledCount: this.#settledCount };
      await this.#write({ ...this.#progress(), window });
    }
  }

  #progress(): Checkpoint {
    return {
      ...this.#checkpoint,
      delivered: this.#delivered,
      quarantined: this.#quarantined,
      ...(this.#lastStreamed && { lastStreamed: this.#lastStreamed }),
      ...(this.#tally && { tally: this.#tally }),
      ...(this.#recorded && { recorded: this.#recorded }),
    };
  }

  async #write(next: Checkpoint): Promise<void> {
    if (this.#failed !== undefined) throw this.#failed.error;
    const [quarantine, objects] = [this.#entries, this.#objects];
    [this.#entries, this.#objects] = [[], []];
    try {
      this.#checkpoint = await this.#commit(next, { quarantine, deliveries: this.takeReports(), objects });
    } catch (error) {
      this.#failed = { error };
      throw error;
    }
  }

  #settle(piece: WindowPiece, indexes: readonly number[]): void {
    if (indexes.length === 0) return;
    const ordinals = indexes.map((i) => piece.ordinals[i] as number);
    this.#settled[piece.index] = settle(this.#settled[piece.index], ordinals, piece.total);
    this.#settledCount += indexes.length;
  }
}
