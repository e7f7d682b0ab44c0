import { compileSchema } from "@headgate/core";
import { readBounded } from "./body-bytes.ts";
import { isJson } from "./media-type.ts";
import { problem, type ProblemEntry } from "./problem.ts";
import type { Route } from "./route.ts";

const deepest = 64;

/**
 * Makes the reader of a route's JSON bodies.
 * @throws `media_type_unsupported`, `body_too_large`, `request_invalid` naming each path at fault
 */
export function jsonBodyReader(
  spec: NonNullable<Route["body"]>,
  mostBytes: number,
): (request: Request) => Promise<unknown> {
  const check = compileSchema(spec.schema);
  return async (request) => {
    const type = request.headers.get("content-type");
    const encoding = request.headers.get("content-encoding");
    const { length, chunks } = await readBounded(request, mostBytes);
    if (length === 0) {
      if (spec.required !== true) return undefined;
      throw invalid([{ path: "$", message: "must be there: the request takes a JSON body" }]);
    }
    if (!isJson(type)) {
      throw problem("media_type_unsupported", "The body must be JSON.", {
        hint: "Send content-type: application/json.",
      });
    }
    if (encoding !== null && encoding.trim().toLowerCase() !== "identity") {
      throw problem("media_type_unsupported", "The body must not be compressed here.");
    }
    const value = parse(chunks);
    const problems = check(value)?.map(({ path, problem: message }) => ({ path, message }));
    if (problems !== undefined) throw invalid(problems);
    return value;
  };
}

function parse(chunks: readonly Uint8Array[]): unknown {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    // The engine's message quotes the text.
    throw invalid([{ path: "$", message: "must be JSON text in UTF-8" }]);
  }
  const found = unstorable(value);
  if (found !== undefined) throw invalid([found]);
  return value;
}

function invalid(problems: readonly ProblemEntry[]): Error {
  const [first] = problems;
  return problem("request_invalid", `The body has a mistake: ${first?.path} ${first?.message}.`, {
    problems: problems.slice(0, 50),
  });
}

/** Looks for what JSON text can say and a store cannot keep. A list of what is open, not recursion: it may be deep. */
function unstorable(root: unknown): ProblemEntry | undefined {
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: root, depth: 0 }];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { value, depth } = one;
    if (typeof value === "string" && !storable(value)) return badText;
    if (typeof value !== "object" || value === null) continue;
    if (depth >= deepest) return { path: "$", message: `must not be nested deeper than ${deepest} levels` };
    for (const [name, member] of Object.entries(value)) {
      if (!storable(name)) return badText;
      open.push({ value: member, depth: depth + 1 });
    }
  }
  return undefined;
}

const badText = { path: "$", message: "must not hold NUL or half of a surrogate pair" };

function storable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\0");
}
