import { describe, expect, it } from "vitest";
import { audit } from "./audit.ts";
import { reportText } from "./report-text.ts";
import { newSigner, signer } from "./testing/buckets.ts";
import { endOf, type Files, writeChain } from "./testing/honest-chain.ts";
import { lineOf, placeOfFiles } from "./testing/stored-objects.ts";

const hours = [["delivered", "delivered", "quarantined"], ["delivered"]] as const;
const options = { stream: "a", until: endOf(2), keys: signer.published };

/** Two streams of one organization, each in the place that is given. */
async function twoStreams(places: { readonly a: string; readonly b: string }): Promise<Files> {
  const files: Files = new Map();
  await writeChain(files, { stream: "a", prefix: places.a, hours }, signer);
  const write = (event: Parameters<typeof lineOf>[0]): string => lineOf({ ...event, id: `b-${event.sequence}` });
  await writeChain(files, { stream: "b", prefix: places.b, hours, write }, signer);
  return files;
}

const objectOfA = ([key]: [string, Uint8Array]): boolean => key.startsWith("a/year=");
const isObjectOfB = (key: string): boolean => key.startsWith("b/year=");
function firstKey(files: Files, is: (key: string) => boolean): string {
  const key = [...files.keys()].find(is);
  if (key === undefined) throw new Error("there is no such file");
  return key;
}

describe("an audit of one stream", () => {
  it("says nothing of a neighbour's damage but that its objects are there", async () => {
    const files = await twoStreams({ a: "a/", b: "b/" });
    files.set(firstKey(files, isObjectOfB), Buffer.from("{}\n"));
    files.set("b/_digests/b/chain-of-b/0000000001.json", Buffer.from("nonsense"));
    expect(await audit(placeOfFiles(files), { until: endOf(2), keys: signer.published })).toMatchObject({
      complete: false,
    });
    const report = await audit(placeOfFiles(files), options);
    expect(report).toMatchObject({ complete: true, proven: true, findings: [], bad_objects: [], other_objects: 3 });
    expect(report.objects).toBe([...files].filter(objectOfA).length);
    expect(reportText("place", report, 1)).toContain("3 objects of other streams, or of nobody, were not judged.");
  });

  it("finds what is wrong with its own, whatever else is there", async () => {
    const files = await twoStreams({ a: "a/", b: "b/" });
    const key = firstKey(files, (each) => each.startsWith("a/year="));
    files.set(key, Buffer.from("{}\n"));
    const report = await audit(placeOfFiles(files), options);
    expect(report).toMatchObject({ complete: false, bad_objects: [{ key }] });
  });

  it("finds where its own objects went to, and a digest of its that nothing can read", async () => {
    const files = await twoStreams({ a: "a/", b: "b/" });
    const key = firstKey(files, (each) => each.startsWith("a/year="));
    files.set(`b/${key.slice("a/".length)}`, files.get(key) as Uint8Array);
    files.delete(key);
    files.set("a/_digests/a/chain-of-a/0000000002.json", Buffer.from("nonsense"));
    const { findings } = await audit(placeOfFiles(files), options);
    expect(findings.map(({ kind }) => kind).sort()).toEqual(["chain_cut_at_tail", "digest_invalid", "object_moved"]);
  });

  it("leaves objects in its own folders to the stream that signed for them, and to nobody without", async () => {
    const files: Files = new Map();
    await writeChain(files, { stream: "b", hours }, signer);
    await writeChain(files, { stream: "a", hours: [["delivered"], []], unsigned: 4, unstored: true }, signer);
    const report = await audit(placeOfFiles(files), options);
    expect(report).toMatchObject({ complete: true, proven: true, other_objects: 3 });

    const forged: Files = new Map();
    await writeChain(forged, { stream: "b", hours: [["delivered", "delivered"]] }, newSigner());
    await writeChain(forged, { stream: "a", hours }, signer);
    const { findings } = await audit(placeOfFiles(forged), options);
    expect(findings).not.toEqual([]);
    expect(new Set(findings.map(({ kind }) => kind))).toEqual(new Set(["object_unnamed"]));
  });

  it("says that there is nothing to judge by where the stream has no digest", async () => {
    const files = await twoStreams({ a: "a/", b: "b/" });
    const report = await audit(placeOfFiles(files), { ...options, stream: "c" });
    expect(report).toMatchObject({ complete: false, objects: 0, findings: [{ kind: "digests_absent" }] });
    expect(report.findings[0]?.message).toContain("of stream c");
  });
});
