import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type DigestSigner, digestSigner, type EventFormat } from "@headgate/core";
import fc from "fast-check";
import { audit } from "../audit.ts";
import { folderPlace } from "../folder-place.ts";
import type { AuditReport } from "../report.ts";
import { type ChainPlan, endOf, type Fate, type Files, writeChain } from "./honest-chain.ts";
import { lineOf, placeOfFiles, type StoredEvent } from "./stored-objects.ts";
import { temporaryFolder } from "./temporary-folder.ts";

/** A signer with a key of its own. */
export function newSigner(): DigestSigner {
  const { privateKey } = generateKeyPairSync("ed25519");
  return digestSigner({ key: String(privateKey.export({ type: "pkcs8", format: "pem" })) });
}

/** Whose keys are published. */
export const signer: DigestSigner = newSigner();

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>("delivered") },
  { weight: 1, arbitrary: fc.constantFrom<Fate>("quarantined", "filtered", "lost", "released") },
);

/** Lines in a format that a stream may have. */
export function writerOf(format: EventFormat): (event: StoredEvent) => string {
  const encode = format.encoder(format.encoding);
  if (encode === undefined) throw new Error("a format must know its own encoding");
  return (event) => `${Buffer.from(encode(JSON.parse(lineOf(event)) as Parameters<typeof encode>[0])).toString()}\n`;
}

/** Hours, some of them quiet. In the second enough is delivered that there is something to damage. */
const hours = fc
  .tuple(
    fc.array(fate, { maxLength: 6 }),
    fc.array(fate, { maxLength: 5 }),
    fc.array(fc.array(fate, { maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  )
  .map(([first, more, rest]): readonly (readonly Fate[])[] => [
    first,
    [...Array.from({ length: 6 }, (): Fate => "delivered"), ...more],
    ...rest,
  ]);
/** A stream's chain, of any compression and format, with quiet hours, quarantine, a filter and losses. */
export const chainPlan = (
  stream: string,
  writers: readonly ((event: StoredEvent) => string)[],
): fc.Arbitrary<ChainPlan> =>
  fc.record({
    stream: fc.constant(stream),
    // Two streams of one organization have the same sequences and ids of their own.
    organization: fc.constantFrom("org", `org-${stream}`),
    prefix: fc.constantFrom(`${stream}/`, `deep/${stream}/`),
    compression: fc.constantFrom("none", "gzip", "zstd"),
    write: fc.constantFrom(lineOf, ...writers),
    filteredBy: fc.constantFrom(null, { filter: { actions: ["a.*"] } }),
    hours,
    early: fc.nat(3),
    final: fc.boolean(),
  });

/** The files of several chains in one bucket. */
export async function write(plans: readonly ChainPlan[]): Promise<Files> {
  const files: Files = new Map();
  for (const plan of plans) await writeChain(files, plan, signer);
  return files;
}

/** How a bucket is audited. */
export interface Checking {
  readonly from?: number;
  readonly keys?: boolean;
  readonly stream?: string;
  /** Chains must reach until the end of so many hours. @default 3 */
  readonly until?: number;
  readonly onDisk?: boolean;
}

/** Audits a bucket, in memory or as a folder. */
export async function check(
  files: Files,
  { from, stream, keys = true, until = 3, onDisk = false }: Checking = {},
): Promise<AuditReport> {
  const options = {
    until: endOf(until),
    ...(keys && { keys: signer.published }),
    ...(from !== undefined && { from }),
    ...(stream !== undefined && { stream }),
  };
  if (!onDisk) return await audit(placeOfFiles(files), options);
  using folder = temporaryFolder();
  for (const [key, bytes] of files) {
    mkdirSync(dirname(join(folder.path, key)), { recursive: true });
    writeFileSync(join(folder.path, key), bytes);
  }
  return await audit(folderPlace(folder.path), options);
}
