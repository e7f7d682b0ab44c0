import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { between } from "./random.ts";

/** What the runners are to deliver. */
export interface Workload {
  readonly organizations: readonly string[];
  readonly folder: string;
  /** Appends a batch of events to the organizations' files: some late, out of order, and over several hours. */
  write(events: number): void;
  /** Ids written so far, by organization. */
  readonly written: Map<string, Set<string>>;
}

/** One NDJSON file an organization, as a platform would write it. */
export function workload(folder: string, organizations: number, random: () => number): Workload {
  mkdirSync(folder, { recursive: true });
  const names = Array.from({ length: organizations }, (_, i) => `org_${i}`);
  const written = new Map(names.map((name) => [name, new Set<string>()]));
  let next = 0;
  return {
    organizations: names,
    folder,
    written,
    write(events) {
      const batches = new Map<string, string[]>();
      for (let i = 0; i < events; i++) {
        // A few organizations make most of the events.
        const organization = names[Math.floor(random() ** 2 * names.length)] as string;
        const id = `e-${next++}`;
        const late = random() < 0.1 ? between(random, 0, 5 * 3600) : between(random, 0, 90);
        const line = JSON.stringify({
          id,
          occurred_at: new Date(Date.now() - late * 1000).toISOString(),
          action: "pipeline.run.finished",
          actor: { type: "user", id: `u_${between(random, 1, 50)}` },
          metadata: { pad: "x".repeat(between(random, 10, 600)), n: next },
        });
        written.get(organization)?.add(id);
        if (!batches.has(organization)) batches.set(organization, []);
        batches.get(organization)?.push(line);
      }
      for (const [organization, lines] of batches)
        appendFileSync(join(folder, `${organization}.ndjson`), `${lines.join("\n")}\n`);
    },
  };
}
