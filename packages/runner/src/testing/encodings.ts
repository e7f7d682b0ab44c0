/** How a text may stand in a file: as it is, and as encoders of every day write it. */
export function encodingsOf(secret: string): ReadonlyMap<string, Buffer> {
  const bytes = Buffer.from(secret);
  const texts: readonly (readonly [string, string])[] = [
    ["hex", bytes.toString("hex")],
    ["HEX", bytes.toString("hex").toUpperCase()],
    ["percent-encoded", encodeURIComponent(secret)],
    ["JSON", JSON.stringify(secret).slice(1, -1)],
    ["backwards", Buffer.from(bytes.toReversed()).toString("latin1")],
    ...[0, 1, 2].flatMap((offset) => {
      // What stands before and behind it changes the first and the last digits; those between stay.
      const inner = Buffer.concat([Buffer.alloc(offset), bytes])
        .toString("base64")
        .slice(offset === 0 ? 0 : 4);
      const whole = inner.slice(0, inner.length - 4);
      return [
        [`base64 at ${offset}`, whole],
        [`base64url at ${offset}`, whole.replaceAll("+", "-").replaceAll("/", "_")],
      ] as const;
    }),
  ];
  return new Map([
    ["as it is", bytes],
    ["UTF-16", Buffer.from(secret, "utf16le")],
    ...texts.map(([name, text]) => [name, Buffer.from(text)] as const),
  ]);
}

/** Under which names of secrets, and how encoded, bytes hold any of them. */
export function secretsIn(bytes: Buffer, secrets: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) =>
    [...encodingsOf(secret)].flatMap(([how, needle]) => (bytes.includes(needle) ? [`${name} ${how}`] : [])),
  );
}
