import { type Headgate, isHeadgateError } from "@headgate/core";
import { randomUUID } from "node:crypto";

/** The collection of the store's documents that holds external ids, by organization. */
const collection = "external_ids";

/**
 * The external id of an organization: made once, at random, and never chosen by anybody. A role that asks for it can be
 * assumed on behalf of this organization alone.
 *
 * @example
 * ```ts
 * const externalId = await externalIdOf(headgate, "org_1");
 * ```
 */
export async function externalIdOf(headgate: Pick<Headgate, "open" | "store">, organization: string): Promise<string> {
  await headgate.open();
  const { documents } = headgate.store;
  for (;;) {
    const stored = await documents.get(collection, organization);
    if (stored !== undefined) return stored.value;
    const value = randomUUID();
    try {
      await documents.write([{ collection, key: organization, value, expected: 0 }]);
      return value;
    } catch (error) {
      // Somebody else made it at the same moment: theirs counts.
      if (!isHeadgateError(error, "document_conflict")) throw error;
    }
  }
}
