import { readFile } from "node:fs/promises";
import { type Schema, schemaTable } from "./schema-table.ts";

/** The event as it is stored and delivered. */
export async function eventPage(): Promise<string> {
  const file = new URL("../../packages/core/schema/event-v1.json", import.meta.url);
  const schema = JSON.parse(await readFile(file, "utf8")) as Schema;
  return `# Event, version 1

One JSON object, one line of NDJSON. The JSON Schema ships as \`@headgate/core/schema/event-v1.json\`.
A caller of \`append\` gives \`action\` and \`actor\`; everything else is optional or filled in.

${schemaTable(schema)}`;
}
