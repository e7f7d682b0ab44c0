import type { DigestChain, SealedDigest } from "./checkpoint.ts";
import { callSink, chunkOf, deliverChunk } from "./chunk.ts";
import { digestFile } from "./digest.ts";
import { digestPiece } from "./digest-event.ts";
import { plainSink } from "./shaped-sink.ts";
import type { DeliveryResult } from "./sink.ts";
import type { TurnContext, TurnStream } from "./turn.ts";
import { cutWindow, planOf } from "./window.ts";

/**
 * Sends a sealed digest, as a file beside the objects or as an event, or the next piece of it: one request. `end` says how
 * far its line is at the destination, if that is taken.
 */
export async function sendDigest(
  stream: TurnStream,
  { id: chain }: DigestChain,
  { number, key, signature, to, created, sent }: SealedDigest,
  line: Uint8Array,
  context: TurnContext,
): Promise<{ readonly result: DeliveryResult | undefined; readonly end: number }> {
  const { id } = stream;
  // A digest is no event of the journal: no filter and no format applies.
  const sink = plainSink(stream.sink);
  const { digests } = sink;
  if (typeof digests === "object" && key !== null) {
    const bytes = digestFile(line, signature);
    const digest = { stream: id, key, to, line, signature, bytes, ...(created && { created }) };
    const result = await callSink(sink, id, (delivery) => digests.deliver(digest, delivery), context);
    return { result, end: line.length };
  }
  const { metadata, offset, end } = digestPiece(line, signature, sink.limits, sent);
  const name = `digest-${number}${offset === undefined ? "" : `-${offset}`}`;
  const { maxEventAgeMs = Number.POSITIVE_INFINITY } = sink.limits;
  const now = context.clock.now();
  // The destination would drop what waited for too long. When the digest was made stands in its signed text.
  const at = now - to > maxEventAgeMs ? now : to;
  const event = {
    schema_version: 1,
    id: `${chain}-${name}`,
    occurred_at: new Date(at).toISOString(),
    organization: { id: stream.organization },
    action: "headgate.digest",
    category: "system",
    outcome: "success",
    actor: { type: "system", id: "headgate" },
    metadata,
    // It is none of the journal's events.
    sequence: 0,
  };
  const body = Buffer.from(`${JSON.stringify(event)}\n`);
  const group = {
    firstSequence: 0,
    appendedAt: at,
    occurredAt: Float64Array.of(at),
    lengths: Uint32Array.of(body.length),
    body,
  };
  const plan = { ...planOf(sink), maxEventBytes: Number.MAX_SAFE_INTEGER };
  async function* groups(): AsyncGenerator<typeof group> {
    yield group;
  }
  for await (const piece of cutWindow(plan, sink, { index: [group], groups: groups() }, {})) {
    const chunk = chunkOf(stream, { after: 0, through: 0 }, plan.encoding, piece);
    const result = await deliverChunk(sink, { ...chunk, key: `${encodeURIComponent(id)}/${chain}/${name}` }, context);
    return { result, end };
  }
  throw new Error("one digest made no chunk");
}
