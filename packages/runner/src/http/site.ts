import { gzipSync } from "node:zlib";
import type { SiteFile } from "@headgate/console/site";

/** The console's files by their path. */
export interface Site {
  readonly files: ReadonlyMap<string, SiteFile>;
  /** Of every answer: the content security policy and its like. */
  readonly headers: Readonly<Record<string, string>>;
}

const gzipped = new WeakMap<SiteFile, Uint8Array>();

/** Made once, at the first request. */
function compressed(file: SiteFile): Uint8Array {
  const made = gzipped.get(file) ?? gzipSync(file.body, { level: 9 });
  gzipped.set(file, made);
  return made;
}

function gzipTag({ etag }: SiteFile): string {
  return etag.replace(/"$/, '-gzip"');
}

function takesGzip(request: Request): boolean {
  return (request.headers.get("accept-encoding") ?? "")
    .split(",")
    .some((one) => /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(one));
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
    (request.headers.get("if-none-match") ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, "")),
  );
  if (known.has(file.etag) || known.has(gzipTag(file)) || known.has("*"))
    return new Response(null, { status: 304, headers: answer });
  answer.set("content-type", file.contentType);
  answer.set("vary", "accept-encoding");
  let { body } = file;
  if (takesGzip(request)) {
    body = compressed(file);
    answer.set("content-encoding", "gzip");
    // Another representation: its tag must not be that of the plain one.
    answer.set("etag", gzipTag(file));
  }
  answer.set("content-length", String(body.byteLength));
  return new Response(request.method === "HEAD" ? null : new Uint8Array(body), { headers: answer });
}
