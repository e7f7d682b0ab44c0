/** Deepest nesting of a value handed in from code. Text that arrives as JSON is not limited by it. */
export const maxDepth = 100;

/**
 * Looks for what JSON would alter without a word: NaN, infinities, BigInt, functions, symbols, dates, maps, class
 * instances, holes and undefined in arrays, cycles. Undefined members are fine: they are absent.
 * Returns the path of the first one and what would be accepted, or undefined when the value is plain JSON.
 */
export function findUnfaithful(value: unknown, path = "$", depth = 0): { path: string; problem: string } | undefined {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : { path, problem: "must be a finite number" };
    case "object":
      break;
    case "bigint":
      return { path, problem: "must not be a BigInt; pass it as a string" };
    default:
      return { path, problem: `must be JSON, not ${typeof value}` };
  }
  if (value === null) return undefined;
  if (depth >= maxDepth) return { path: path.slice(0, 120), problem: `is nested deeper than ${maxDepth} levels` };
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const found = findUnfaithful(value[i], `${path}[${i}]`, depth + 1);
      if (found) return found;
    }
    return undefined;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null;
  if (!plain || typeof (value as { toJSON?: unknown }).toJSON === "function") {
    return {
      path,
      problem: `must be a plain object, not ${prototype?.constructor?.name ?? "one with toJSON"}; pass dates as strings`,
    };
  }
  for (const key of Object.keys(value)) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    const found = findUnfaithful(member, `${path}.${key}`, depth + 1);
    if (found) return found;
  }
  return undefined;
}
