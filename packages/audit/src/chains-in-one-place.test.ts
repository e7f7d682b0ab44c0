import { generateKeyPairSync } from "node:crypto";
import { digestSigner } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import type { AuditReport } from "./report.ts";
import { reportText } from "./report-text.ts";
import { type ChainPlan, endOf, type Files, writeChain } from "./testing/honest-chain.ts";
import { placeOfFiles } from "./testing/stored-objects.ts";

const signer = digestSigner({
  key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
});

async function audited(...plans: readonly ChainPlan[]): Promise<AuditReport> {
  const files: Files = new Map();
  for (const plan of plans) await writeChain(files, plan, signer);
  return audit(placeOfFiles(files), { until: endOf(2), keys: signer.published });
}

describe("chains of one organization", () => {
  const hours = [["delivered", "delivered", "quarantined", "delivered"], ["delivered"]] as const;

  it("repeat nothing where each has a place of its own", async () => {
    const report = await audited({ stream: "a", prefix: "a/", hours }, { stream: "b", prefix: "b/", hours });
    expect(report).toMatchObject({ complete: true, findings: [] });
  });

  it("repeat each other's sequences in one place, which is a finding with the sequences and the objects", async () => {
    const report = await audited({ stream: "a", hours }, { stream: "b", hours: [["delivered", "lost"], []] });
    expect(report.complete).toBe(false);
    expect(report.findings).toMatchObject([{ kind: "sequences_repeated", stream: "b", sequences: [1, 1] }]);
    expect(report.duplicates).toEqual([1]);
  });

  it("are another organization's in one place, and repeat nothing then", async () => {
    const report = await audited({ stream: "a", hours }, { stream: "b", organization: "org_2", hours });
    expect(report.findings.filter(({ kind }) => kind === "sequences_repeated")).toEqual([]);
  });
});

it("misses a stream whose digests are all gone since before the audit begins", async () => {
  const files: Files = new Map();
  const hours = Array.from({ length: 6 }, () => ["delivered"] as const);
  await writeChain(files, { stream: "a", prefix: "a/", hours }, signer);
  await writeChain(files, { stream: "b", prefix: "b/", hours: hours.slice(0, 2) }, signer);
  const options = { from: endOf(4), until: endOf(6), keys: signer.published };
  expect((await audit(placeOfFiles(files), options)).findings).toMatchObject([
    { kind: "chain_cut_at_tail", stream: "b", digests: [2, 2] },
  ]);
});

it("takes a stream that was made again for a cut chain's end only where it goes on from there", async () => {
  const files: Files = new Map();
  const hours = [["delivered", "delivered"], []] as const;
  await writeChain(files, { stream: "a", hours }, signer);
  // The same stream once more, from later on: what lies between is not there.
  await writeChain(
    files,
    { stream: "a", chain: "second", hours: [["delivered"], [], []], unsigned: 5, unstored: true },
    signer,
  );
  const { findings } = await audit(placeOfFiles(files), { until: endOf(3), keys: signer.published });
  expect(findings).toMatchObject([{ kind: "chain_cut_at_tail", chain: "chain-of-a" }]);
});

it("lets nothing in a bucket write over the verdict", async () => {
  const files: Files = new Map([["year=2026/month=01/day=01/hour=00/\u001b[2J is complete\n\u202e", Buffer.from("x")]]);
  const report = await audit(placeOfFiles(files), { until: endOf(1) });
  const said = reportText("place", report, 1);
  expect(said).toContain(String.raw`\u001b[2J is complete\n\u{202e}`);
  // eslint-disable-next-line no-control-regex
  expect(said.replaceAll("\n", "")).not.toMatch(/[\u0000-\u001f\u202e]/);
});

it("never calls complete what a restored store could not know", async () => {
  const hours = [["delivered", "lost", "lost", "delivered"], []] as const;
  const report = await audited({ stream: "a", hours, lostAs: "store_restored" });
  expect(report).toMatchObject({ complete: false, proven: false, chains: [{ lost: 0 }] });
  expect(report.findings).toMatchObject([
    { kind: "store_restored", sequences: [2, 2] },
    { kind: "store_restored", sequences: [3, 3] },
  ]);
});
