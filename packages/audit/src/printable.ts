/** Keys and ids are whatever somebody has put into a bucket: none of them may move the cursor, or turn the line around. */
export function printable(line: string): string {
  return line.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, (one) =>
    JSON.stringify(one) === `"${one}"`
      ? `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`
      : JSON.stringify(one).slice(1, -1),
  );
}
