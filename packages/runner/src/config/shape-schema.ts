import { type JsonSchema, strict, text } from "./schema-parts.ts";

const match: JsonSchema = strict("What an event is like, in everything that is named.", {
  action: text("Action; `*` stands for any characters.", { examples: ["user.*"] }),
  category: text("Category, to the letter.", { examples: ["authentication"] }),
  outcome: { enum: ["success", "failure", "denied", "unknown"], description: "How it ended." },
});

const matches = (description: string): JsonSchema => ({ type: "array", minItems: 1, description, items: match });

/** Keys of a stream that say what it makes of events. */
export const shapeSchema: Readonly<Record<string, JsonSchema>> = {
  filter: strict("Which events the stream takes; what both lists name is left out.", {
    include: matches("Only events that one of these fits. Default: all."),
    exclude: matches("No event that one of these fits."),
  }),
  privacy: {
    type: "array",
    description: "What is taken out of events, or put in its place, before they leave.",
    items: strict(
      "What is done to the values at a path.",
      {
        path: text("Where the values are: `[]` is every element, `*` every member, `**` any depth.", {
          examples: ["actor.name", "targets[].name", "metadata.**.email"],
        }),
        method: { enum: ["drop", "mask", "hash"], description: "Takes out, puts `[masked]`, or a pseudonym in place." },
      },
      ["path", "method"],
    ),
  },
  format: text("Form that events are sent in: `native`, `ocsf`, `ecs`, `cef`, `cloudevents`. Default: native.", {
    examples: ["ocsf"],
  }),
};
