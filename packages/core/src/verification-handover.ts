import type { Documents } from "./store.ts";
import { hourMs } from "./time.ts";
import type { Verification } from "./verification.ts";

const collection = "verifications";

/** Leaves what a process found of a stream that it does not deliver to the one that does. A later one takes its place. */
export async function handOverVerification(
  documents: Documents,
  stream: string,
  verification: Verification,
): Promise<void> {
  await documents.write([{ collection, key: stream, value: JSON.stringify(verification) }]);
}

/**
 * Takes what was left for the streams that `take` resolves to true for. What nobody has taken within an hour is dropped: the
 * runner verifies by itself by then.
 */
export async function takeVerifications(
  documents: Documents,
  now: number,
  take: (stream: string, verification: Verification) => Promise<boolean>,
): Promise<void> {
  for (const { key, value, version } of await documents.list(collection)) {
    const verification = JSON.parse(value) as Verification;
    const old = Math.abs(now - verification.at) > hourMs;
    if (!old && !(await take(key, verification))) continue;
    const gone = { collection, key, expected: version };
    // Another one, of a moment ago, stays.
    await documents.write([gone]).catch(() => {});
  }
}
