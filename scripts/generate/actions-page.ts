import { catalog } from "../../examples/catalog-ci/src/index.ts";
import type { ActionDefinition } from "../../packages/core/src/index.ts";
import { table } from "./markdown.ts";
import type { Schema } from "./schema-table.ts";

/** The actions of the catalog that comes as an example, by category. */
export function actionsPage(): string {
  const categories = Map.groupBy(Object.entries<ActionDefinition>(catalog.actions), ([, { category }]) => category);
  const sections = [...categories].map(([category, actions]) => {
    const rows = actions.map(([action, { description, metadata }]) => [
      `\`${action}\``,
      description,
      Object.entries((metadata as Schema | undefined)?.properties ?? {})
        .map(([key]) => `\`${key}\`${(metadata as Schema).required?.includes(key) === true ? "" : "?"}`)
        .join(", "),
    ]);
    return `## ${category}\n\n${table(["Action", "When", "Metadata"], rows)}`;
  });
  return `# Actions of the CI/CD catalog

What \`examples/catalog-ci\` declares: ${Object.keys(catalog.actions).length} actions of a platform that builds and deploys. A question mark means
that the member may be absent.

${sections.join("\n")}`;
}
