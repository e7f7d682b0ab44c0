/** The value at a path of names joined with dots; undefined where there is none. A name that has dots itself is found too. */
export function valueAt(object: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(object, path)) return object[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const name = path.slice(0, dot);
    const inner = Object.hasOwn(object, name) ? object[name] : undefined;
    if (typeof inner !== "object" || inner === null || Array.isArray(inner)) continue;
    const value = valueAt(inner as Readonly<Record<string, unknown>>, path.slice(dot + 1));
    if (value !== undefined) return value;
  }
  return undefined;
}
