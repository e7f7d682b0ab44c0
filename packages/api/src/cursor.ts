import { createHash } from "node:crypto";
import { problem } from "./problem.ts";

/**
 * Makes the opaque text that asks for the next page. It holds nothing secret, and goes with `scope` alone: whatever the
 * page depends on, the organization first of all.
 */
export function encodeCursor(value: string, scope: string): string {
  return Buffer.from(`${checkOf(scope)}${value}`).toString("base64url");
}

/** Reads back what {@link encodeCursor} made for the same scope. @throws `request_invalid` for anything else */
export function decodeCursor(text: string, scope: string): string {
  const decoded = /^[A-Za-z0-9_-]{1,2048}$/.test(text) ? Buffer.from(text, "base64url").toString() : "";
  if (!decoded.startsWith(checkOf(scope))) {
    throw problem("request_invalid", "The cursor does not go with this request.", {
      hint: "Take it unchanged from next_cursor of the page before, and ask with the same parameters.",
      problems: [{ path: "query.cursor", message: "must be next_cursor of the same list" }],
    });
  }
  return decoded.slice(checkLength);
}

const checkLength = 12;

/** Not a signature: cursors give nobody anything that the parameters beside them do not. It tells mistakes. */
function checkOf(scope: string): string {
  return createHash("sha256").update(scope).digest("base64url").slice(0, checkLength);
}
