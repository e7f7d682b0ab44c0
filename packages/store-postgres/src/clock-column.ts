import type { Clock } from "@headgate/core";

/** The present instant, Unix ms, as an expression of SQL. */
export interface DatabaseClock {
  /** The expression; `parameter` is the number of the parameter that it takes. */
  at(parameter: number): string;
  /** That parameter's value. */
  readonly value: () => string | null;
}

/**
 * The database's clock, which all runners share: a runner whose own clock is wrong harms nobody. Another one stands in
 * for it where a test wants to hold time still.
 */
export function databaseClock(instead: Clock | undefined): DatabaseClock {
  return {
    at: (parameter) => `coalesce($${parameter}::bigint, floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint)`,
    value: () => (instead === undefined ? null : String(Math.floor(instead.now()))),
  };
}
