import { type Headgate, isHeadgateError } from "@headgate/core";
import { randomUUID } from "node:crypto";

/** The collection of the store's documents that holds ids of streams to come, by organization and sink. */
const collection = "reserved_streams";

type Parts = Pick<Headgate, "open" | "store" | "streams">;
const keyOf = (organization: string, sink: string): string => JSON.stringify([organization, sink]);

/**
 * The id that the organization's next stream to a kind of sink will have: what is set up on the customer's side before
 * there is a stream, such as a role that trusts its tokens, can name it. The same until such a stream exists.
 */
export async function reservedStream(headgate: Parts, organization: string, sink: string): Promise<string> {
  await headgate.open();
  for (;;) {
    const stored = await headgate.store.documents.get(collection, keyOf(organization, sink));
    if (stored !== undefined && (await headgate.streams.get(stored.value)) === undefined) return stored.value;
    const minted = await replace(headgate, organization, sink, stored?.version ?? 0);
    if (minted !== undefined) return minted;
  }
}

/** The stream exists: what is set up next is another one's, even when this one is deleted. */
export async function useReservedStream(
  headgate: Parts,
  organization: string,
  sink: string,
  id: string,
): Promise<void> {
  const stored = await headgate.store.documents.get(collection, keyOf(organization, sink));
  if (stored?.value === id) await replace(headgate, organization, sink, stored.version);
}

/** Undefined where somebody else was faster: theirs counts. */
async function replace(
  { store }: Parts,
  organization: string,
  sink: string,
  expected: number,
): Promise<string | undefined> {
  const value = randomUUID();
  try {
    await store.documents.write([{ collection, key: keyOf(organization, sink), value, expected }]);
    return value;
  } catch (error) {
    if (!isHeadgateError(error, "document_conflict")) throw error;
    return undefined;
  }
}
