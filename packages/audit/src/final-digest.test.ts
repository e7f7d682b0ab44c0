import { generateKeyPairSync } from "node:crypto";
import { digestSigner } from "@headgate/core";
import { describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import type { AuditReport } from "./report.ts";
import { endOf, type Files, writeChain } from "./testing/honest-chain.ts";
import { placeOfFiles } from "./testing/stored-objects.ts";

const signer = digestSigner({
  key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
});
const hours = [["delivered", "lost"], ["delivered"], []] as const;
const yearMs = 365 * 86_400_000;

/** A year after the chain has ended. */
async function audited(final: boolean, damage: (files: Files) => void = () => {}): Promise<AuditReport> {
  const files: Files = new Map();
  await writeChain(files, { stream: "s", hours, final }, signer);
  damage(files);
  return audit(placeOfFiles(files), { until: endOf(3) + yearMs, keys: signer.published });
}

describe("a chain that ended with its stream", () => {
  it("is complete however long ago that was", async () => {
    expect(await audited(true)).toMatchObject({ complete: true, proven: true, findings: [], as_of: null });
    expect((await audited(false)).findings).toMatchObject([{ kind: "chain_cut_at_tail", digests: [3, 3] }]);
  });

  it("is cut where its last digest is gone, which alone says so", async () => {
    const report = await audited(true, (files) => {
      const last = [...files.keys()]
        .filter((key) => key.includes("_digests/"))
        .toSorted()
        .at(-1);
      files.delete(last ?? "");
    });
    expect(report.complete).toBe(false);
    expect(report.findings).toMatchObject([{ kind: "chain_cut_at_tail", digests: [2, 2] }]);
  });
});
