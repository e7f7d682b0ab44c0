import { type FrozenShape, type Shapes } from "./shape.ts";
import type { Store } from "./store.ts";
import { outgoing } from "./window.ts";

/** One of an organization's last events as it is stored, and as a stream of a shape would send it. */
export interface ShapedEvent {
  readonly sequence: number;
  /** The stored line, without LF. */
  readonly before: string;
  /** Undefined where the filter leaves the event out. */
  readonly after: string | undefined;
}

/** The last events of an organization, the newest first, before and after. */
export async function previewShape(
  store: Store,
  organization: string,
  {
    shapes,
    shape,
    limit,
  }: { readonly shapes: Shapes; readonly shape: FrozenShape | undefined; readonly limit: number },
): Promise<readonly ShapedEvent[]> {
  const { lastSequence } = await store.journal.head(organization);
  const after = Math.max(0, lastSequence - limit, (await store.journal.firstSequence(organization)) - 1);
  const shaper = shape === undefined ? undefined : shapes.shaper(shape, organization);
  const found: ShapedEvent[] = [];
  if (after >= lastSequence) return found;
  for await (const group of store.journal.read(organization, { after, through: lastSequence })) {
    let at = 0;
    group.lengths.forEach((length, i) => {
      const sequence = group.firstSequence + i;
      const line = group.body.subarray(at, at + length - 1);
      at += length;
      const bytes =
        shaper === undefined ? line : shaper(outgoing(line, sequence, group.occurredAt[i] as number))?.formatted;
      found.push({
        sequence,
        before: Buffer.from(line).toString(),
        after: bytes === undefined ? undefined : Buffer.from(bytes).toString(),
      });
    });
  }
  return found.toReversed();
}
