import { createHash, randomBytes } from "node:crypto";
import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import { putRequest } from "../put-request.ts";
import type { VerificationRun } from "./run.ts";

/**
 * Key of a marker that verification writes: `{prefix}_headgate/verify-{stream}-{time}-{random}`. Readers skip names that
 * begin with `_`; the random part lets two verifications of one moment be.
 */
function markerKey(prefix: string, stream: string, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:.]/g, "");
  const name = `verify-${stream.replaceAll(/[^\w.-]/g, "_")}-${time}-${randomBytes(4).toString("hex")}`;
  return `${prefix}_headgate/${name}`;
}

/** The request that writes a new marker: as the stream's objects are written, but never under Object Lock's retention. */
export function markerRequest({
  settings,
  context,
}: VerificationRun): PutObjectCommandInput & { readonly Key: string } {
  const key = markerKey(settings.prefix, context.stream, context.clock.now());
  const bytes = Buffer.from(`Headgate wrote this to verify stream ${context.stream}. It may be deleted.\n`);
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const object = { key, bytes, sha256, contentType: "application/x-ndjson" as const, metadata: {} };
  const request = putRequest(settings, { object, hour: undefined, now: 0, overwrite: false });
  return { ...request, Key: key, ContentType: "text/plain" };
}
