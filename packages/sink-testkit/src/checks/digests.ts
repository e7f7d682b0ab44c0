import assert from "node:assert/strict";
import { digestFile, type DigestObjects, type OutgoingDigest, type Sink } from "@headgate/core";
import { auditEvents } from "../audit-event.ts";
import { type Check, deliveryContext } from "../check.ts";
import { chunkOf } from "../chunk-of.ts";
import { expectEvents } from "../expect-received.ts";

const to = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const chain = { stream: "stream-1", chain: "0199a8c2-1c1e-7f3e-9a51-3d0c5f1b2a77" };

/** A sink that says nothing of digests, or takes them as events, has nothing to show here. */
function digestsOf(sink: Sink): DigestObjects | undefined {
  return typeof sink.digests === "object" ? sink.digests : undefined;
}

function digestFor(digests: DigestObjects, number: number): OutgoingDigest {
  const line = Buffer.from(`{"number":${number}}`);
  const signature = { algorithm: "Ed25519", key_id: "k", signature: "A".repeat(86) } as const;
  const key = digests.key(chain, number);
  return { stream: chain.stream, key, to, line, signature, bytes: digestFile(line, signature) };
}

/** Digests beside the objects that they vouch for. */
export const digests: readonly Check[] = [
  {
    id: "digests/names-objects",
    title: "says of each object under which key it is, and with which hashes",
    async run(tools) {
      const sink = await tools.create();
      if (digestsOf(sink) === undefined) return;
      const result = await tools.deliver(sink, chunkOf(sink, auditEvents(5)));
      assert.equal(result.status, "delivered");
      const object = result.status === "delivered" ? result.object : undefined;
      assert.ok(object !== undefined, "delivered names no object, though the sink stores digests of objects.");
      assert.match(object.sha1, /^[0-9a-f]{40}$/);
      assert.match(object.sha256, /^[0-9a-f]{64}$/);
      assert.ok(object.bytes > 0, "The object has no bytes.");
      const names = (await tools.received()).map(({ name }) => name);
      // A harness may leave the destination's own prefix out of its names.
      assert.ok(
        names.some((name) => object.key.endsWith(name)),
        `There is no object ${object.key}, but ${names.join(", ")}.`,
      );
    },
  },
  {
    id: "digests/aside",
    title: "stores digests where no reader of events looks, once, however often they are sent, and says what was there",
    async run(tools) {
      const sink = await tools.create();
      const own = digestsOf(sink);
      if (own === undefined) return;
      const events = auditEvents(3);
      await tools.deliverToEnd(sink, chunkOf(sink, events));
      const [first, second] = [digestFor(own, 9), digestFor(own, 10)];
      assert.ok(first.key < second.key, "Keys of digests do not sort by number.");
      assert.match(first.key, /(^|\/)_/, "The key of a digest has no part that begins with an underscore.");
      const other = await tools.create();
      for (const [seen, by] of [sink, sink, other].entries()) {
        const delivering = digestsOf(by)?.deliver(first, deliveryContext());
        const result = await tools.within("digests.deliver", Promise.resolve(delivering));
        assert.equal(result?.status, "delivered", `A digest ended ${JSON.stringify(result)}.`);
        assert.equal(
          result.present === true,
          seen > 0,
          seen > 0 ? "A digest that was there is not said to be present." : "A new digest is said to be present.",
        );
      }
      expectEvents(await tools.received(), sink, events);
    },
  },
  {
    id: "digests/cancels",
    title: "stops a digest when its signal is aborted, and takes none once it is disposed of",
    async run(tools) {
      const sink = await tools.create();
      const own = digestsOf(sink);
      if (own === undefined) return;
      const reason = new Error("stop");
      const aborted = own.deliver(digestFor(own, 1), deliveryContext({ signal: AbortSignal.abort(reason) }));
      await assert.rejects(tools.within("digests.deliver", aborted), reason);
      await sink[Symbol.asyncDispose]();
      const late = own.deliver(digestFor(own, 2), deliveryContext());
      await assert.rejects(tools.within("digests.deliver", late), { code: "sink_closed" });
    },
  },
];
