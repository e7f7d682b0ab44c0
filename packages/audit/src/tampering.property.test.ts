import { createHash, generateKeyPairSync } from "node:crypto";
import {
  type Digest,
  type DigestSigner,
  digestFile,
  digestHash,
  digestLine,
  digestSigner,
  parseDigestFile,
} from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import type { FindingKind } from "./finding.ts";
import type { AuditReport } from "./report.ts";
import { reportText } from "./report-text.ts";
import { type ChainPlan, endOf, type Fate, type Files, writeChain } from "./testing/honest-chain.ts";
import { placeOfFiles } from "./testing/stored-objects.ts";

const newSigner = (): DigestSigner =>
  digestSigner({ key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })) });
const signer = newSigner();
const stranger = newSigner();

const fate: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Fate>("delivered") },
  { weight: 1, arbitrary: fc.constantFrom<Fate>("quarantined", "filtered", "lost", "released") },
);
const chainPlan = (stream: string): fc.Arbitrary<ChainPlan> =>
  fc.record({
    stream: fc.constant(stream),
    organization: fc.constant(`org-${stream}`),
    prefix: fc.constantFrom(`${stream}/`, `deep/${stream}/`),
    compression: fc.constantFrom("none", "gzip", "zstd"),
    // Something is delivered in the middle hour, so that there is something to damage.
    hours: fc
      .tuple(
        fc.array(fate, { maxLength: 6 }),
        fc.array(fate, { minLength: 1, maxLength: 6 }),
        fc.array(fate, { maxLength: 6 }),
      )
      .map(([a, b, c]) => [a, ["delivered", "delivered", ...b] as Fate[], c]),
    early: fc.nat(3),
  });

async function write(plans: readonly ChainPlan[], by = signer): Promise<Files> {
  const files: Files = new Map();
  for (const plan of plans) await writeChain(files, plan, by);
  return files;
}

function check(files: Files, options: { readonly from?: number; readonly keys?: boolean } = {}): Promise<AuditReport> {
  const { from, keys = true } = options;
  return audit(placeOfFiles(files), {
    until: endOf(3),
    ...(keys && { keys: signer.published }),
    ...(from !== undefined && { from }),
  });
}

const isDigest = (key: string): boolean => key.includes("_digests/");
const objectsOf = (files: Files): string[] => [...files.keys()].filter((key) => !isDigest(key)).sort();
const digestsOf = (files: Files): string[] => [...files.keys()].filter(isDigest).sort();
const pick = (keys: readonly string[], seed: number): string => keys[seed % keys.length] as string;
const bytesAt = (files: Files, key: string): Uint8Array => files.get(key) as Uint8Array;

function move(files: Files, from: string, to: string): void {
  files.set(to, bytesAt(files, from));
  files.delete(from);
}

/** Signs a chain's digests anew from one on, after an alteration, with a key of one's own. */
async function rewrite(files: Files, by: DigestSigner, alter: (digest: Digest) => Digest): Promise<void> {
  let previous: string | null = null;
  for (const key of digestsOf(files)) {
    const { digest } = parseDigestFile(bytesAt(files, key));
    const line = digestLine({ ...alter(digest), previous });
    previous = digestHash(line);
    files.set(key, digestFile(line, await by.sign(line)));
  }
}

/** Each damage, and the kinds of which one at least must be found. */
const damages: Readonly<
  Record<string, readonly [(files: Files, seed: number) => Promise<void> | void, ...FindingKind[]]>
