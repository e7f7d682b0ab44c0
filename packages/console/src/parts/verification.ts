import { css, html, nothing, type CSSResult, type TemplateResult } from "lit";
import type { ApiClient } from "../rest/client.ts";
import type { Step } from "../rest/wire.ts";
import type { Language } from "../strings/language.ts";
import { foreign } from "./foreign.ts";
import { type Icon, icon } from "./icons.ts";

/** Runs a verification and tells of each step as it ends; resolves with whether all passed, or undefined where the end did not come. */
export async function readVerification(
  client: ApiClient,
  path: string,
  body: object | undefined,
  signal: AbortSignal,
  tell: (step: Step) => void,
): Promise<boolean | undefined> {
  for await (const { event, data } of client.events(path, { method: "POST", body, signal })) {
    if (event === "step") tell(JSON.parse(data) as Step);
    else if (event === "done") return (JSON.parse(data) as { ok: boolean }).ok;
  }
  return undefined;
}

/** The steps so far, each with what to do where it failed; a turning wheel below them while more are to come. */
export function stepList(steps: readonly Step[], running: boolean, language: Language): TemplateResult {
  return html`<ol class="steps" aria-label=${language.text("verify")}>
    ${steps.map((step) => stepView(step, language))}
    ${
      running
        ? html`<li class="step tone-accent">
            <span class="mark"><span class="spinner"></span></span>
            <div class="what"><p class="strong">${language.text("verify_running")}</p></div>
          </li>`
        : nothing
    }
  </ol>`;
}

function stepView({ name, status, detail, fix }: Step, language: Language): TemplateResult {
  const advice = status === "ok" && fix !== undefined;
  const tone = status === "failed" ? "bad" : status === "skipped" ? "idle" : advice ? "warn" : "ok";
  const drawings: Readonly<Record<Step["status"], Icon>> = { ok: "check", failed: "cross", skipped: "skip" };
  return html`<li class="step tone-${tone}">
    <span class="mark">${icon(advice ? "warning" : drawings[status], 14)}</span>
    <div class="what">
      <p>
        <span class="title strong break">${foreign(name, language)}</span>
        <span class="word">${language.text(advice ? "step_advice" : `step_${status}`)}</span>
      </p>
      <p class="muted small break">${foreign(detail, language)}</p>
      ${
        fix === undefined
          ? nothing
          : html`<div class="fix">
              ${status === "failed" ? html`<p class="strong small">${language.text("how_to_fix")}</p>` : nothing}
              <p class="break">${foreign(fix, language)}</p>
            </div>`
      }
    </div>
  </li>`;
}

/** How steps look: marks on a line that runs down. */
export const verificationStyles: CSSResult = css`
  .steps {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
  }
  .step {
    position: relative;
    display: grid;
    grid-template-columns: 1.75rem minmax(0, 1fr);
    gap: calc(var(--_space) * 3);
    padding-block-end: calc(var(--_space) * 5);
  }
  .step:last-child {
    padding-block-end: 0;
  }
  .step:not(:last-child)::before {
    content: "";
    position: absolute;
    inset-block: 1.75rem 0;
    inset-inline-start: calc(0.875rem - 1px);
    inline-size: 2px;
    background: var(--_line);
  }
  .mark {
    display: grid;
    place-items: center;
    inline-size: 1.75rem;
    block-size: 1.75rem;
    border-radius: 50%;
    background: var(--_tone-soft);
    color: var(--_tone);
  }
  .what {
    padding-block-start: 0.15rem;
    display: grid;
    gap: 0.125rem;
    grid-template-columns: minmax(0, 1fr);
  }
  .title {
    display: inline-block;
  }
  .title::first-letter {
    text-transform: uppercase;
  }
  .word {
    color: var(--_tone);
    font-size: 0.875em;
    font-weight: 600;
    margin-inline-start: 0.25em;
  }
  .fix {
    margin-block-start: calc(var(--_space) * 2);
    padding: calc(var(--_space) * 3) calc(var(--_space) * 4);
    border-radius: calc(var(--_radius) * 0.75);
    background: var(--_tone-soft);
    border-inline-start: 3px solid var(--_tone);
  }
`;
