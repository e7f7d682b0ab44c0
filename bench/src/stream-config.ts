import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Where streams deliver to. */
export interface Destination {
  readonly endpoint: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a measured `headgate run` is configured with. Everything that is not named here is at its default. */
export interface StreamConfig {
  readonly directory: string;
  readonly store: string;
  /** An NDJSON file whose events name their organization. */
  readonly source?: string;
  readonly organizations: number;
  readonly compression: "none" | "gzip" | "zstd";
  readonly destination: Destination;
}

/** The discarding server as a destination. */
export function discarding(endpoint: string): Destination {
  return { endpoint, bucket: "bench", prefix: "headgate/", accessKeyId: "bench", secretAccessKey: "bench" };
}

/** Writes the configuration file and returns its path. */
export function writeStreamConfig(config: StreamConfig): string {
  const { directory, store, source, organizations, compression, destination } = config;
  const { endpoint, bucket, prefix, accessKeyId, secretAccessKey } = destination;
  const streams = Array.from({ length: organizations }, (_, i) => ({
    id: `s3-${i}`,
    organization: `org_${i}`,
    sink: "s3",
    options: {
      bucket,
      endpoint,
      region: "us-east-1",
      prefix: `${prefix}org_${i}/`,
      force_path_style: true,
      compression,
      credentials: { static: { access_key_id: accessKeyId, secret_access_key: secretAccessKey } },
    },
  }));
  const path = join(directory, "headgate.json");
  const content = {
    store: { kind: "sqlite", path: store },
    sources: source === undefined ? [] : [{ kind: "file", path: source, organization: { from: "organization.id" } }],
    streams,
    allow_insecure_endpoint: true,
    log: { level: "warn" },
  };
  writeFileSync(path, JSON.stringify(content));
  return path;
}
