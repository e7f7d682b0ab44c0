/** One word of a POSIX shell, whatever it holds: https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html#tag_18_02_02 */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** A long option and its value. One that begins with a hyphen would be taken for an option of its own. */
export function shellOption(name: string, value: string): string {
  return `--${name}${value.startsWith("-") ? "=" : " "}${shellWord(value)}`;
}

/** A double-quoted YAML scalar: JSON's are a part of YAML's (https://yaml.org/spec/1.2.2/#732-double-quoted-style). */
export function yamlText(text: string): string {
  // YAML takes these for ends of lines, or forbids them; JSON leaves them as they are.
  return JSON.stringify(text).replaceAll(/[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g, escaped);
}

/** A quoted template of HCL without templates in it: https://developer.hashicorp.com/terraform/language/expressions/strings */
export function hclText(text: string): string {
  const quoted = text
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll(/[$%](?=\{)/g, "$&$&")
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, escaped); // oxlint-disable-line no-control-regex -- they are what is escaped
  return `"${quoted}"`;
}

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
