import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";

/** The repository. */
export const root: string = join(import.meta.dirname, "..", "..");

const folder = join(root, "examples", "deploy");

/** A file of `examples/deploy`. */
export function deployFile(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

/** Where a file of `examples/deploy` is. */
export function deployPath(name: string): string {
  return join(folder, name);
}

/** What is in a folder of `examples/deploy`, by name. */
export function deployFiles(name: string): readonly string[] {
  return readdirSync(join(folder, name)).sort();
}

/** The documents of a YAML file of `examples/deploy`. Merge keys are read as Compose reads them. */
export function yamlFile(name: string): readonly unknown[] {
  return parseAllDocuments(deployFile(name), { merge: true }).map((document) => {
    if (document.errors[0] !== undefined) throw document.errors[0];
    return document.toJS() as unknown;
  });
}
