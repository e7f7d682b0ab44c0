import type { Store } from "@headgate/core";
import { readEvents } from "@headgate/store-testkit";
import { type PostgresStore, postgresStore, type PostgresStoreOptions } from "../postgres-store.ts";

/** Opens a store. */
export async function openStore(options: PostgresStoreOptions): Promise<PostgresStore> {
  const store = postgresStore(options);
  await store.open();
  return store;
}

/** All events of a store, as `organization id sequence`. */
export async function contents(store: Store): Promise<readonly string[]> {
  const { heads } = await store.journal.changes();
  const found: string[] = [];
  for (const { organization } of heads) {
    const after = (await store.journal.firstSequence(organization)) - 1;
    for (const { id, sequence } of await readEvents(store, organization, { after })) {
      found.push(`${organization} ${id} ${sequence}`);
    }
  }
  return found;
}

/** The organizations whose sequences are not 1, 2, 3 …, in lines of {@link contents}. */
export function gaps(lines: readonly string[]): readonly string[] {
  const last = new Map<string, number>();
  const broken = new Set<string>();
  for (const line of lines) {
    const [organization = "", , sequence] = line.split(" ");
    if (Number(sequence) !== (last.get(organization) ?? 0) + 1) broken.add(organization);
    last.set(organization, Number(sequence));
  }
  return [...broken];
}
