import { createPreparer, type NewEvent } from "@headgate/core";
import { postgresStore } from "@headgate/store-postgres";
import { sqliteStore } from "@headgate/store-sqlite";
import { type Cost, measure } from "./cost.ts";
import { syntheticEvents } from "./synthetic-events.ts";

/** One way to append. */
export interface AppendParameters {
  /** The store's file, or the URL of its database. */
  readonly path: string;
  readonly url?: string;
  readonly events: number;
  /** Whether the caller brings ids, which are looked up, or Headgate mints them. */
  readonly ids: "given" | "minted";
  /** Events of one `append`. */
  readonly group: number;
  readonly organizations: number;
}

/** So many appends are under way at a time, as from a server's requests. */
export const appendsAtATime = 4;

/** Prepares objects and appends them durably; what is measured runs from the object to the acknowledgement. */
export async function appendJob(parameters: AppendParameters): Promise<Cost> {
  const { path, url, events, ids, group, organizations } = parameters;
  const next = syntheticEvents({ seed: 11 });
  const samples = Array.from({ length: 5000 }, (): NewEvent => {
    const { organization: _name, id: _id, occurred_at: occurred, ...rest } = next();
    return { ...rest, occurred_at: occurred as string };
  });
  const preparer = createPreparer();
  await using store = url === undefined ? sqliteStore({ path }) : postgresStore({ url });
  await store.open();

  let made = 0;
  const idOf = (n: number): string => `5f3c0a1e-77d2-4c1b-9e55-${n.toString(16).padStart(12, "0")}`;
  async function appendOne(organization: string): Promise<number> {
    const prepared = Array.from({ length: group }, () => {
      const sample = samples[made % samples.length] as NewEvent;
      made += 1;
      return preparer.prepare(organization, ids === "given" ? { ...sample, id: idOf(made) } : sample);
    });
    const { accepted } = await store.journal.append(organization, prepared);
    return accepted;
  }

  await appendOne("warm-up");
  return await measure(async () => {
    const groups = Math.floor(events / group);
    let begun = 0;
    let accepted = 0;
    async function requests(): Promise<void> {
      while (begun < groups) {
        begun += 1;
        // Not in one expression: the sum would be read before the others have added to it.
        const stored = await appendOne(`org_${begun % organizations}`);
        accepted += stored;
      }
    }
    await Promise.all(Array.from({ length: appendsAtATime }, requests));
    if (accepted !== groups * group) throw new Error(`${accepted} of ${groups * group} events were accepted`);
    return accepted;
  });
}

/** Fills a journal for one organization, for a delivery that comes later. */
export async function fillJob({ path, events }: { readonly path: string; readonly events: number }): Promise<Cost> {
  return appendJob({ path, events, ids: "minted", group: Math.min(1000, events), organizations: 1 });
}
