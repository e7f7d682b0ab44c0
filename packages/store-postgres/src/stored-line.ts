/** The id of a stored line, or of a stub without its closing brace. */
export function idOfLine(line: Uint8Array): unknown {
  const text = Buffer.from(line.buffer, line.byteOffset, line.byteLength).toString();
  const event: unknown = JSON.parse(text.endsWith("}\n") ? text : `${text}}`);
  return typeof event === "object" && event !== null && "id" in event ? event.id : undefined;
}
