export * from "./file-sink.ts";
export type { FileSinkOptions } from "./options.ts";
export * from "./schema.ts";
export * from "./folder-objects.ts";
