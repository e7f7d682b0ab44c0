import { gunzipSync } from "node:zlib";
import { ndjsonBatch } from "@headgate/sink-testkit";
import type { ReceivedBatch } from "@headgate/sink-testkit";

/** What a reader makes of a bucket's objects: the names that begin with `_` are not for it. */
export function receivedObjects(
  objects: readonly { readonly key: string; readonly bytes: Uint8Array }[],
): ReceivedBatch[] {
  return objects
    .filter(({ key }) => !/(^|\/)_/.test(key))
    .map(({ key, bytes }) => ndjsonBatch(key, key.endsWith(".gz") ? gunzipSync(bytes) : bytes));
}
