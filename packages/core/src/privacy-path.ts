import { shapeMistake } from "./shape-mistake.ts";

/** What a privacy rule does to a value: takes it out, puts a fixed word in its place, or a pseudonym. */
export type PrivacyMethod = "drop" | "mask" | "hash";

/** One rule: what to do to the values at a path. */
export interface PrivacyRule {
  /**
   * Where the values are, e.g. `actor.name`, `context.ip`, `targets[].name`, `metadata.user.email`. `[]` stands for
   * every element of a list, `*` for every member of an object, `**` for any depth, none included: `metadata.**.email`
   * is every member `email` in the metadata. A name that is no plain word is written `["like this"]`.
   */
  readonly path: string;
  readonly method: PrivacyMethod;
}

/** A step of a path: a member by name, every member, every element, or any depth. */
export type PrivacyStep = { readonly name: string } | "member" | "element" | "depth";

const anything: readonly PrivacyMethod[] = ["drop", "mask", "hash"];
const stays: readonly PrivacyMethod[] = ["mask", "hash"];
const goes: readonly PrivacyMethod[] = ["drop"];

/** What may be done where the schema fixes the members: what is left must still be an event. */
const fixed = new Map<string, readonly PrivacyMethod[]>([
  ["organization.name", anything],
  ["category", goes],
  ["outcome", goes],
  ["actor.type", stays],
  ["actor.id", stays],
  ["actor.name", anything],
  ["targets", goes],
  ["targets[].type", stays],
  ["targets[].id", stays],
  ["targets[].name", anything],
  ["context", goes],
  ["metadata", goes],
]);
const open = new Set(["context", "metadata"]);
const identifying = new Set(["schema_version", "id", "occurred_at", "organization", "action", "sequence"]);

const step = /\[\]|\["((?:[^"\\]|\\["\\])+)"\]|\.?(\*\*|\*|[^.[\]"'*\s]+)/y;

/**
 * Reads the path of a rule into its steps, and checks that what the rule leaves of an event is an event, and the same one.
 * `at` names the rule in messages.
 * @throws `shape_invalid`
 */
export function privacySteps({ path, method }: PrivacyRule, at: string): readonly PrivacyStep[] {
  if (!anything.includes(method)) throw shapeMistake({ path: `${at}.method`, says: "must be drop, mask or hash" });
  const steps = stepsOf(path);
  if (steps === undefined || steps.length > 32) {
    throw shapeMistake({
      path: `${at}.path`,
      says: "is no path",
      hint: 'Write it like actor.name, targets[].name, metadata.**.email or metadata["two words"].',
    });
  }
  const [first] = steps;
  const root = typeof first === "object" ? first.name : undefined;
  const allowed = root !== undefined && open.has(root) && steps.length > 1 ? anything : fixed.get(spelled(steps));
  if (allowed?.includes(method) === true) return steps;
  if (root !== undefined && identifying.has(root) && allowed === undefined) {
    throw shapeMistake({
      path: `${at}.path`,
      says: `must not lead to ${root}, by which an event is told from others and its place in the log is known`,
    });
  }
  const hint = `Paths begin with context. or metadata., or are one of ${[...fixed.keys()].join(", ")}.`;
  throw allowed === undefined
    ? shapeMistake({ path: `${at}.path`, says: "leads to nothing that a rule may change", hint })
    : shapeMistake({
        path: `${at}.method`,
        says: `would leave something that is no event; possible there is ${allowed.join(" or ")}`,
      });
}

function stepsOf(path: string): PrivacyStep[] | undefined {
  const steps: PrivacyStep[] = [];
  for (step.lastIndex = 0; step.lastIndex < path.length;) {
    const at = step.lastIndex;
    const [text, quoted, plain] = step.exec(path) ?? [];
    if (text === undefined) return undefined;
    if (plain !== undefined && text.startsWith(".") !== at > 0) return undefined;
    if (plain === "**") steps.push("depth");
    else if (plain === "*") steps.push("member");
    else if (plain !== undefined) steps.push({ name: plain });
    else if (quoted === undefined) steps.push("element");
    else steps.push({ name: quoted.replaceAll(/\\(["\\])/g, "$1") });
  }
  // What stands at any depth must be named.
  return steps.length === 0 || steps.at(-1) === "depth" ? undefined : steps;
}

function spelled(steps: readonly PrivacyStep[]): string {
  return steps
    .map((one) => (typeof one === "object" ? nameText(one.name) : one === "element" ? "[]" : ".*"))
    .join("")
    .slice(1);
}

function nameText(name: string): string {
  return /^\w+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
