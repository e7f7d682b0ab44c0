import { html, nothing, type TemplateResult } from "lit";
import type { ApiProblem } from "../rest/problem.ts";
import type { Guide } from "../rest/wire.ts";
import { icon } from "../parts/icons.ts";
import { foreign } from "../parts/foreign.ts";
import { notice, problemNotice, skeleton } from "../parts/pieces.ts";
import { type FormView, formFields } from "./form-view.ts";

/** What the step needs to know. */
export interface SetupView {
  readonly title: string;
  readonly guide: Guide | undefined;
  readonly updating: boolean;
  readonly busy: boolean;
  readonly problem: ApiProblem | undefined;
  /** What keeps the other side's steps from being up to date. */
  readonly guideProblem: ApiProblem | undefined;
  readonly updateGuide: () => void;
  /** Of a stream that is being changed. */
  readonly name: string | undefined;
  readonly form: FormView;
  readonly rename: (name: string) => void;
  /** What the stream sends, of one that is being changed. */
  readonly shape: TemplateResult | undefined;
  readonly submit: (event: Event) => void;
  readonly back: () => void;
}

/** The settings, and beside them what to do on one's own side, filled in as one types. */
export function setupView(view: SetupView): TemplateResult {
  const { title, guide, form, problem, busy } = view;
  const { language, mistakes } = form;
  const secrets = Object.values(form.schema.properties ?? {}).some(({ writeOnly }) => writeOnly === true);
  const foot = html`<div class="row between foot">
    <button class="button" type="button" @click=${view.back}>${language.text("back")}</button>
    <button class="button primary" type="submit" aria-disabled=${busy ? "true" : nothing}>
      ${language.text(form.secretsKept ? "save_changes" : "to_verify")}
    </button>
  </div>`;
  return html`<form class="stack" novalidate autocomplete="off" @submit=${view.submit}>
    <h3 tabindex="-1" data-focus>${language.text("setup_title", { sink: title })}</h3>
    <div class="halves">
      <div class="card pad stack">
        <h4>${language.text("setup_left")}</h4>
        ${problem ? problemNotice(problem, language) : nothing}
        ${
          mistakes.size > 0 && !problem
            ? notice("bad", html`<p>${language.counted("form_mistakes", mistakes.size)}</p>`, { role: "alert" })
            : nothing
        }
        ${view.name === undefined ? nothing : nameField(view.name, view)} ${formFields(form)}
        ${secrets ? html`<p class="help">${language.text("sensitive_note")}</p>` : nothing}
        ${view.shape === undefined ? foot : nothing}
      </div>
      <div class="card pad stack side">
        <div class="row between">
          <h4>${language.text("setup_right")}</h4>
          <span class="muted small" role="status"
            >${view.updating && guide ? language.text("setup_updating") : ""}</span
          >
        </div>
        ${view.guideProblem ? problemNotice(view.guideProblem, language, view.updateGuide) : nothing}
        ${guide === undefined ? (view.guideProblem ? nothing : skeleton(3, language)) : guideView(guide, view)}
      </div>
    </div>
    ${
      view.shape === undefined
        ? nothing
        : html`<div class="card pad stack">
            <h4>${language.text("shape_title")}</h4>
            ${view.shape}${foot}
          </div>`
    }
  </form>`;
}

function nameField(name: string, { form, rename }: SetupView): TemplateResult {
  return html`<div class="field">
    <label for="stream-name">${form.language.text("stream_name")}</label>
    <input
      id="stream-name"
      class="input"
      maxlength="100"
      .value=${name}
      @input=${(event: Event) => rename((event.target as HTMLInputElement).value)}
    />
  </div>`;
}

function guideView({ steps, artifacts, external_id: externalId }: Guide, { form }: SetupView): TemplateResult {
  const { language } = form;
  return html`
    <ol class="todo">
      ${steps.map(
        ({ title, text }, i) =>
          html`<li>
            <span class="number" aria-hidden="true">${i + 1}</span>
            <div>
              <p class="strong">${foreign(title, language)}</p>
              <p class="muted break">${foreign(text, language)}</p>
            </div>
          </li>`,
      )}
    </ol>
    ${
      artifacts.some(({ content }) => content.includes(externalId))
        ? html`<div class="external">
            <p class="label">${language.text("external_id")}</p>
            <p class="row">
              <code class="break">${externalId}</code>${copyButton(externalId, language.text("external_id"), form)}
            </p>
            <p class="help">${language.text("external_id_text")}</p>
          </div>`
        : nothing
    }
    ${
      artifacts.length === 0
        ? nothing
        : html`<div>
            <h4>${language.text("setup_artifacts")}</h4>
            <p class="help">${language.text("setup_artifacts_lead")}</p>
            <headgate-artifacts .artifacts=${artifacts} .language=${language}></headgate-artifacts>
          </div>`
    }
  `;
}

function copyButton(text: string, name: string, { language }: FormView): TemplateResult {
  const copy = (event: Event): void => {
    const button = event.currentTarget as HTMLElement;
    const label = button.querySelector("span");
    void navigator.clipboard.writeText(text).then(
      () => label && (label.textContent = language.text("copied")),
      () => label && (label.textContent = language.text("copy_failed")),
    );
  };
  return html`<button class="button little" type="button" @click=${copy}>
    ${icon("copy")}<span role="status">${language.text("copy")}</span><span class="hidden">: ${name}</span>
  </button>`;
}
