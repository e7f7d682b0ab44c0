import { HeadgateError } from "./errors.ts";
import type { AppendOptions } from "./journal.ts";

/**
 * For stores that commit what they append themselves.
 * @throws `transaction_unsupported` where the caller wants it in a transaction of its own
 */
export function assertOwnTransaction(options: AppendOptions | undefined, store: string): void {
  if (options?.transaction === undefined) return;
  throw new HeadgateError("transaction_unsupported", `A ${store} store cannot append in the caller's transaction.`, {
    hint: "Leave the transaction out, or keep the store in the PostgreSQL database that the transaction is of.",
  });
}
