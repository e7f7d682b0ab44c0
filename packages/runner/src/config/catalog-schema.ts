/** JSON Schema (draft 2020-12) of a catalog file: an object of actions, as `defineCatalog` takes them. */
export const catalogSchema: Readonly<Record<string, unknown>> = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Headgate catalog",
  type: "object",
  description: "A platform's actions by name.",
  additionalProperties: {
    type: "object",
    additionalProperties: false,
    required: ["category", "description"],
    properties: {
      $schema: { type: "string" },
      category: { type: "string", minLength: 1, description: "Category of events with this action." },
      description: { type: "string", description: "One sentence for the action reference page." },
      metadata: {
        type: "object",
        required: ["type"],
        properties: { type: { const: "object" } },
        description: "JSON Schema of the metadata.",
      },
    },
  },
};
