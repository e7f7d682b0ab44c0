// A process of its own that reads a file into a SQLite store: `node ingest-process.ts <database> <file> once|follow`.
import { createPreparer } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import { fileSource } from "../file-source.ts";

const [database, path, mode] = process.argv.slice(2) as [string, string, "once" | "follow"];
await using store = sqliteStore({ path: database });
await store.open();
const source = fileSource(
  { path, organization: "org_1", follow: mode === "follow", pollMs: 10 },
  {
    store,
    append: async (organization, events) => store.journal.append(organization, events),
    preparer: createPreparer(),
  },
);
const summary = await source.run({ onProgress: ({ read }) => console.log(`progress ${read}`) });
console.log(`done ${JSON.stringify(summary)}`);
