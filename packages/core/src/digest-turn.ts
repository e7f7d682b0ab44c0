import type { Checkpoint, DigestChain, SealedDigest } from "./checkpoint.ts";
import { type DigestSignature, digestHash, digestLine } from "./digest.ts";
import { chainBefore, nextDigest } from "./digest-chain.ts";
import type { DigestSigner } from "./digest-keys.ts";
import { HeadgateError, isHeadgateError } from "./errors.ts";
import { foreignDigest } from "./restored-store.ts";
import { sendDigest } from "./send-digest.ts";
import type { SinkFailure } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import type { TurnContext, TurnResult, TurnStream } from "./turn.ts";

/** The collection of the store's documents that holds the first lines of digests under way. */
const collection = "digests";

/** Forgets the digests of a stream that are under way: it is deleted. */
export async function forgetDigests(store: Store, stream: string): Promise<void> {
  await removeLines(store, `${stream}/`);
}

/**
 * Goes on with the digest that is sealed, or seals the next one, and delivers it. Sealed is signed and written down before
 * the first request: whoever continues, after a crash or a takeover, delivers the same bytes under the same key. So a
 * chain cannot fork: what is not in the checkpoint is never sent, and the checkpoint moves under the lease alone.
 */
export async function takeDigestTurn(
  stream: TurnStream,
  record: StreamRecord,
  from: Checkpoint,
  context: TurnContext & { readonly signer: DigestSigner; readonly final?: boolean },
): Promise<TurnResult> {
  const { store, logger } = context;
  let checkpoint = from;
  let chain = await chainBefore(store, record, checkpoint, stream.sink);
  async function commit(next: DigestChain, lost = checkpoint.lost): Promise<void> {
    checkpoint = { ...checkpoint, version: checkpoint.version + 1, chain: next, ...(lost && { lost }) };
    await store.checkpoints.commit({ lease: context.lease(), checkpoint });
    chain = next;
  }

  // From now on the objects that it will name are kept, whatever is trimmed meanwhile.
  if (checkpoint.chain?.id !== chain.id) await commit(chain);
  let { sealed } = chain;
  const unsent = sealed === undefined;
  if (sealed === undefined) {
    const now = context.clock.now();
    const { digest, to, objects, filtered } = await nextDigest(store, {
      record,
      checkpoint,
      chain,
      sink: stream.sink,
      now,
      final: context.final === true,
    });
    const line = digestLine(digest);
    const hash = digestHash(line);
    const { number, key, sequences } = digest;
    const signature = await signed(line, context);
    if ("code" in signature) return { status: "retry", error: signature, checkpoint };
    const { final } = digest;
    const mark = final && { final };
    sealed = { number, hash, key, signature, to, through: sequences.through, filtered, objects, ...mark };
    const own = lineKey(record, chain, sealed);
    await store.documents.write([{ collection, key: own, value: Buffer.from(line).toString() }]);
    await commit({ ...chain, sealed });
    // What others wrote down and did not seal. Only who has sealed may say so: a runner that was overtaken may not.
    await removeLines(store, `${record.id}/`, own);
  }
  const line = await lineOf(store, record, chain, sealed);
  const { result, end } = await sendDigest(stream, chain, sealed, line, context);
  if (result === undefined) return { status: "ended", checkpoint };
  if (result.status === "blocked" && result.created === true && sealed.created !== true)
    await commit({ ...chain, sealed: { ...sealed, created: true } });
  // Of a digest that was not sealed before this turn, no earlier attempt can have been.
  const { present } = result.status === "delivered" ? result : {};
  if (present === "other" || (present === true && unsent)) {
    const { sealed: _sealed, ...rest } = chain;
    await commit({ ...rest, foreign: sealed.number });
    const error = foreignDigest(record, checkpoint);
    if (error !== undefined) return { status: "blocked", error, checkpoint };
  }
  if (result.status === "delivered" && end < line.length) {
    await commit({ ...chain, sealed: { ...sealed, sent: end } });
    return paced(result, checkpoint);
  }
  if (result.status === "delivered") {
    const { number, hash, to, through, filtered = 0, objects, final } = sealed;
    const last = { number, hash, to, madeAt: context.clock.now(), through, filtered, objects };
    const { lost } = checkpoint;
    const unlisted = lost?.ranges.filter(([first]) => first > through) ?? [];
    // What was there may be of an attempt whose reply was lost, or of another life of the store: the next one tells.
    const doubted = present === true && { doubted: true as const };
    await commit({ id: chain.id, ...last, ...(final && { final }), ...doubted }, lost && { ...lost, ranges: unlisted });
    logger.debug("a digest was delivered", { stream: record.id, number, through });
    await store.documents.write([{ collection, key: lineKey(record, chain, sealed) }]);
    return paced(result, checkpoint);
  }
  const { error } = result;
  const afterMs = result.status === "retry" ? result.afterMs : undefined;
  const status = result.status === "blocked" ? "blocked" : "retry";
  return { status, error, checkpoint, ...(afterMs !== undefined && { afterMs }) };
}

/** The signature, or why there is none: a key that is kept elsewhere may be out of reach, or silent. */
async function signed(
  line: Uint8Array,
  { signer, clock, signal, requestTimeoutMs }: TurnContext & { readonly signer: DigestSigner },
): Promise<DigestSignature | SinkFailure> {
  const over = new AbortController();
  const cancel = clock.after(requestTimeoutMs, () => over.abort());
  const stop = (): void => over.abort();
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([
      signer.sign(line),
      new Promise<never>((_resolve, reject) => {
        over.signal.addEventListener("abort", () => reject(new Error("over")), { once: true });
      }),
    ]);
  } catch (error) {
    if (isHeadgateError(error)) return { code: "signing_failed", message: error.message };
    // Words of a library's could quote what it was given.
    return {
      code: "signing_failed",
      message: over.signal.aborted ? "What signs digests did not answer in time." : "What signs digests failed.",
      hint: "Look at the key, or at the service that signs. Events are delivered meanwhile; nothing vouches for them yet.",
    };
  } finally {
    cancel();
    signal.removeEventListener("abort", stop);
  }
}

/** The turn's end after a request that was taken. */
function paced({ afterMs }: { readonly afterMs?: number }, checkpoint: Checkpoint): TurnResult {
  return afterMs !== undefined && afterMs > 0
    ? { status: "slowed", afterMs, checkpoint }
    : { status: "done", checkpoint };
}

async function lineOf(
  store: Store,
  record: StreamRecord,
  chain: DigestChain,
  sealed: SealedDigest,
): Promise<Uint8Array> {
  const document = await store.documents.get(collection, lineKey(record, chain, sealed));
  const line = Buffer.from(document?.value ?? "");
  if (digestHash(line) === sealed.hash) return line;
  throw new HeadgateError("store_corrupt", `The store has lost a digest of stream "${record.id}" that it had sealed.`, {
    hint: "Keep a copy of all its files, then restore a backup.",
  });
}

/** By its hash: a runner that has lost its lease cannot write over what another one has sealed. */
function lineKey({ id }: StreamRecord, chain: DigestChain, { number, hash }: SealedDigest): string {
  return `${id}/${chain.id}/${number}/${hash}`;
}

async function removeLines(store: Store, prefix: string, except?: string): Promise<void> {
  const lines = (await store.documents.list(collection, { prefix })).filter(({ key }) => key !== except);
  if (lines.length > 0) await store.documents.write(lines.map(({ key }) => ({ collection, key })));
}
