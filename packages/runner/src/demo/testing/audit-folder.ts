import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

/** What a look at a stream's files finds, without any code of Headgate's. */
export interface FolderFindings {
  readonly events: number;
  readonly objects: number;
  readonly problems: readonly string[];
}

/** Checks that each file's SHA-1 is in its name, that its events are of its hour, and that sequences run from 1 without gap or repeat. */
export function auditFolder(directory: string): FolderFindings {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.slice(directory.length).includes("/_"));
  const problems: string[] = [];
  const sequences: number[] = [];
  for (const file of files) {
    const bytes = readFileSync(file);
    const sha1 = createHash("sha1").update(bytes).digest("hex");
    if (!basename(file).endsWith(`_${sha1}`)) problems.push(`${file} has the SHA-1 ${sha1}`);
    const [, year, month, day, hour] = /year=(\d+)\/month=(\d+)\/day=(\d+)\/hour=(\d+)\//.exec(file) ?? [];
    for (const line of bytes.toString("utf8").split("\n").slice(0, -1)) {
      const { occurred_at: at, sequence } = JSON.parse(line) as { occurred_at: string; sequence: number };
      if (!at.startsWith(`${year}-${month}-${day}T${hour}:`)) problems.push(`${file} holds an event of ${at}`);
      sequences.push(sequence);
    }
  }
  sequences.sort((a, b) => a - b);
  sequences.forEach((sequence, i) => {
    if (sequence !== i + 1) problems.push(`sequence ${sequence} stands where ${i + 1} belongs`);
  });
  return { events: sequences.length, objects: files.length, problems: problems.slice(0, 5) };
}
