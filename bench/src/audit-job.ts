import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import {
  type Digest,
  digestFile,
  digestHash,
  digestKey,
  digestLine,
  type DigestObject,
  type DigestSigner,
  formatTimestamp,
  hourMs,
  hourPartition,
  keyTime,
} from "@headgate/core";
import { benchSigner } from "./bench-signer.ts";
import { type Cost, measure } from "./cost.ts";

/** A folder to be filled or read. */
export interface AuditFolder {
  readonly directory: string;
  readonly objects: number;
  readonly eventsEach: number;
}

const begin = Date.UTC(2026, 0, 1);
const objectsAnHour = 500;

/** Writes a stream's objects of small events, and their signed digests, as a runner would leave them. */
export async function bucketJob({ directory, objects, eventsEach }: AuditFolder): Promise<{ readonly until: number }> {
  const signer = benchSigner();
  let [previous, from, after] = [null as string | null, begin, 0];
  for (let number = 1; (number - 1) * objectsAnHour < objects; number++) {
    const hour = begin + (number - 1) * hourMs;
    const wanted = Math.min(objectsAnHour, objects - (number - 1) * objectsAnHour);
    const named = Array.from({ length: wanted }, (_, i) =>
      writeObject(directory, hour + i * 7000, after + i * eventsEach, eventsEach),
    );
    const [to, through] = [hour + hourMs, after + wanted * eventsEach];
    const place = { prefix: "", stream: "s", chain: "c" };
    const digest: Digest = {
      type: "headgate.digest",
      version: 1,
      organization: "org_0",
      stream: "s",
      chain: "c",
      number,
      key: digestKey(place, number),
      from: formatTimestamp(from),
      to: formatTimestamp(to),
      previous,
      sequences: { after, through },
      counts: { delivered: through - after, quarantined: 0, filtered: 0, lost: 0 },
      objects: named,
      quarantined: [],
      lost: [],
      filtered_by: null,
    };
    previous = await writeDigest(directory, digest, signer);
    [from, after] = [to, through];
  }
  return { until: from };
}

function writeObject(directory: string, time: number, after: number, count: number): DigestObject {
  const lines = Array.from({ length: count }, (_, i) =>
    JSON.stringify({
      schema_version: 1,
      id: `event-${after + i + 1}`,
      occurred_at: formatTimestamp(time + i),
      organization: { id: "org_0" },
      action: "context.secrets.accessed",
      actor: { type: "user", id: "u_1", name: "Ada" },
      targets: [{ type: "context", id: "ctx_9", name: "prod" }],
      metadata: { text: "x".repeat(300) },
      sequence: after + i + 1,
    }),
  );
  const bytes = Buffer.from(`${lines.join("\n")}\n`);
  const [sha1, sha256] = [
    createHash("sha1").update(bytes).digest("hex"),
    createHash("sha256").update(bytes).digest("hex"),
  ];
  const key = `${hourPartition(time)}${keyTime(time, "iso")}_${sha1}`;
  write(directory, key, bytes);
  return { key, sha1, sha256, bytes: bytes.length, count, first: after + 1, last: after + count };
}

async function writeDigest(directory: string, digest: Digest, signer: DigestSigner): Promise<string> {
  const line = digestLine(digest);
  write(directory, digest.key ?? "", digestFile(line, await signer.sign(line)));
  return digestHash(line);
}

function write(directory: string, key: string, bytes: Uint8Array): void {
  const path = join(directory, key);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
}

/** What an audit cannot do without: reads every file and hashes it with SHA-1 and SHA-256. */
export function hashFolderJob({ directory, objects, eventsEach }: AuditFolder): Promise<Cost> {
  return measure(async () => {
    for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      for (const name of ["sha1", "sha256"]) createHash(name).update(bytes).digest("hex");
    }
    return objects * eventsEach;
  });
}
