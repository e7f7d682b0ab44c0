import { type AppendResult, HeadgateError, type PreparedEvent } from "@headgate/core";
import { type DriverClient, type Queries, queriesOf } from "./database.ts";
import { explain, sqlState } from "./failure.ts";
import type { JournalWriter } from "./journal-writer.ts";
import type { Partitions } from "./partitions.ts";

function clientOf(transaction: unknown): DriverClient {
  if (typeof transaction === "object" && transaction !== null && "query" in transaction) {
    return transaction as DriverClient;
  }
  throw new HeadgateError("transaction_unsupported", "What was passed as transaction has no query method.", {
    hint: "Pass the client of the pg driver that the transaction was begun on, or an object whose query(text, values) resolves to { rows, rowCount }.",
  });
}

/**
 * Appends in a transaction of the caller's, under a savepoint: where it fails, the transaction is as it was before, and
 * goes on or not as the caller decides. The organization's row stays locked until the transaction ends.
 */
export async function joinedAppend(
  transaction: unknown,
  organization: string,
  events: readonly PreparedEvent[],
  {
    writer,
    partitions,
    where,
  }: { readonly writer: JournalWriter; readonly partitions: Partitions; readonly where: string },
): Promise<AppendResult> {
  const queries = queriesOf(clientOf(transaction));
  try {
    return await underSavepoint(queries, async () => {
      // Others read the events as soon as the commit is acknowledged; so it has to be durable by then.
      await queries.query(
        "SELECT pg_catalog.set_config('synchronous_commit', 'on', true) WHERE pg_catalog.current_setting('synchronous_commit') = 'off'",
      );
      const [result] = await writer(queries, organization, [events], { repeated: false });
      return result as AppendResult;
    });
  } catch (error) {
    partitions.forget();
    throw explain(error, where);
  }
}

async function underSavepoint<Result>(queries: Queries, work: () => Promise<Result>): Promise<Result> {
  try {
    await queries.query("SAVEPOINT headgate_append");
  } catch (error) {
    if (sqlState(error) !== "25P01") throw error;
    throw new HeadgateError("transaction_unsupported", "What was passed as transaction has no transaction open.", {
      hint: "Begin one on that client first.",
    });
  }
  try {
    const result = await work();
    await queries.query("RELEASE SAVEPOINT headgate_append");
    return result;
  } catch (error) {
    // A connection that is gone has rolled back by itself.
    await queries.query("ROLLBACK TO SAVEPOINT headgate_append").catch(() => {});
    await queries.query("RELEASE SAVEPOINT headgate_append").catch(() => {});
    throw error;
  }
}
