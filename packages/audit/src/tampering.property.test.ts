import { cefFormat, cloudEventsFormat, ecsFormat, ocsfFormat } from "@headgate/formats";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import type { Finding } from "./finding.ts";
import { reportText } from "./report-text.ts";
import { type Expected, missingOf, modelOf } from "./testing/bucket-model.ts";
import { chainPlan, check, newSigner, signer, write, writerOf } from "./testing/buckets.ts";
import { alterDigest, damages, type Scene } from "./testing/damages.ts";
import { type ChainPlan, endOf } from "./testing/honest-chain.ts";
import { placeOfFiles } from "./testing/stored-objects.ts";

const writers = [ocsfFormat(), ecsFormat(), cefFormat(), cloudEventsFormat()].map(writerOf);
const stranger = newSigner();

/** What is told of a finding, in an order that does not depend on the audit's. */
function sorted(findings: readonly Expected[]): readonly string[] {
  return findings
    .map(({ kind, digests, sequences, key, belongs }) => JSON.stringify({ kind, digests, sequences, key, belongs }))
    .sort();
}

/** What is known of a finding by the model; times and places of digests stand in its text. */
function told(finding: Finding): Expected {
  const { kind, digests, sequences, key, belongs } = finding;
  const keyed = kind !== "sequences_missing" && kind !== "digest_missing" && kind !== "chain_cut_at_head";
  return {
    kind,
    ...(digests !== undefined && kind !== "sequences_repeated" && { digests }),
    ...(sequences !== undefined && { sequences }),
    ...(keyed && key !== undefined && { key }),
    ...(belongs !== undefined && { belongs }),
  };
}

/** A scene: the chain that is damaged, and two that are not. */
const scenes = fc.record({
  plan: chainPlan("a", writers),
  others: fc.oneof(fc.tuple(chainPlan("b", writers)), fc.tuple(chainPlan("b", writers), chainPlan("c", writers))),
  seed: fc.nat(),
  onDisk: fc.nat(9).map((n) => n === 0),
});

async function sceneOf(plan: ChainPlan, others: readonly ChainPlan[], seed: number): Promise<Scene> {
  const files = await write([plan, ...others]);
  return { files, model: modelOf(files, plan.stream), seed, neighbour: others[0]?.prefix ?? "", stranger };
}

describe("a damaged place", () => {
  it.each(Object.entries(damages))("is told of by key, digest and sequence: %s", async (_name, damage) => {
    await fc.assert(
      fc.asyncProperty(scenes, async ({ plan, others, seed, onDisk }) => {
        const length = { hours: plan.hours.length };
        const level = others.map((other) => ({ ...other, hours: [...other.hours, [], [], []].slice(0, length.hours) }));
        const scene = await sceneOf(plan, level, seed);
        const { found, gone = {}, also } = await damage(scene);
        const report = await check(scene.files, { until: length.hours, onDisk });
        expect(report).toMatchObject({ complete: false, proven: false });
        const missing = missingOf(scene.model, gone);
        const wanted = sorted([...found, ...(also === undefined ? missing.expected : [])]);
        const all = sorted(report.findings.map(told));
        if (also === undefined) {
          expect(all).toEqual(wanted);
          expect(report).toMatchObject({ gaps: missing.gaps, missing: missing.missing });
        } else {
          const certain = report.findings.filter(({ kind }) => !also.includes(kind));
          expect(sorted(certain.map(told))).toEqual(wanted);
        }
        // Nothing is said of anybody else's.
        expect(report.findings.map(({ stream = plan.stream }) => stream)).toEqual(all.map(() => plan.stream));
        for (const chain of report.chains)
          expect([chain.stream, chain.complete]).toEqual([chain.stream, chain.stream !== plan.stream]);
        if (seed % 3 > 0) return;
        // An audit of one stream finds the same of it, and of the others that they are whole.
        const alone = await check(scene.files, { until: length.hours, stream: plan.stream });
        const silent = report.chains.every(({ stream }) => stream !== plan.stream);
        expect(sorted(alone.findings.map(told))).toEqual(silent ? sorted([{ kind: "digests_absent" }]) : all);
        for (const { stream, prefix = "" } of level) {
          if (report.findings.some(({ key }) => key?.startsWith(prefix))) continue;
          const { complete, findings } = await check(scene.files, { until: length.hours, stream });
          expect({ stream, complete, findings }).toEqual({ stream, complete: true, findings: [] });
        }
      }),
      { numRuns: 100 },
    );
  });

  it("is never complete: a byte of a digest altered", async () => {
    await fc.assert(
      fc.asyncProperty(scenes, async ({ plan, seed }) => {
        const scene = await sceneOf(plan, [], seed);
        const { key, number } = alterDigest(scene);
        const report = await check(scene.files, { until: plan.hours.length });
        expect(report).toMatchObject({ complete: false, proven: false });
        const kinds = new Set(["digest_invalid", "signature_missing", "signature_wrong", "signature_of_unknown_key"]);
        const telling = report.findings.filter(({ kind }) => kinds.has(kind));
        const names = telling.some(
          ({ key: at, digests: [first, last] = [0, -1] }) => at === key || (first <= number && number <= last),
        );
        // Unless it is the number itself, the digest is named by it.
        const renumbered = report.findings.some(
          ({ kind }) =>
            kind === "digest_fork" ||
            kind === "digest_missing" ||
            kind === "chain_cut_at_head" ||
            kind === "chain_cut_at_tail",
        );
        expect(telling.length > 0 && (names || renumbered)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it("has no proof where every digest is deleted", async () => {
    const files = await write([{ stream: "a", hours: [["delivered", "delivered"]] }]);
    for (const key of files.keys()) if (key.includes("_digests/")) files.delete(key);
    expect(await check(files)).toMatchObject({ complete: false, findings: [{ kind: "digests_absent" }] });
  });

  it("tells which sequences are gone with an object", async () => {
    const files = await write([
      { stream: "a", hours: [["delivered", "delivered", "delivered"], [], ["filtered", "delivered"]] },
    ]);
    const [key] = [...files.keys()].filter((name) => !name.includes("_digests/")).sort() as [string];
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
    const last = [...files.keys()].filter((name) => name.includes("_digests/")).sort()[2] as string;
    files.delete(last);
    const report = await audit(placeOfFiles(files), { keys: signer.published, until: endOf(2) });
    expect(report).toMatchObject({ complete: true, proven: true });
    expect(report.chains).toMatchObject([{ through: 1, pending: { objects: 2, events: 2 } }]);
  });
});
