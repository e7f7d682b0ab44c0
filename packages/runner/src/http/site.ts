import type { SiteFile } from "@headgate/console/site";

/** The console's files by their path. */
export interface Site {
  readonly files: ReadonlyMap<string, SiteFile>;
  /** Of every answer: the content security policy and its like. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Answers what is the console's, and undefined for all else. Files are asked for again at each visit, and sent again
 * only when they have changed.
 */
export function serveSite({ files, headers }: Site, request: Request): Response | undefined {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  const { pathname } = new URL(request.url);
  const file = files.get(pathname === "/" ? "index.html" : pathname.slice(1));
  if (file === undefined) return undefined;
  const answer = new Headers({ ...headers, etag: file.etag, "cache-control": "no-cache" });
  const known = new Set(
    (request.headers.get("if-none-match") ?? "").split(/\s*,\s*/).map((tag) => tag.replace(/^W\//, "")),
  );
  if (known.has(file.etag) || known.has("*")) return new Response(null, { status: 304, headers: answer });
  answer.set("content-type", file.contentType);
  answer.set("content-length", String(file.body.byteLength));
  const body = request.method === "HEAD" ? null : new Uint8Array(file.body);
  return new Response(body, { headers: answer });
}
