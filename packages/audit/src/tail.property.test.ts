import { generateKeyPairSync } from "node:crypto";
import { digestSigner, hourMs, parseDigestFile } from "@headgate/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import { nextDigestDue } from "./check-chain.ts";
import type { AuditReport } from "./report.ts";
import { reportText } from "./report-text.ts";
import { endOf, type Files, writeChain } from "./testing/honest-chain.ts";
import { placeOfFiles } from "./testing/stored-objects.ts";

const signer = digestSigner({
  key: String(generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" })),
});
const minute = 60_000;
const hours = [["delivered", "delivered"], ["delivered"], [], ["delivered", "delivered"]] as const;

/** A chain of four hours, without its last digests and what they name. */
async function cut(by: number): Promise<Files> {
  const files: Files = new Map();
  await writeChain(files, { stream: "a", hours }, signer);
  const digests = [...files.keys()].filter((key) => key.includes("_digests/")).sort();
  for (const key of digests.slice(digests.length - by)) {
    for (const object of parseDigestFile(files.get(key) as Uint8Array).digest.objects ?? []) files.delete(object.key);
    files.delete(key);
  }
  return files;
}

const at = (files: Files, now: number, until?: number): Promise<AuditReport> =>
  audit(placeOfFiles(files), { keys: signer.published, now, ...(until !== undefined && { until }) });

describe("the end of a chain", () => {
  it("is complete for as long as no further digest was due", async () => {
    const files = await cut(0);
    const due = nextDigestDue(endOf(4));
    expect(new Date(due).toISOString()).toBe("2025-07-16T14:25:00.000Z");
    for (const now of [endOf(4), endOf(4) + 70 * minute, due])
      expect(await at(files, now)).toMatchObject({ complete: true, proven: true, findings: [] });
    expect(await at(files, due + 1)).toMatchObject({
      complete: false,
      findings: [{ kind: "chain_cut_at_tail", digests: [4, 4], to: "2025-07-16T14:25:00.000Z" }],
    });
  });

  it("is missed without being told until when, be it one digest or several with their objects", async () => {
    for (const by of [1, 2, 3]) {
      const files = await cut(by);
      const report = await at(files, endOf(4) + 25 * minute);
      expect(report.findings).toMatchObject([{ kind: "chain_cut_at_tail", digests: [4 - by, 4 - by] }]);
      expect(report).toMatchObject({ complete: false, as_of: new Date(endOf(4 - by)).toISOString() });
    }
  });

  it("is told of loudly in either case", async () => {
    const report = await at(await cut(1), endOf(3) + 5 * minute);
    expect(report).toMatchObject({ complete: true, as_of: "2025-07-16T12:00:07.000Z" });
    expect(reportText("place", report, 1).split("\n")[1]).toBe(
      "As of 2025-07-16T12:00:07.000Z: nothing here vouches for what was appended later.",
    );
  });

  it("is where a copy of last year's ended, where that time is given", async () => {
    const files = await cut(0);
    const now = endOf(4) + 365 * 24 * hourMs;
    expect((await at(files, now)).complete).toBe(false);
    expect((await at(files, now, endOf(4))).complete).toBe(true);
    expect((await at(files, now, endOf(4) + 1)).findings).toMatchObject([{ kind: "chain_cut_at_tail" }]);
    expect((await at(await cut(1), now, endOf(4))).findings).toMatchObject([{ kind: "chain_cut_at_tail" }]);
  });

  it("is as old as the slowest honest runner lets it be, and no older", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3 * 24 * hourMs }),
        fc.nat(15 * minute - 1),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(15 * minute),
        (to, delivered, spread, late) => {
          const madeAt = to + delivered;
          const next = Math.floor(madeAt / hourMs) * hourMs + hourMs + (spread * hourMs) / 6;
          expect(next + late).toBeLessThanOrEqual(nextDigestDue(to));
          expect(nextDigestDue(to)).toBeLessThanOrEqual(to + 2 * hourMs + 25 * minute);
          // Those that are made when they are due are missed soonest.
          if (to % hourMs <= hourMs / 6) expect(nextDigestDue(to) - to).toBeLessThanOrEqual(hourMs + 25 * minute);
        },
      ),
    );
  });
});
