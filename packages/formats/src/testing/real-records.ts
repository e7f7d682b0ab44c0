import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type AuditEvent, compileMapping, createPreparer, createWireReader } from "@headgate/core";
import { parse } from "yaml";

/** Where the real records are, if they are. */
export const dataFolder: string | undefined = process.env["HEADGATE_DATA"];

/** Kinds of real records. */
export const realKinds = ["github", "okta", "gcp_audit"] as const;

/** Real records as events, through the mappings of the examples. Those that no mapping takes are left out. */
export function realEvents(kind: (typeof realKinds)[number]): readonly AuditEvent[] {
  const file = path.join(dataFolder ?? "", `${kind}.ndjson`);
  if (!existsSync(file)) return [];
  const text = readFileSync(new URL(`../../../../examples/mappings/${kind}.yaml`, import.meta.url), "utf8");
  const reader = createWireReader({
    preparer: createPreparer(),
    mapping: compileMapping(parse(text), kind),
    organization: "acme",
  });
  const events: AuditEvent[] = [];
  for (const line of readFileSync(file, "utf8").split("\n").filter(Boolean)) {
    try {
      const { event } = reader.read(Buffer.from(line), { at: kind, deriveId: () => `${kind}-${events.length}` });
      events.push(JSON.parse(`${Buffer.from(event.stub).toString()},"sequence":${events.length + 1}}`) as AuditEvent);
    } catch {
      // A statistic that tells of no action.
    }
  }
  return events;
}
