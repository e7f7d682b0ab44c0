import { parseDuration } from "../config/units.ts";
import { type OutagePlan, usualOutages } from "./outages.ts";
import { UsageError } from "../commands/command.ts";

/** What the demo was asked to do. */
export interface DemoSettings {
  /** As it was given. */
  readonly directory: string;
  /** Of all organizations together, at the start. */
  readonly eventsPerSecond: number;
  /** After so many ms it stops by itself. @default never */
  readonly forMs?: number;
  /** Age of the oldest event at which a stream delivers, in ms. @default 5000 */
  readonly flushMs?: number;
  /** Hours before the start that a new folder shows as lived through. @default 0 */
  readonly historyHours?: number;
  /** Where the console is served on loopback; another port where that one is taken. @default no console */
  readonly port?: number;
  /** When the last organization's destination is away by itself. @default never */
  readonly outages?: OutagePlan;
}

const historyHours = 24;
export const fewestPerSecond = 0.1;
export const mostPerSecond = 5000;

/** Reads the options. @throws {@link UsageError} */
export function demoSettings(values: {
  readonly directory?: string;
  readonly "events-per-second"?: string;
  readonly for?: string;
  readonly port?: string;
}): DemoSettings {
  const { directory = "./headgate-demo", "events-per-second": rate = "6", for: time, port = "8686" } = values;
  if (directory === "") throw new UsageError("--directory must be the path of a folder.");
  const eventsPerSecond = rate.trim() === "" ? Number.NaN : Number(rate);
  if (!(eventsPerSecond >= fewestPerSecond && eventsPerSecond <= mostPerSecond)) {
    throw new UsageError(`--events-per-second must be a number from ${fewestPerSecond} to ${mostPerSecond}.`);
  }
  const forMs = time === undefined ? undefined : parseDuration(time);
  if (time !== undefined && (forMs === undefined || forMs === 0)) {
    throw new UsageError("--for must be a duration such as 30s or 5m.");
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new UsageError("--port must be a number up to 65535.");
  return {
    directory,
    eventsPerSecond,
    historyHours,
    port: Number(port),
    outages: usualOutages,
    ...(forMs !== undefined && { forMs }),
  };
}
