/**
 * The name of a content type, in lower case; undefined where there is none, or where it says more than that the text is
 * UTF-8. Taken apart without patterns that could look back over a long header again and again.
 */
export function mediaType(header: string | null): string | undefined {
  if (header === null) return undefined;
  const [name = "", ...parameters] = header.split(";").map((part) => part.trim().toLowerCase());
  const utf8 = parameters.every((parameter) => {
    if (parameter === "") return true;
    const at = parameter.indexOf("=");
    const value = parameter.slice(at + 1).trim();
    return at > 0 && parameter.slice(0, at).trim() === "charset" && (value === "utf-8" || value === '"utf-8"');
  });
  return utf8 && name !== "" ? name : undefined;
}

/** Whether a content type is JSON, in UTF-8 where it names a charset. */
export function isJson(header: string | null): boolean {
  const name = mediaType(header);
  return name === "application/json" || (name !== undefined && /^application\/[\w.-]+\+json$/.test(name));
}
