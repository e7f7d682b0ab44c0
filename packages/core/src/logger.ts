/** What a log line may carry: names and numbers, never a secret and never an event's content. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Structured logging as core needs it; pino's logger fits after swapping the arguments. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

const nothing = (): void => {};

/** Says nothing. The default wherever no logger is passed in. */
export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };
