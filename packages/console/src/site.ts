import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { HeadgateError } from "@headgate/core";

/** One file of the site, as it is sent. */
export interface SiteFile {
  readonly body: Uint8Array;
  readonly contentType: string;
  /** For `ETag` and `If-None-Match`. */
  readonly etag: string;
}

const contentTypes: Readonly<Record<string, string>> = {
  "index.html": "text/html; charset=utf-8",
  "console.css": "text/css; charset=utf-8",
  "elements.js": "text/javascript; charset=utf-8",
  "german.js": "text/javascript; charset=utf-8",
  "favicon.svg": "image/svg+xml",
};

/** Headers for every file of the site. The policy allows nothing but what the site itself brings. */
export const siteHeaders: Readonly<Record<string, string>> = {
  "content-security-policy": [
    "default-src 'self'",
    "script-src 'self'",
    "style-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types lit-html",
  ].join("; "),
  "cache-control": "no-cache",
  "cross-origin-opener-policy": "same-origin",
  "permissions-policy": "camera=(), geolocation=(), microphone=()",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

/**
 * The console as a small site: files by their path below the mount, `index.html` for the mount itself. It speaks to the
 * API at its own origin. `elements.js` also serves pages that only use single components; it fetches `german.js` from beside
 * it where somebody reads German.
 *
 * @throws `file_unreadable` where the package was not built.
 *
 * @example
 * ```ts
 * import { siteFiles, siteHeaders } from "@headgate/console/site";
 *
 * const files = siteFiles();
 * function serve(path: string): Response {
 *   const file = files.get(path === "/" ? "index.html" : path.slice(1));
 *   if (file === undefined) return new Response("Not found", { status: 404 });
 *   return new Response(file.body, { headers: { ...siteHeaders, "content-type": file.contentType, etag: file.etag } });
 * }
 * ```
 */
export function siteFiles(): ReadonlyMap<string, SiteFile> {
  return new Map(Object.entries(contentTypes).map(([path, contentType]) => [path, siteFile(path, contentType)]));
}

function siteFile(path: string, contentType: string): SiteFile {
  // Beside this module in the built package, and in the built package when this is its source.
  const folder = import.meta.url.endsWith(".ts") ? "../dist/site/" : "./site/";
  try {
    const body = readFileSync(new URL(`${folder}${path}`, import.meta.url));
    return { body, contentType, etag: `"${createHash("sha256").update(body).digest("base64url").slice(0, 22)}"` };
  } catch (cause) {
    throw new HeadgateError("file_unreadable", `The console's file ${path} cannot be read.`, {
      cause,
      hint: "Build the package @headgate/console first.",
    });
  }
}
