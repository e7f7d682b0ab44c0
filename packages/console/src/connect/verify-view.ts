import { html, nothing, type TemplateResult } from "lit";
import type { ApiProblem } from "../rest/problem.ts";
import type { Step } from "../rest/wire.ts";
import { notice, problemNotice } from "../parts/pieces.ts";
import { stepList } from "../parts/verification.ts";
import type { Language } from "../strings/language.ts";

/** What the step needs to know. */
export interface VerifyView {
  readonly language: Language;
  readonly steps: readonly Step[];
  readonly running: boolean;
  readonly ok: boolean | undefined;
  readonly busy: boolean;
  readonly problem: ApiProblem | undefined;
  readonly edited: boolean;
  readonly name: string;
  /** What the stream may be called. */
  readonly suggestion: string;
  readonly from: "now" | "start";
  /** What the stream will send. */
  readonly shape: TemplateResult;
  readonly rename: (name: string) => void;
  readonly beginWith: (from: "now" | "start") => void;
  readonly again: () => void;
  readonly back: () => void;
  readonly create: (event: Event) => void;
}

/** The verification as it runs, and once all passed the last details of a new stream. */
export function verifyView(view: VerifyView): TemplateResult {
  const { language, steps, running, ok, problem, edited } = view;
  const failed = steps.filter(({ status }) => status === "failed").length;
  const verdict = running
    ? ""
    : ok === true
      ? language.text("verify_ok")
      : ok === false
        ? language.counted("verify_failed", Math.max(1, failed))
        : "";
  return html`<section class="stack">
    <div>
      <h3 tabindex="-1" data-focus>${language.text("verify_title")}</h3>
      <p class="muted">${language.text(edited ? "verify_lead_edit" : "verify_lead")}</p>
    </div>
    <div class="card pad stack">
      <div role="log" aria-live="polite" aria-busy=${running}>${stepList(steps, running, language)}</div>
      ${problem ? problemNotice(problem, language) : nothing}
      <div role="status">
        ${verdict === "" ? nothing : notice(ok === true ? "ok" : "bad", html`<p class="strong">${verdict}</p>`)}
      </div>
      ${
        ok === true && !running
          ? nothing
          : html`<div class="row between foot">
              <button class="button" type="button" @click=${view.back}>${language.text("change_settings")}</button>
              <button
                class="button primary"
                type="button"
                aria-disabled=${running ? "true" : nothing}
                @click=${view.again}
              >
                ${language.text("verify_again")}
              </button>
            </div>`
      }
    </div>
    ${ok === true && !edited && !running ? lastDetails(view) : nothing}
  </section>`;
}

function lastDetails(view: VerifyView): TemplateResult {
  const { language, busy, name, from, suggestion } = view;
  const choice = (value: "now" | "start", text: string, help?: string): TemplateResult =>
    html`<div class="choice">
      <input
        type="radio"
        name="from"
        id="from-${value}"
        .checked=${from === value}
        aria-describedby=${help === undefined ? nothing : `from-${value}-help`}
        @change=${() => view.beginWith(value)}
      />
      <div>
        <label for="from-${value}">${text}</label>
        ${help === undefined ? nothing : html`<p class="help" id="from-${value}-help">${help}</p>`}
      </div>
    </div>`;
  return html`<form class="card pad stack" novalidate @submit=${view.create}>
    <h4 tabindex="-1" data-details>${language.text("last_details")}</h4>
    <div class="field">
      <label for="name"
        >${language.text("stream_name")} <span class="optional">(${language.text("optional")})</span></label
      >
      <input
        id="name"
        class="input"
        maxlength="100"
        autocomplete="off"
        placeholder=${suggestion}
        aria-describedby="name-help"
        .value=${name}
        @input=${(event: Event) => view.rename((event.target as HTMLInputElement).value)}
      />
      <p class="help" id="name-help">${language.text("stream_name_hint")}</p>
    </div>
    <fieldset class="stack">
      <legend class="label">${language.text("from_title")}</legend>
      ${choice("now", language.text("from_now"))}
      ${choice("start", language.text("from_start"), language.text("from_start_hint"))}
    </fieldset>
    <details class="more">
      <summary>${language.text("shape_title")} <span class="optional">(${language.text("optional")})</span></summary>
      ${view.shape}
    </details>
    <div class="row between foot">
      <button class="button" type="button" @click=${view.back}>${language.text("change_settings")}</button>
      <button class="button primary" type="submit" aria-disabled=${busy ? "true" : nothing}>
        ${busy ? html`<span class="spinner"></span>${language.text("starting")}` : language.text("start_streaming")}
      </button>
    </div>
  </form>`;
}
