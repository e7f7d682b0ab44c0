import type { LogFields, Logger } from "@headgate/core";

/** What of a pino logger is used. Anything else that takes fields before the message fits as well. */
export interface PinoLike {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Lets Headgate log to pino.
 *
 * @example
 * ```ts
 * import { pino } from "pino";
 *
 * const headgate = createHeadgate({ store: memoryStore(), sinks: [], logger: pinoLogger(pino()) });
 * ```
 */
export function pinoLogger(logger: PinoLike): Logger {
  const at =
    (level: keyof PinoLike) =>
    (message: string, fields?: LogFields): void =>
      logger[level](fields ?? {}, message);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
