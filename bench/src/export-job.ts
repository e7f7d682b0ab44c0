import { readFileSync } from "node:fs";
import { createApi } from "@headgate/api";
import { createHeadgate } from "@headgate/core";
import { sqliteStore } from "@headgate/store-sqlite";
import { type Cost, measure } from "./cost.ts";

/** One export. */
export interface ExportParameters {
  /** The store's file, with the events of `org_0`. */
  readonly path: string;
  readonly format: "raw" | "ndjson" | "csv";
}

/** What it cost. */
export interface ExportCost extends Cost {
  readonly bytes: number;
  /** Bytes; of a process that does nothing else. */
  readonly peakRss: number;
}

const types = { ndjson: "application/x-ndjson", csv: "text/csv" } as const;

/** Exports all events of one organization over the API's handler, or reads the journal and nothing more (`raw`). */
export async function exportJob({ path, format }: ExportParameters): Promise<ExportCost> {
  const store = sqliteStore({ path });
  await using headgate = createHeadgate({ store, sinks: [] });
  await headgate.open();
  const { lastSequence } = await store.journal.head("org_0");
  let bytes = 0;
  const cost = await measure(async () => {
    if (format === "raw") {
      for await (const { body } of store.journal.read("org_0", { after: 0 })) bytes += body.length;
    } else {
      const actor = { type: "user", id: "u_1" };
      const api = createApi({ headgate, authenticate: () => ({ role: "viewer", organization: "org_0", actor }) });
      const request = new Request("http://localhost/v1/organizations/org_0/events", {
        headers: { accept: types[format] },
      });
      const { status, body } = await api.fetch(request);
      if (status !== 200 || body === null) throw new Error(`the export answered ${status}`);
      for await (const piece of body) bytes += (piece as Uint8Array).length;
      await api.close();
    }
    return lastSequence;
  });
  return { ...cost, bytes, peakRss: peakRss() };
}

function peakRss(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return kilobytes === undefined ? process.resourceUsage().maxRSS * 1024 : Number(kilobytes) * 1024;
}
