import { mkdtempDisposable, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { createHeadgate, memoryStore } from "@headgate/core";
import { fileSink, folderObjects } from "@headgate/sink-file";
import { describe, expect, it } from "vitest";
import { root } from "./pages.ts";

const guide = await readFile(join(root, "docs/guides/reading-the-bucket.md"), "utf8");

interface Written {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** Objects as the guide's settings write them: gzip, basic names, several hours. */
async function objects(): Promise<readonly Written[]> {
  await using folder = await mkdtempDisposable(join(tmpdir(), "headgate-readers-"));
  await using headgate = createHeadgate({ store: memoryStore(), sinks: [fileSink()] });
  const options = { directory: folder.path, prefix: "headgate/", compression: "gzip", layout: "basic" } as const;
  await headgate.streams.create("org_1", { sink: "file", options });
  const now = Date.now();
  for (const hoursAgo of [0, 1, 5, 30]) {
    const occurred_at = new Date(now - hoursAgo * 3_600_000).toISOString();
    const metadata = { text: "two\nlines, \u2028 and é" };
    await headgate.append("org_1", [{ action: "user.login", actor: { type: "user", id: "u" }, occurred_at, metadata }]);
  }
  await headgate.drain();
  const found: Written[] = [];
  for await (const object of folderObjects(folder.path))
    found.push({ key: object.key, bytes: await buffer(object.read()) });
  return found;
}

describe("what the readers of the bucket count on", () => {
  it("holds: one JSON document a line, gzip by its name, folders that sort by time, names without colons", async () => {
    const written = await objects();
    expect(written.length).toBe(4);
    const times: string[] = [];
    for (const { key, bytes } of written) {
      expect(key).toMatch(
        /^headgate\/year=\d{4}\/month=\d{2}\/day=\d{2}\/hour=\d{2}\/\d{8}T\d{6}Z_[0-9a-f]{40}\.json\.gz$/,
      );
      const text = gunzipSync(bytes).toString();
      expect(text.endsWith("\n")).toBe(true);
      for (const line of text.slice(0, -1).split("\n"))
        times.push((JSON.parse(line) as { readonly occurred_at: string }).occurred_at);
    }
    expect(written.map(({ key }) => key)).toEqual(written.map(({ key }) => key).toSorted());
    expect(times).toEqual(times.toSorted());
  });

  it("fits the patterns of the guide: Elastic's selector, Athena's template, the notifications' prefix", async () => {
    const selector = /regex: "(.+?)" \}\]/.exec(guide)?.[1]?.replaceAll("\\\\", "\\") ?? "";
    const template = /storage\.location\.template' = 's3:\/\/acme-audit-logs\/(.+?)'/.exec(guide)?.[1] ?? "";
    const prefix = /prefix `(headgate\/year=)`/.exec(guide)?.[1] ?? "";
    expect([selector, template, prefix].every((text) => text.length > 10)).toBe(true);
    const folders = new RegExp(`^${template.replaceAll(/\$\{(\w+)\}/g, "(?<$1>\\d+)")}`);
    for (const { key } of await objects()) {
      expect(key).toMatch(new RegExp(selector));
      expect(key).toMatch(folders);
      expect(key.startsWith(prefix)).toBe(true);
    }
    expect("headgate/_headgate/verify-acme-s3-20250716T095230Z").not.toMatch(new RegExp(selector));
  });
});
