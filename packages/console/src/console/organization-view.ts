import { html, nothing, type TemplateResult } from "lit";
import type { Language } from "../strings/language.ts";

/** A choice that is no organization's id: those hold no blanks. */
const another = " ";

/** Which organization an operator looks at. `choose` takes "" for all of them; `ask` is for one that is not in the list. */
export function organizationSelect({
  language,
  known,
  more,
  chosen,
  choose,
  ask,
}: {
  readonly language: Language;
  readonly known: readonly string[];
  /** Whether there may be more than those. */
  readonly more: boolean;
  readonly chosen: string | undefined;
  readonly choose: (organization: string) => void;
  readonly ask: () => void;
}): TemplateResult {
  const picked = (event: Event): void => {
    const select = event.target as HTMLSelectElement;
    if (select.value !== another) return choose(select.value);
    // It shows what is still looked at, until another one is.
    select.value = chosen ?? "";
    ask();
  };
  return html`<label class="hidden" for="organization">${language.text("organization")}</label>
    <select id="organization" class="input" @change=${picked}>
      <option value="" ?selected=${chosen === undefined}>${language.text("all_organizations")}</option>
      ${[...new Set([...known, ...(chosen === undefined ? [] : [chosen])])].map(
        (one) => html`<option value=${one} ?selected=${one === chosen}>${one}</option>`,
      )}
      ${more ? html`<option value=${another}>${language.text("another_organization")}</option>` : nothing}
    </select>`;
}

/** Asks an operator for an organization by its id. */
export function organizationForm({
  language,
  known,
  choose,
}: {
  readonly language: Language;
  readonly known: readonly string[];
  readonly choose: (organization: string) => void;
}): TemplateResult {
  const submit = (event: Event): void => {
    event.preventDefault();
    const id = new FormData(event.target as HTMLFormElement).get("id");
    if (typeof id === "string" && id.trim() !== "") choose(id.trim());
  };
  return html`<form class="card pad stack narrow" @submit=${submit}>
    <h2>${language.text("choose_organization")}</h2>
    <p class="muted">${language.text("choose_organization_text")}</p>
    <div class="field">
      <label for="id">${language.text("organization")}</label>
      <input id="id" name="id" class="input" list="known" required autocomplete="off" />
      <datalist id="known">${known.map((one) => html`<option value=${one}></option>`)}</datalist>
    </div>
    <div><button class="button primary" type="submit">${language.text("organization_go")}</button></div>
  </form>`;
}
