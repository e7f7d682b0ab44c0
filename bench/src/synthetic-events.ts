import { closeSync, openSync, writeSync } from "node:fs";
import type { IncomingEvent } from "@headgate/core";

/** What the events are like. The same settings give the same bytes on every machine and day. */
export interface SyntheticSettings {
  /** @default 1 */
  readonly seed?: number;
  /** Events go round them by turns: `org_0`, `org_1` … @default 1 */
  readonly organizations?: number;
  /** Events per hour of `occurred_at`, all organizations together. @default all in one hour */
  readonly perHour?: number;
}

/** A made-up audit event, about 650 bytes as JSON. Its members stand in an order of their own, as a platform writes them. */
export type SyntheticEvent = IncomingEvent & {
  readonly id: string;
  readonly organization: { readonly id: string };
};

const hourMs = 3_600_000;
const firstHour = Date.UTC(2025, 6, 16, 6);

const actions = [
  ["user.login", "authentication"],
  ["user.logout", "authentication"],
  ["user.mfa.challenged", "authentication"],
  ["context.secrets.accessed", "configuration"],
  ["context.secrets.rotated", "configuration"],
  ["project.settings.updated", "configuration"],
  ["pipeline.started", "pipeline"],
  ["pipeline.finished", "pipeline"],
  ["job.approved", "pipeline"],
  ["member.role.changed", "access"],
  ["artifact.downloaded", "data"],
  ["plan.upgraded", "billing"],
] as const;
const outcomes = ["success", "success", "success", "success", "failure", "denied"] as const;
const names = ["Ada Lovelace", "Grace Hopper", "Alan Turing", "Edsger Dijkstra", "Barbara Liskov", "Leslie Lamport"];
const agents = [
  "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0.0.0 Safari/537.36",
  "platform-cli/4.11.2 (linux; x64) node/24.9.0",
  "terraform-provider-platform/2.7.0",
];

/** Mulberry32: 32 random bits a call, quick, and the same everywhere. */
function randomBits(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return (bits ^ (bits >>> 14)) >>> 0;
  };
}

/** Makes the events of the settings one after another, without end. */
export function syntheticEvents(settings: SyntheticSettings = {}): () => SyntheticEvent {
  const { seed = 1, organizations = 1, perHour = Number.POSITIVE_INFINITY } = settings;
  const bits = randomBits(seed);
  const pick = <Value>(values: readonly Value[]): Value => values[bits() % values.length] as Value;
  const hex = (): string => bits().toString(16).padStart(8, "0");
  let made = 0;
  return () => {
    const organization = made % organizations;
    // A few seconds out of order, as events of several servers arrive, but never out of their hour.
    const hour = firstHour + Math.floor(made / perHour) * hourMs;
    const within = Number.isFinite(perHour) ? (made % perHour) / perHour : (made % 1_000_000) / 1_000_000;
    const occurred = hour + Math.min(hourMs - 1, Math.floor(within * (hourMs - 5000)) + (bits() % 5000));
    made += 1;
    const [action, category] = pick(actions);
    const user = bits() % 400;
    const project = bits() % 60;
    const random = hex();
    return {
      occurred_at: new Date(occurred).toISOString(),
      id: `${hex()}-${random.slice(0, 4)}-4${random.slice(4, 7)}-8${hex().slice(0, 3)}-${hex()}${hex().slice(0, 4)}`,
      action,
      category,
      outcome: pick(outcomes),
      organization: { id: `org_${organization}` },
      actor: { type: "user", id: `usr_${1_000_000 + user * 7919}`, name: names[user % names.length] as string },
      targets: [{ type: "project", id: `prj_${5000 + project * 31}`, name: `service-${project}` }],
      context: {
        ip: `10.${bits() % 4}.${bits() % 256}.${bits() % 256}`,
        user_agent: pick(agents),
        request_id: `${hex()}${hex()}`,
        trace_id: `${hex()}${hex()}${hex()}${hex()}`,
      },
      metadata: {
        branch: `fix/${bits() % 9000}`,
        commit: `${hex()}${hex()}${hex()}${hex()}${hex()}`,
        duration_ms: bits() % 90_000,
        attempt: 1 + (bits() % 3),
        session: `${hex()}${hex()}${hex()}`,
      },
    };
  };
}

/** The events as NDJSON in one body, cut after `count`. */
export function syntheticBody(next: () => SyntheticEvent, count: number): Buffer {
  let text = "";
  for (let i = 0; i < count; i++) text += `${JSON.stringify(next())}\n`;
  return Buffer.from(text);
}

/** Writes a file of `count` events; returns its size in bytes. */
export function writeSyntheticFile(path: string, count: number, settings: SyntheticSettings): number {
  const next = syntheticEvents(settings);
  const file = openSync(path, "wx");
  let bytes = 0;
  try {
    for (let left = count; left > 0; left -= 10_000) {
      const body = syntheticBody(next, Math.min(left, 10_000));
      writeSync(file, body);
      bytes += body.length;
    }
  } finally {
    closeSync(file);
  }
  return bytes;
}
