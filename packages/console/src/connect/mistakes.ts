import type { ApiProblem } from "../rest/problem.ts";
import type { Phrase } from "../strings/phrase.ts";
import type { Language } from "../strings/language.ts";
import type { Field } from "./form-fields.ts";
import { fieldId, type Mistakes } from "./form-view.ts";

/** A refusal's single mistakes by the fields they are about. Paths come as `options.role_arn` or `/options/role_arn`. */
export function mistakesOf(problem: ApiProblem, fields: readonly Field[], language: Language): Mistakes {
  const found = new Map<string, readonly Phrase[]>();
  for (const { path, message } of problem.problems) {
    const members = path.split(/[./]/).filter((name) => name !== "" && name !== "options" && name !== "$");
    const field =
      fields.find((one) => one.path.join(".") === members.join(".")) ??
      fields.find((one) => members.length > 0 && one.path[0] === members[0]);
    if (field && !found.has(fieldId(field.path))) found.set(fieldId(field.path), language.foreign(message));
  }
  return found;
}
