import { problem } from "./problem.ts";

/**
 * The media type, among those that can be given, that a request likes best; the first where it has no wish.
 * @throws `not_acceptable`
 */
export function preferred<Type extends string>(request: Request, types: readonly [Type, ...Type[]]): Type {
  const header = request.headers.get("accept");
  if (header === null || header.trim() === "") return types[0];
  const ranges = header.split(",", 50).map(rangeOf);
  let best: { readonly type: Type; readonly quality: number } | undefined;
  for (const type of types) {
    const quality = qualityOf(type, ranges);
    if (quality > (best?.quality ?? 0)) best = { type, quality };
  }
  if (best !== undefined) return best.type;
  throw problem("not_acceptable", `The address gives ${types.join(", ")}, and the request accepts none of these.`);
}

interface Range {
  readonly name: string;
  readonly quality: number;
}

function rangeOf(text: string): Range {
  const [name = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const quality = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  return { name, quality: quality !== undefined && /^[01](\.\d{0,3})?$/.test(quality) ? Number(quality) : 1 };
}

/** The most specific range that fits has the word. */
function qualityOf(type: string, ranges: readonly Range[]): number {
  const names = [type, `${type.split("/")[0]}/*`, "*/*"];
  for (const name of names) {
    const found = ranges.find((range) => range.name === name);
    if (found !== undefined) return found.quality;
  }
  return 0;
}
