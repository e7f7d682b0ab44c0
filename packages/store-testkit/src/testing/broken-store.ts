import type { Journal, Store } from "@headgate/core";
import type { SettableClock } from "../harness.ts";

/** How a store goes wrong, and the check that must notice. */
export interface BrokenStore {
  readonly defect: string;
  readonly caughtBy: string;
  readonly breaks: (store: Store, clock: SettableClock) => Partial<Store>;
}

/** Another journal over the same store, with some methods replaced. */
export const journal = (store: Store, replaced: Partial<Journal>): Partial<Store> => ({
  journal: { ...store.journal, ...replaced },
});
