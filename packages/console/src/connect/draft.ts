import type { FormValues } from "./form-fields.ts";

const key = "headgate.draft";

/** What was typed for a new stream, without secrets, until it is connected or the tab is closed. */
export interface Draft {
  /** Where it is to be connected: a draft of one organization must not turn up in another one's form. */
  readonly place: string;
  readonly sink: string;
  readonly values: FormValues;
}

/** The draft of a place: whoever reloads the page, or goes back, finds it again. */
export function keptDraft(place: string): Draft | undefined {
  try {
    const draft = JSON.parse(sessionStorage.getItem(key) ?? "null") as Draft | null;
    return draft?.place === place ? draft : undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a draft in this tab, or forgets it. */
export function keepDraft(draft: Draft | undefined): void {
  try {
    if (draft === undefined) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(draft));
  } catch {
    // A browser that keeps nothing begins anew after a reload.
  }
}
