import type { LogFields, Logger } from "@headgate/core";
import { pino } from "pino";
import type { LogConfig } from "../config/config.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Logs to standard error: an object a line, with `time` as UTC text, `level` as a word and `pid`; or, for people, a line
 * of text. Without a format a person's terminal gets text.
 */
export function createLogger({ level, format }: LogConfig, terminal: Terminal): Logger {
  const pretty = (format ?? (terminal.interactive ? "pretty" : "json")) === "pretty";
  const destination = {
    write(line: string) {
      terminal.note(pretty ? prettyLine(JSON.parse(line) as Readonly<Record<string, unknown>>) : line.trimEnd());
    },
  };
  const logger = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    destination,
  );
  const at =
    (name: "debug" | "info" | "warn" | "error") =>
    (message: string, fields?: LogFields): void => {
      logger[name](fields ?? {}, message);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** `09:52:30 WARN  a stream's delivery failed  stream=acme-s3 code=access_denied`. */
function prettyLine({ time, level, msg, pid: _pid, ...fields }: Readonly<Record<string, unknown>>): string {
  const rest = Object.entries(fields).map(([name, value]) => {
    const text = typeof value === "string" && /[\s"=]/.test(value) ? JSON.stringify(value) : String(value);
    return `${name}=${text}`;
  });
  return [`${String(time).slice(11, 19)} ${String(level).toUpperCase().padEnd(5)} ${String(msg)}`, ...rest].join("  ");
}
