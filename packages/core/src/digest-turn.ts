import type { Checkpoint, DigestChain, SealedDigest } from "./checkpoint.ts";
import { callSink, chunkOf, deliverChunk } from "./chunk.ts";
import { digestEvent, digestFile, digestHash, digestLine } from "./digest.ts";
import { chainBefore, nextDigest } from "./digest-chain.ts";
import type { DigestSigner } from "./digest-keys.ts";
import { HeadgateError } from "./errors.ts";
import type { DeliveryResult } from "./sink.ts";
import type { Store, StreamRecord } from "./store.ts";
import type { TurnContext, TurnResult, TurnStream } from "./turn.ts";
import { cutWindow, planOf } from "./window.ts";

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
  context: TurnContext & { readonly signer: DigestSigner },
): Promise<TurnResult> {
  const { store, logger } = context;
  let checkpoint = from;
  let chain = await chainBefore(store, record, checkpoint);
  async function commit(next: DigestChain): Promise<void> {
    checkpoint = { ...checkpoint, version: checkpoint.version + 1, chain: next };
    await store.checkpoints.commit({ lease: context.lease(), checkpoint });
    chain = next;
  }

  let { sealed } = chain;
  if (sealed === undefined) {
    const { signer, clock } = context;
    const now = clock.now();
    const { digest, to } = await nextDigest(store, { record, checkpoint, chain, sink: stream.sink, now });
    const line = digestLine(digest);
    const hash = digestHash(line);
    const { number, key, sequences } = digest;
    const signature = await signer.sign(line);
    const objects = checkpoint.recorded?.count ?? 0;
    sealed = { number, hash, key, signature, to, through: sequences.through, objects };
    // What an earlier process wrote down and did not seal is of no use any more.
    await removeLines(store, linePrefix(record));
    await store.documents.write([{ collection, key: lineKey(record, sealed), value: Buffer.from(line).toString() }]);
    await commit({ ...chain, sealed });
  }
  const result = await deliver(stream, sealed, await lineOf(store, record, sealed), context);
  if (result === undefined) return { status: "ended", checkpoint };
  if (result.status === "delivered") {
    const { number, hash, to, through, objects } = sealed;
    await commit({ number, hash, to, through, objects });
    logger.debug("a digest was delivered", { stream: record.id, number, through });
    await store.documents.write([{ collection, key: lineKey(record, sealed) }]);
    return result.afterMs !== undefined && result.afterMs > 0
      ? { status: "slowed", afterMs: result.afterMs, checkpoint }
      : { status: "done", checkpoint };
  }
  const { error } = result;
  const afterMs = result.status === "retry" ? result.afterMs : undefined;
  const status = result.status === "blocked" ? "blocked" : "retry";
  return { status, error, checkpoint, ...(afterMs !== undefined && { afterMs }) };
}

async function deliver(
  stream: TurnStream,
  { number, key, signature, to }: SealedDigest,
  line: Uint8Array,
  context: TurnContext,
): Promise<DeliveryResult | undefined> {
  const { sink, id } = stream;
  const { digests } = sink;
  if (typeof digests === "object" && key !== null) {
    const digest = { stream: id, key, to, line, signature, bytes: digestFile(line, signature) };
    return callSink(sink, id, (delivery) => digests.deliver(digest, delivery), context);
  }
  const event = {
    schema_version: 1,
    id: `${id}-digest-${number}`,
    occurred_at: new Date(to).toISOString(),
    organization: { id: stream.organization },
    action: "headgate.digest",
    category: "system",
    outcome: "success",
    actor: { type: "system", id: "headgate" },
    metadata: digestEvent(line, signature),
    // It is none of the journal's events.
    sequence: 0,
  };
  const body = Buffer.from(`${JSON.stringify(event)}\n`);
  const group = {
    firstSequence: 0,
    appendedAt: to,
    occurredAt: Float64Array.of(to),
    lengths: Uint32Array.of(body.length),
    body,
  };
  const plan = { ...planOf(sink), maxEventBytes: Number.MAX_SAFE_INTEGER };
  async function* groups(): AsyncGenerator<typeof group> {
    yield group;
  }
  for await (const piece of cutWindow(plan, sink, { index: [group], groups: groups() }, {})) {
    const chunk = chunkOf(stream, { after: 0, through: 0 }, plan.encoding, piece);
    return deliverChunk(sink, { ...chunk, key: `${encodeURIComponent(id)}/digest-${number}` }, context);
  }
  throw new Error("one digest made no chunk");
}

async function lineOf(store: Store, record: StreamRecord, sealed: SealedDigest): Promise<Uint8Array> {
  const document = await store.documents.get(collection, lineKey(record, sealed));
  const line = Buffer.from(document?.value ?? "");
  if (digestHash(line) === sealed.hash) return line;
  throw new HeadgateError("store_corrupt", `The store has lost a digest of stream "${record.id}" that it had sealed.`, {
    hint: "Keep a copy of all its files, then restore a backup.",
  });
}

function linePrefix({ id, incarnation }: StreamRecord): string {
  return `${id}/${incarnation}/`;
}

/** By its hash: a runner that has lost its lease cannot write over what another one has sealed. */
function lineKey(record: StreamRecord, { number, hash }: SealedDigest): string {
  return `${linePrefix(record)}${number}/${hash}`;
}

async function removeLines(store: Store, prefix: string): Promise<void> {
  const lines = await store.documents.list(collection, { prefix });
  if (lines.length > 0) await store.documents.write(lines.map(({ key }) => ({ collection, key })));
}
