import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../parts/icons.ts";
import type { Language } from "../strings/language.ts";
import { type RangeKind, type RangeMistake, type ReplayForm } from "./replay-form.ts";

/** What the form's view needs to know. */
export interface RangeView {
  readonly form: ReplayForm;
  readonly language: Language;
  readonly mistake: RangeMistake | undefined;
  readonly change: (form: ReplayForm) => void;
}

const kinds = ["all", "time", "sequences"] as const;

/** Which events to deliver again: all, those of a time, or by sequence. */
export function rangeView({ form, language, mistake, change }: RangeView): TemplateResult {
  const field = (name: "from" | "to" | "first" | "last", label: string, type: string): TemplateResult =>
    html`<div class="field">
      <label for=${name}>${label}</label>
      <input
        id=${name}
        class="input"
        type=${type}
        min=${type === "number" ? "1" : nothing}
        aria-invalid=${mistake === undefined ? nothing : "true"}
        aria-describedby=${mistake === undefined ? "bounds-help" : "bounds-mistake bounds-help"}
        .value=${form[name]}
        @input=${(event: Event) => change({ ...form, [name]: (event.target as HTMLInputElement).value })}
      />
    </div>`;
  const choice = (kind: RangeKind): TemplateResult =>
    html`<div class="choice">
      <input
        type="radio"
        name="range"
        id="range-${kind}"
        .checked=${form.kind === kind}
        @change=${() => change({ ...form, kind })}
      />
      <label for="range-${kind}">${language.text(`replay_${kind}`)}</label>
    </div>`;
  const bounds =
    form.kind === "time"
      ? html`${field("from", language.text("filter_from"), "datetime-local")}
        ${field("to", language.text("filter_to"), "datetime-local")}`
      : html`${field("first", language.text("replay_first"), "number")}
        ${field("last", language.text("replay_last"), "number")}`;
  return html`<fieldset class="stack tight">
    <legend class="label">${language.text("replay_what")}</legend>
    <div class="row kinds">${kinds.map(choice)}</div>
    ${
      form.kind === "all"
        ? nothing
        : html`<div class="bounds">${bounds}</div>
            ${
              mistake === undefined
                ? nothing
                : html`<p class="mistake" id="bounds-mistake">
                    ${icon("warning", 14)}<span>${language.text(mistake)}</span>
                  </p>`
            }
            <p class="help" id="bounds-help">${language.text("replay_open_end")}</p>`
    }
  </fieldset>`;
}
