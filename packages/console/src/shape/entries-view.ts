import { html, nothing, type TemplateResult } from "lit";
import { marked } from "../parts/foreign.ts";
import { icon } from "../parts/icons.ts";
import type { Phrase } from "../strings/phrase.ts";
import type { Language } from "../strings/language.ts";
import { controlId, type ListName, type ShapeForm } from "./shape-form.ts";

/** What the form's view needs to know. */
export interface EntriesView {
  readonly form: ShapeForm;
  readonly language: Language;
  /** By the id of the control. */
  readonly mistakes: ReadonlyMap<string, readonly Phrase[]>;
  readonly change: (list: ListName, index: number, member: string, value: string) => void;
  readonly add: (list: ListName) => void;
  readonly remove: (list: ListName, index: number) => void;
}

const outcomes = ["success", "failure", "denied", "unknown"] as const;
const methods = ["drop", "mask", "hash"] as const;

/** One list of the form: its entries, each to be changed or removed, and a way to add one. */
export function entriesView(list: ListName, view: EntriesView): TemplateResult {
  const { form, language } = view;
  const title = language.text(`shape_${list}`);
  return html`<fieldset class="stack list" aria-describedby="${list}-help">
    <legend class="label">${title}</legend>
    <p class="help" id="${list}-help">${language.text(`shape_${list}_help`)}</p>
    ${form[list].map((_, index) => {
      const name = language.text("shape_entry", { list: title, number: index + 1 });
      return html`<div class="entry ${list}" role="group" aria-label=${name}>
        ${list === "privacy" ? ruleFields(index, view) : matchFields(list, index, view)}
        <button
          class="button little remove"
          type="button"
          aria-label="${language.text("shape_remove")}: ${name}"
          @click=${() => view.remove(list, index)}
        >
          ${icon("cross", 14)}
        </button>
      </div>`;
    })}
    <div>
      <button
        class="button little"
        type="button"
        id="${list}-add"
        aria-label="${language.text("shape_add")}: ${title}"
        @click=${() => view.add(list)}
      >
        ${icon("plus", 14)}${language.text("shape_add")}
      </button>
    </div>
  </fieldset>`;
}

/** What a control is wrong with, where it is described by. */
export function mistakeView(id: string, { mistakes }: Pick<EntriesView, "mistakes">): TemplateResult | typeof nothing {
  const mistake = mistakes.get(id);
  if (mistake === undefined) return nothing;
  return html`<p class="mistake" id="${id}-mistake">${icon("warning", 14)}<span>${marked(mistake)}</span></p>`;
}

function matchFields(list: "include" | "exclude", index: number, view: EntriesView): TemplateResult {
  const { language } = view;
  const options = ["" as const, ...outcomes].map(
    (one) => [one, language.text(one === "" ? "shape_any" : `outcome_${one}`)] as const,
  );
  return html`${textField(list, index, "action", view)}${textField(list, index, "category", view)}
  ${choiceField(list, index, "outcome", options, view)}`;
}

function ruleFields(index: number, view: EntriesView): TemplateResult {
  const options = methods.map((one) => [one, view.language.text(`method_${one}`)] as const);
  return html`${textField("privacy", index, "path", view)}${choiceField("privacy", index, "method", options, view)}`;
}

const labels = {
  action: "filter_action",
  category: "shape_category",
  outcome: "event_outcome",
  path: "shape_path",
  method: "shape_method",
} as const;
type Member = keyof typeof labels;

function valueOf(form: ShapeForm, list: ListName, index: number, member: Member): string {
  return (form[list][index] as Readonly<Record<string, string>> | undefined)?.[member] ?? "";
}

function textField(list: ListName, index: number, member: Member, view: EntriesView): TemplateResult {
  const id = controlId(list, index, member);
  const wrong = view.mistakes.has(id);
  return html`<div class="field">
    <label for=${id}>${view.language.text(labels[member])}</label>
    <input
      id=${id}
      class="input mono"
      list="known-${member}"
      maxlength=${member === "path" ? 1024 : 256}
      autocomplete="off"
      autocapitalize="off"
      spellcheck="false"
      aria-invalid=${wrong ? "true" : nothing}
      aria-describedby=${wrong ? `${id}-mistake` : nothing}
      .value=${valueOf(view.form, list, index, member)}
      @input=${(event: Event) => view.change(list, index, member, (event.target as HTMLInputElement).value)}
    />
    ${mistakeView(id, view)}
  </div>`;
}

function choiceField(
  list: ListName,
  index: number,
  member: Member,
  options: readonly (readonly [value: string, text: string])[],
  view: EntriesView,
): TemplateResult {
  const id = controlId(list, index, member);
  const wrong = view.mistakes.has(id);
  const chosen = valueOf(view.form, list, index, member);
  return html`<div class="field">
    <label for=${id}>${view.language.text(labels[member])}</label>
    <select
      id=${id}
      class="input"
      aria-invalid=${wrong ? "true" : nothing}
      aria-describedby=${wrong ? `${id}-mistake` : nothing}
      @change=${(event: Event) => view.change(list, index, member, (event.target as HTMLSelectElement).value)}
    >
      ${options.map(([value, text]) => html`<option value=${value} .selected=${value === chosen}>${text}</option>`)}
    </select>
    ${mistakeView(id, view)}
  </div>`;
}
