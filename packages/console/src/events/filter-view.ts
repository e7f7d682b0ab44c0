import { html, nothing, type TemplateResult } from "lit";
import type { Language } from "../strings/language.ts";
import type { EventFilter, TimeChoice } from "./event-query.ts";

const times: readonly TimeChoice[] = ["hour", "day", "week", "month", "all", "custom"];

/** What to search for. Searching waits for the button or Enter, so that half-typed words ask nothing. */
export function filterView(
  filter: EventFilter,
  view: {
    readonly language: Language;
    readonly mistake: string | undefined;
    readonly change: (filter: EventFilter) => void;
    readonly search: (event: Event) => void;
    readonly reset: () => void;
  },
): TemplateResult {
  const { language, mistake, change } = view;
  const value = (event: Event): string => (event.target as HTMLInputElement).value;
  const field = (name: "action" | "actor" | "target" | "text", hint = ""): TemplateResult =>
    html`<div class="field">
      <label for=${name}>${language.text(`filter_${name}`)}</label>
      <input
        id=${name}
        class="input"
        type=${name === "text" ? "search" : "text"}
        autocomplete="off"
        autocapitalize="off"
        spellcheck="false"
        placeholder=${hint}
        .value=${filter[name]}
        @input=${(event: Event) => change({ ...filter, [name]: value(event) })}
      />
    </div>`;
  const moment = (name: "from" | "to"): TemplateResult =>
    html`<div class="field">
      <label for=${name}>${language.text(`filter_${name}`)}</label>
      <input
        id=${name}
        class="input"
        type="datetime-local"
        aria-invalid=${mistake === undefined ? nothing : "true"}
        aria-describedby=${mistake === undefined ? nothing : "time-mistake"}
        .value=${filter[name]}
        @change=${(event: Event) => change({ ...filter, [name]: value(event) })}
      />
    </div>`;
  return html`<form class="filters" role="search" @submit=${view.search}>
    <div class="field">
      <label for="time">${language.text("filter_time")}</label>
      <select
        id="time"
        class="input"
        @change=${(event: Event) => change({ ...filter, time: value(event) as TimeChoice })}
      >
        ${times.map((time) => html`<option value=${time} ?selected=${time === filter.time}>${language.text(`time_${time}`)}</option>`)}
      </select>
    </div>
    ${filter.time === "custom" ? html`${moment("from")}${moment("to")}` : nothing}
    ${field("action", language.text("filter_action_hint"))} ${field("actor")} ${field("target")}
    ${field("text", language.text("filter_text_hint"))}
    ${mistake === undefined ? nothing : html`<p class="mistake" id="time-mistake" role="alert">${mistake}</p>`}
    <div class="row buttons">
      <button class="button primary" type="submit">${language.text("search")}</button>
      <button class="button" type="button" @click=${view.reset}>${language.text("reset")}</button>
    </div>
  </form>`;
}
