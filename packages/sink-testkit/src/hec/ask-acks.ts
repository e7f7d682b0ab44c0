import type { AckState } from "./acks.ts";
import type { HecReply } from "./codes.ts";
import { hecReply, jsonReply } from "./codes.ts";

/** Answers `{"acks":[0,1]}` with `{"acks":{"0":true,"1":false}}`. */
export function askAcks(body: Buffer, channel: string, acks: AckState): HecReply {
  const ids = ackIds(body);
  if (ids === undefined) return hecReply(6);
  const answers = Object.fromEntries(ids.map((id) => [String(id), acks.ask(channel, id)]));
  return { ...jsonReply(200, { acks: answers }), code: undefined };
}

function ackIds(body: Buffer): readonly number[] | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    const acks = typeof value === "object" && value !== null && "acks" in value ? value.acks : undefined;
    return Array.isArray(acks) && acks.every((id) => Number.isInteger(id)) ? (acks as readonly number[]) : undefined;
  } catch {
    return undefined;
  }
}
