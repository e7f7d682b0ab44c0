import { S3Client } from "@aws-sdk/client-s3";
import type { PutObjectCommandInput } from "@aws-sdk/client-s3";
import type { NodeHttpHandler } from "@smithy/node-http-handler";
import { uncached } from "./base-credentials.ts";
import type { AwsIdentity } from "./options.ts";
import type { S3Destination } from "./settings.ts";

/** A client for one destination. `identity` is asked at every request, so it must keep a cache of its own. */
export function s3Client(
  destination: S3Destination,
  identity: () => Promise<AwsIdentity>,
  handler: NodeHttpHandler,
  maxAttempts: number,
): S3Client {
  const client = new S3Client({
    region: destination.region,
    ...(destination.endpoint === undefined ? {} : { endpoint: destination.endpoint }),
    forcePathStyle: destination.forcePathStyle,
    credentials: uncached(identity),
    requestHandler: handler,
    maxAttempts,
    retryMode: "standard",
    // Every object goes with a SHA-256 of our own: nothing is to be computed on the main thread, whatever the environment says.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    // From 2 MiB on the SDK would wait for "100 Continue", on a fresh connection each time.
    expectContinueHeader: false,
    // A redirect to another region would send the data where nobody asked for.
    followRegionRedirects: false,
  });
  client.middlewareStack.add(
    (next) => (args) => {
      const { ChecksumSHA256 } = args.input as Partial<PutObjectCommandInput>;
      if (ChecksumSHA256 !== undefined) {
        // Signing needs the same digest in hex. With the header in place the SDK does not hash the body again.
        const { headers } = args.request as { headers: Record<string, string> };
        headers["x-amz-content-sha256"] = Buffer.from(ChecksumSHA256, "base64").toString("hex");
      }
      return next(args);
    },
    { step: "build", name: "headgatePayloadHash" },
  );
  return client;
}
