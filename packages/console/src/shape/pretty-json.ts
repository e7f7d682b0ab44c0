/**
 * JSON text over several lines. Only blanks are added: a preview must show numbers with the digits and members in the order
 * that they are sent with, which reading and writing would not keep. Text that is no object or list stays as it is.
 */
export function prettyJson(text: string): string {
  if (!/^[[{]/.test(text)) return text;
  let depth = 0;
  const line = (by: number): string => `\n${"  ".repeat(Math.max(0, (depth += by)))}`;
  return text.replaceAll(/"(?:[^"\\]|\\.)*"|\{\s*\}|\[\s*\]|[{}[\],:]|\s+/g, (token) => {
    if (token === "{" || token === "[") return token + line(1);
    if (token === "}" || token === "]") return line(-1) + token;
    if (token === ",") return token + line(0);
    if (token === ":") return ": ";
    return token.trim() === "" ? "" : token;
  });
}
