/** JSON Schema (draft 2020-12) of a file sink's options as configuration files write them. */
export const fileSinkSchema: Readonly<Record<string, unknown>> = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Options of the file sink",
  type: "object",
  additionalProperties: false,
  required: ["directory"],
  properties: {
    directory: {
      type: "string",
      minLength: 1,
      description: "The folder to write to; made when it is missing.",
      examples: ["./out"],
    },
    prefix: {
      type: "string",
      default: "",
      pattern: "^(?![._])(?!.*/[._/])[^/\\\\\\u0000-\\u001f][^\\\\\\u0000-\\u001f]*$|^$",
      description:
        "Put before year=… as it is. Stays inside of the folder; no part begins with a dot or an underscore.",
      examples: ["headgate/"],
    },
    layout: {
      enum: ["iso", "basic"],
      default: "iso",
      description:
        "How names write the time: 2025-07-16T09:52:30, or 20250716T095230Z without colons (needed on Windows).",
    },
    compression: { enum: ["none", "gzip", "zstd"], default: "none", description: "How files are compressed." },
    level: {
      type: "integer",
      minimum: 0,
      maximum: 22,
      description: "Compression level: 0 to 9 for gzip (6 by default), 1 to 22 for zstd (3 by default).",
    },
  },
};
