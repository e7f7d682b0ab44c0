import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../parts/icons.ts";
import { problemNotice } from "../parts/pieces.ts";
import type { ApiProblem } from "../rest/problem.ts";
import type { Language } from "../strings/language.ts";

/** Asks for a token. */
export function signInView(view: {
  readonly language: Language;
  readonly entered: string;
  readonly refused: boolean;
  readonly busy: boolean;
  /** What kept the token from being tried. */
  readonly problem: ApiProblem | undefined;
  readonly enter: (text: string) => void;
  readonly submit: (event: Event) => void;
}): TemplateResult {
  const { language, refused, busy, problem } = view;
  return html`<form class="card pad stack narrow" novalidate @submit=${view.submit}>
    <span class="medal">${icon("gate", 28)}</span>
    <h2 class="title">${language.text("sign_in_title")}</h2>
    <p class="muted" id="token-help">${language.text("sign_in_text")}</p>
    <div class="field">
      <label for="token">${language.text("sign_in_token")}</label>
      <input
        id="token"
        class="input mono"
        type="password"
        autocomplete="off"
        spellcheck="false"
        aria-describedby="token-help ${refused ? "token-mistake" : ""}"
        aria-invalid=${refused ? "true" : nothing}
        .value=${view.entered}
        @input=${(event: Event) => view.enter((event.target as HTMLInputElement).value)}
      />
      <p class="mistake" id="token-mistake" role="alert">
        ${refused ? html`${icon("warning", 14)}<span>${language.text("sign_in_failed")}</span>` : nothing}
      </p>
    </div>
    ${problem === undefined ? nothing : problemNotice(problem, language)}
    <button class="button primary" type="submit" aria-disabled=${busy ? "true" : nothing}>
      ${language.text(busy ? "signing_in" : "sign_in")}
    </button>
  </form>`;
}
