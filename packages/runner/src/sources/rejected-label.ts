import type { Cursors } from "@headgate/core";

/** Per store and path, the claim under way: sources of one process begin side by side. */
const claims = new WeakMap<Cursors, Map<string, Promise<string>>>();

/**
 * What rejected lines of a file are filed under: the path for the organization that read it first, the path and the
 * organization for every other one, because a rejected record is known by its source and line. Kept in the store, so that
 * it stays the same.
 */
export async function rejectedLabel(
  cursors: Cursors,
  path: string,
  organization: string | { readonly from: string } | undefined,
): Promise<string> {
  const reader = JSON.stringify(organization ?? null);
  const ofStore = claims.get(cursors) ?? new Map<string, Promise<string>>();
  claims.set(cursors, ofStore);
  const claim = ofStore.get(path) ?? claimed(cursors, path, reader);
  ofStore.set(path, claim);
  const first = await claim.catch((error: unknown) => {
    ofStore.delete(path);
    throw error;
  });
  if (first === reader) return path;
  return typeof organization === "string"
    ? `${path} (${organization})`
    : `${path} (by ${organization?.from ?? "organization.id"})`;
}

async function claimed(cursors: Cursors, path: string, reader: string): Promise<string> {
  const key = `rejected:${path}`;
  const first = await cursors.get(key);
  if (first === undefined) await cursors.set(key, reader);
  return first ?? reader;
}
