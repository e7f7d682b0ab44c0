import type { HttpReply } from "@headgate/egress";

/** The collector's own answer. */
export interface HecReply {
  readonly code: number;
  readonly invalidEventNumber: number | undefined;
  readonly ackId: number | undefined;
}

/** Reads the collector's answer; undefined for anything else, such as a proxy's page. */
export function hecReply({ body }: HttpReply): HecReply | undefined {
  const members = jsonObject(body);
  const code = integer(members?.["code"]);
  if (members === undefined || code === undefined) return undefined;
  return { code, invalidEventNumber: integer(members["invalid-event-number"]), ackId: integer(members["ackId"]) };
}

/** Reads what is known of one acknowledgement: `{"acks":{"7":true}}`. Undefined where the answer does not say. */
export function ackOf({ status, body }: HttpReply, ackId: number): boolean | undefined {
  const acks = status === 200 ? jsonObject(body)?.["acks"] : undefined;
  if (typeof acks !== "object" || acks === null) return undefined;
  const value = (acks as Readonly<Record<string, unknown>>)[String(ackId)];
  return typeof value === "boolean" ? value : undefined;
}

function jsonObject(body: Uint8Array): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
    return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

function integer(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
