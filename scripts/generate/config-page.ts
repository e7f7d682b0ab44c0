import { readFile } from "node:fs/promises";
import { type Schema, schemaTable } from "./schema-table.ts";

/** The configuration file of `headgate run`. */
export async function configPage(): Promise<string> {
  const file = new URL("../../packages/runner/schema/config.json", import.meta.url);
  const schema = JSON.parse(await readFile(file, "utf8")) as Schema;
  const sections = Object.entries(schema.properties ?? {}).filter(([, member]) => isNested(member));
  const scalars = Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([, member]) => !isNested(member)));
  return `# Configuration

YAML or JSON; \`headgate validate -c FILE\` lists every problem with its path. Unknown keys are errors. Paths are relative
to the configuration file. Any string may hold \`\${env:NAME}\` or \`\${file:PATH}\`, so that secrets stay out of the file.
Durations are a number and \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`; sizes a number and \`B\`, \`kB\`, \`MB\`, \`GB\`, \`KiB\`, \`MiB\` or \`GiB\`.
The JSON Schema ships as \`@headgate/runner/schema/config.json\`.

${sections.map(([name, member]) => section(name, member)).join("\n")}
## Other keys

${schemaTable({ ...schema, properties: scalars })}`;
}

function isNested(schema: Schema): boolean {
  return schema.properties !== undefined || schema.items?.properties !== undefined;
}

function section(name: string, schema: Schema): string {
  const body = schema.items ?? schema;
  const head = `## \`${name}\`${schema.items === undefined ? "" : " (a list)"}\n\n${schema.description ?? ""}\n\n`;
  const variants = (body.allOf ?? []).flatMap(({ if: condition, then }) => {
    const [key, is] = Object.entries(condition?.properties ?? {})[0] ?? [];
    return Object.entries(then?.properties ?? {}).map(
      ([member, shape]) => `\n### \`${member}\` where \`${key}: ${String(is?.const)}\`\n\n${schemaTable(shape)}`,
    );
  });
  return head + schemaTable(body) + variants.join("");
}
