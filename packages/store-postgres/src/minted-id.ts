const minted = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** When an id of the form that Headgate mints, a UUIDv7 (RFC 9562), was minted, Unix ms; undefined for any other id. */
export function mintedAt(id: string): number | undefined {
  const [, high = "", low = ""] = minted.exec(id) ?? [];
  return high === "" ? undefined : Number.parseInt(high + low, 16);
}
