import { randomUUID } from "node:crypto";

/** JSON text that {@link json} puts in as it stands. */
interface RawJson {
  readonly [raw]: string;
}

const raw: unique symbol = Symbol("raw JSON");

/**
 * JSON text, known to be valid, as a member of an answer. Events go out so: parsed and written again, their numbers would
 * lose digits, and deep ones would exceed the stack.
 */
export function rawJson(text: string): object {
  return { [raw]: text } satisfies RawJson;
}

/**
 * A JSON answer.
 *
 * @example
 * ```ts
 * return json(201, stream, { location: `/v1/organizations/org_1/streams/${stream.id}` });
 * ```
 */
export function json(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(written(body), { status, headers: { ...headers, "content-type": "application/json" } });
}

function written(body: unknown): string {
  const texts: string[] = [];
  // Nobody can have sent it, so no text of the answer is taken for it.
  const mark = randomUUID();
  const text = JSON.stringify(body, (_name, value: unknown) => {
    if (typeof value !== "object" || value === null || !(raw in value)) return value;
    texts.push((value as RawJson)[raw]);
    return `${mark}:${texts.length - 1}`;
  });
  if (texts.length === 0) return text;
  return text.replaceAll(new RegExp(`"${mark}:(\\d+)"`, "g"), (_, index: string) => texts[Number(index)] as string);
}
