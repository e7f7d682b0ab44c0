/**
 * The target of the link with `rel="next"` in a header `Link` (RFC 8288); undefined where there is none. `base` resolves
 * relative targets.
 */
export function nextLink(header: string | undefined, base: URL): URL | undefined {
  for (const [, target = "", parameters = ""] of (header ?? "").matchAll(/<([^>]*)>((?:\s*;[^,<]*)*)/g)) {
    const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;,]+))/i.exec(parameters);
    const names = (relations?.[1] ?? relations?.[2] ?? "").toLowerCase().split(/\s+/);
    if (names.includes("next") && URL.canParse(target, base.href)) return new URL(target, base);
  }
  return undefined;
}
