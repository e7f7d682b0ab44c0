/** Longest tag, name and colon included, in characters: https://docs.datadoghq.com/getting_started/tagging/ */
const maxTag = 200;
/** Most tags of a log (https://docs.datadoghq.com/logs/guide/best-practices-for-log-management/), less `organization`, `stream` and `restamped`. */
const maxOwnTags = 97;
/** The tag of an event that is sent with another time than its own. */
export const restampedTag = "restamped:true";

// Datadog turns every other character into an underscore, and a comma begins the next tag.
const other = /[^\p{L}\p{N}_:./-]/gu;
const tagName = /^\p{L}[\p{L}\p{N}_./-]*$/u;
const tagValue = /^[\p{L}\p{N}_:./-]+$/u;

const taken: Readonly<Record<string, string>> = {
  organization: "every log has it already",
  stream: "every log has it already",
  restamped: "it marks events that are sent with another time",
  host: "set hostname",
  service: "set service",
  source: "set source",
};

/** What is wrong with a stream's own tags. */
export function* tagProblems(tags: Readonly<Record<string, string>>): Iterable<string> {
  const entries = Object.entries(tags);
  if (entries.length > maxOwnTags) yield `tags are ${maxOwnTags} at most, and there are ${entries.length}`;
  for (const [name, value] of entries) {
    const shown = name.slice(0, 40);
    if (Object.hasOwn(taken, name)) yield `tag "${name}" cannot be given: ${taken[name]}`;
    else if (!tagName.test(name))
      yield `tag "${shown}" must begin with a letter and hold letters, digits and _ . / - only`;
    else if (typeof value !== "string" || !tagValue.test(value))
      yield `tag "${shown}" needs a value of letters, digits and _ : . / - only`;
    else if (name.length + 1 + value.length > maxTag) yield `tag "${shown}" is longer than ${maxTag} characters`;
  }
}

/** The text of `ddtags`: the organization's and the stream's id, as far as a tag can hold them, and the stream's own tags. */
export function tagText(
  { organization, stream }: { readonly organization: string; readonly stream: string },
  tags: Readonly<Record<string, string>>,
): string {
  const own = Object.entries(tags).map(([name, value]) => `${name}:${value}`);
  return [fitting("organization", organization), fitting("stream", stream), ...own].join(",");
}

function fitting(name: string, value: string): string {
  // Code points: half of a character is none.
  return Array.from(`${name}:${value.replace(other, "_")}`)
    .slice(0, maxTag)
    .join("");
}
