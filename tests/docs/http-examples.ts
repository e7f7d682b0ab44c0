import { expect } from "vitest";

/** An example of a page: a request and the answer that the page promises. */
export interface HttpExample {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly status: number;
  /** As JSON; undefined where the page shows none. */
  readonly answer: unknown;
}

/** Reads a fence of language `http`: request line, headers, body; then status line and answer. */
export function httpExample(text: string): HttpExample {
  const [request = "", answer = ""] = text.split(/^HTTP\/1\.1 /m);
  const [head = "", ...rest] = request.trim().split("\n\n");
  const [line = "", ...headerLines] = head.split("\n");
  const [method = "", target = ""] = line.split(" ");
  const headers = Object.fromEntries(headerLines.map((header) => header.split(": ") as [string, string]));
  const [status = "", ...body] = answer.trim().split("\n");
  return {
    method,
    target,
    headers,
    body: rest.length === 0 ? undefined : rest.join("\n\n"),
    status: Number(status),
    answer: body.length === 0 ? undefined : (JSON.parse(body.join("\n")) as unknown),
  };
}

/** Puts known values in the place of names in braces. */
export function filledIn(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{(\w+)\}/g, (name, key: string) => values.get(key) ?? name);
}

/**
 * Holds an answer against what a page shows of it: members that it shows must be there and equal, `…` matches
 * anything that is there, and a name in braces takes the value for later examples, or must be the one it has.
 */
export function expectShown(actual: unknown, shown: unknown, values: Map<string, string>, path = "answer"): void {
  if (shown === "…") {
    expect([path, actual]).not.toEqual([path, undefined]);
    return;
  }
  const name = typeof shown === "string" ? /^\{(\w+)\}$/.exec(shown)?.[1] : undefined;
  if (name !== undefined) {
    expect([path, typeof actual]).toEqual([path, "string"]);
    if (!values.has(name)) values.set(name, actual as string);
    expect([path, actual]).toEqual([path, values.get(name)]);
    return;
  }
  if (typeof shown !== "object" || shown === null) {
    expect([path, actual]).toEqual([path, shown]);
    return;
  }
  expect([path, typeof actual, Array.isArray(actual)]).toEqual([path, "object", Array.isArray(shown)]);
  if (Array.isArray(shown)) expect([path, (actual as unknown[]).length]).toEqual([path, shown.length]);
  for (const [key, member] of Object.entries(shown)) {
    expectShown((actual as Record<string, unknown>)[key], member, values, `${path}.${key}`);
  }
}
