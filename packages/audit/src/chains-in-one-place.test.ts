import { generateKeyPairSync } from "node:crypto";
import { digestSigner } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import type { AuditReport } from "./report.ts";
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

it("never calls complete what a restored store could not know", async () => {
  const hours = [["delivered", "lost", "lost", "delivered"], []] as const;
  const report = await audited({ stream: "a", hours, lostAs: "store_restored" });
  expect(report).toMatchObject({ complete: false, proven: false, chains: [{ lost: 0 }] });
  expect(report.findings).toMatchObject([
    { kind: "store_restored", sequences: [2, 2] },
    { kind: "store_restored", sequences: [3, 3] },
  ]);
});