> = {
  "an object deleted": [(files, seed) => void files.delete(pick(objectsOf(files), seed)), "object_missing"],
  "a byte of an object altered": [
    (files, seed) => {
      const key = pick(objectsOf(files), seed);
      const bytes = Uint8Array.from(bytesAt(files, key));
      bytes[(seed >>> 8) % bytes.length] = (bytes[(seed >>> 8) % bytes.length] as number) ^ (1 + (seed % 255));
      files.set(key, bytes);
    },
    "object_altered",
  ],
  "an object truncated": [
    (files, seed) => {
      const key = pick(objectsOf(files), seed);
      const bytes = bytesAt(files, key);
      files.set(key, bytes.subarray(0, (seed >>> 8) % bytes.length));
    },
    "object_altered",
  ],
  "two objects swapped": [
    (files) => {
      const [a, b] = objectsOf(files).filter((key) => key.includes("/a/") || key.startsWith("a/")) as [string, string];
      const held = bytesAt(files, a);
      files.set(a, bytesAt(files, b));
      files.set(b, held);
    },
    "object_altered",
  ],
  "an object renamed": [
    (files, seed) => {
      const key = pick(objectsOf(files), seed);
      move(files, key, key.replace(/_([0-9a-f]{40})/, `_${"0".repeat(40)}`));
    },
    "object_moved",
  ],
  "an object moved to another hour": [
    (files, seed) => {
      const key = pick(objectsOf(files), seed);
      move(files, key, key.replace(/hour=\d\d/, "hour=23"));
    },
    "object_moved",
  ],
  "an object moved aside": [
    (files, seed) => {
      const key = pick(objectsOf(files), seed);
      move(files, key, `_old/${key}`);
    },
    "object_moved",
  ],
  "an object doubled": [
    (files, seed) => {
      const key = pick(objectsOf(files), seed);
      files.set(key.replace(/day=\d\d/, "day=28"), bytesAt(files, key));
    },
    "object_copied",
  ],
  "lines reordered": [
    (files) => {
      for (const key of objectsOf(files)) {
        const lines = Buffer.from(bytesAt(files, key)).toString().split("\n").slice(0, -1);
        files.set(key, Buffer.from(`${lines.toReversed().join("\n")}\n\n`));
      }
    },
    "object_altered",
  ],
  "a digest deleted": [(files) => void files.delete(digestsOf(files)[1] as string), "digest_missing"],
  "a byte of a digest altered": [
    (files, seed) => {
      const key = pick(digestsOf(files), seed);
      const bytes = Uint8Array.from(bytesAt(files, key));
      bytes[(seed >>> 8) % bytes.length] = (bytes[(seed >>> 8) % bytes.length] as number) ^ (1 + (seed % 255));
      files.set(key, bytes);
    },
    "digest_invalid",
    "signature_missing",
    "signature_wrong",
    "signature_of_unknown_key",
  ],
  "a digest without its signature": [
    (files, seed) => {
      const key = pick(digestsOf(files), seed);
      const bytes = bytesAt(files, key);
      files.set(key, bytes.subarray(0, bytes.indexOf(10) + 1));
    },
    "signature_missing",
  ],
  "a digest moved to another folder": [
    (files, seed) => {
      const key = pick(digestsOf(files), seed);
      move(files, key, key.replace("_digests/", "_digests/old/"));
    },
    "digest_moved",
  ],
  "an old digest replayed": [
    (files) => {
      const [old, , last] = digestsOf(files) as [string, string, string];
      files.set(last.replace(/\d{10}\.json$/, "0000000004.json"), bytesAt(files, old));
    },
    "digest_copied",
  ],
  "an old digest in the place of another": [
    (files) => {
      const [old, second] = digestsOf(files) as [string, string];
      files.set(second, bytesAt(files, old));
    },
    "digest_missing",
  ],
  "the head cut": [(files) => void files.delete(digestsOf(files)[0] as string), "chain_cut_at_head"],
  "the tail cut with its objects": [
    (files) => {
      const last = digestsOf(files)[2] as string;
      for (const { key } of parseDigestFile(bytesAt(files, last)).digest.objects ?? []) files.delete(key);
      files.delete(last);
    },
    "chain_cut_at_tail",
  ],
  "every digest deleted": [
    (files) => {
      for (const key of digestsOf(files)) files.delete(key);
    },
    "digests_absent",
    "object_unnamed",
  ],
  "the chain signed anew with another key": [
    (files) => rewrite(files, stranger, (digest) => digest),
    "signature_of_unknown_key",
  ],
  "an object dropped with its mention, and signed with another key": [
    async (files) => {
      const key = parseDigestFile(bytesAt(files, digestsOf(files)[1] as string)).digest.objects?.[0]?.key ?? "";
      files.delete(key);
      await rewrite(files, stranger, (digest) => ({
        ...digest,
        objects: (digest.objects ?? []).filter((object) => object.key !== key),
      }));
    },
    "signature_of_unknown_key",
  ],
  "a forged digest beside the true one": [
    async (files) => {
      const key = digestsOf(files)[1] as string;
      const { digest } = parseDigestFile(bytesAt(files, key));
      const line = digestLine({ ...digest, objects: [] });
      files.set(key.replace(/\.json$/, "-2.json"), digestFile(line, await stranger.sign(line)));
    },
    "digest_fork",
  ],
  "events slipped in": [
    (files, seed) => {
      const key = pick(objectsOf(files), seed);
      const bytes = Buffer.concat([bytesAt(files, key), Buffer.from("\n")]);
      files.set(key.replace(/[0-9a-f]{40}/, createHash("sha1").update(bytes).digest("hex")), bytes);
    },
    "object_unnamed",
  ],
};

describe("an untouched place", () => {
  it("is always complete, and proven with the keys", async () => {
    await fc.assert(
      fc.asyncProperty(chainPlan("a"), chainPlan("b"), async (a, b) => {
        const files = await write([a, b]);
        const report = await check(files);
        expect(report.findings).toEqual([]);
        expect(report).toMatchObject({ complete: true, proven: true, signatures: "valid", digests: 6, gaps: [] });
        const counted = (wanted: readonly Fate[]): number =>
          [a, b].flatMap(({ hours }) => hours.flat()).filter((each) => wanted.includes(each)).length;
        const sum = (name: "quarantined" | "filtered" | "lost"): number =>
          report.chains.reduce((total, chain) => total + chain[name], 0);
        expect(sum("quarantined")).toBe(counted(["quarantined", "released"]));
        expect(sum("filtered")).toBe(counted(["filtered"]));
        expect(sum("lost")).toBe(counted(["lost"]));
        const unchecked = await check(files, { keys: false });
        expect(unchecked).toMatchObject({ complete: true, proven: false, signatures: "unchecked" });
      }),
      { numRuns: 300 },
    );
  });

  it("is complete from any hour on, and from any folder of the bucket", async () => {
    await fc.assert(
      fc.asyncProperty(chainPlan("a"), fc.nat(2), async (plan, index) => {
        const files = await write([plan]);
        const from = endOf(index) - 7000;
        const report = await check(files, { from });
        expect(report.findings).toEqual([]);
        expect(report).toMatchObject({ complete: true, proven: true });
        const inner = new Map([...files].map(([key, bytes]) => [key.slice((plan.prefix ?? "").length), bytes]));
        expect((await check(inner)).findings).toEqual([]);
        const outer = new Map([...files].map(([key, bytes]) => [`copy/of/${key}`, bytes]));
        expect((await check(outer)).findings).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a damaged place", () => {
  it.each(Object.entries(damages))("is never complete: %s", async (_name, [damage, ...kinds]) => {
    await fc.assert(
      fc.asyncProperty(chainPlan("a"), fc.nat(), async (drawn, seed) => {
        // Lines are only swapped where they can be seen, and nothing arrives before its window.
        const plan: ChainPlan = { ...drawn, ...(_name === "lines reordered" && { compression: "none" }), early: 0 };
        const files = await write([plan]);
        await damage(files, seed);
        const report = await check(files);
        expect(report).toMatchObject({ complete: false, proven: false });
        const found = report.findings.map(({ kind }) => kind);
        expect(
          found.some((kind) => kinds.includes(kind)),
          `${found.join(", ")} ${JSON.stringify(report.findings[0])}`,
        ).toBe(true);
      }),
      { numRuns: 120 },
    );
  });

  it("tells which sequences are gone with an object", async () => {
    const files = await write([
      { stream: "a", hours: [["delivered", "delivered", "delivered"], [], ["filtered", "delivered"]] },
    ]);
    const [key] = objectsOf(files) as [string];
    files.delete(key);
    const report = await check(files);
    expect(report).toMatchObject({ complete: false, missing: 1, gaps: [[2, 2]] });
    expect(report.findings).toMatchObject([
      { kind: "object_missing", key, digests: [1, 1], sequences: [2, 2] },
      { kind: "sequences_missing", sequences: [2, 2] },
    ]);
  });

  it("does not call proven what was there before its digests, unless it was to begin after that", async () => {
    const files = await write([{ stream: "a", hours: [["delivered"], [], ["delivered"]], unsigned: 5 }]);
    const report = await check(files);
    expect(report).toMatchObject({ complete: true, proven: false, signatures: "valid", events: 7 });
    expect(report.chains).toMatchObject([{ after: 5, through: 7, before: { events: 5 } }]);
    expect(reportText("place", report, 1)).toMatch(
      /is complete, with 5 events from before the digests that nothing vouches for/,
    );
    expect(await check(files, { from: endOf(1) - 7000 })).toMatchObject({ complete: true, proven: true });
  });

  it("counts what no digest names yet, and calls it pending", async () => {
    const plan: ChainPlan = { stream: "a", hours: [["delivered"], [], ["delivered", "delivered"]] };
    const files = await write([plan]);
    const last = digestsOf(files)[2] as string;
    files.delete(last);
    const report = await audit(placeOfFiles(files), { keys: signer.published, until: endOf(2) });
    expect(report).toMatchObject({ complete: true, proven: true });
    expect(report.chains).toMatchObject([{ through: 1, pending: { objects: 2, events: 2 } }]);
  });
});
