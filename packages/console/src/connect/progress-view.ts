import { html, nothing, type TemplateResult } from "lit";
import { icon } from "../parts/icons.ts";
import type { Language } from "../strings/language.ts";

type Step = "choose" | "setup" | "verify" | "done";

/** Where one is: steps in order, those behind with a tick. */
export function progressView(present: Step, edit: boolean, language: Language): TemplateResult {
  const steps: readonly Step[] = edit ? ["setup", "verify", "done"] : ["choose", "setup", "verify", "done"];
  const at = steps.indexOf(present);
  return html`<nav aria-label=${language.text("connect_steps")}>
    <ol class="progress">
      ${steps.map(
        (step, i) =>
          html`<li class=${i < at ? "behind" : i === at ? "here" : "ahead"} aria-current=${i === at ? "step" : nothing}>
            <span class="number" aria-hidden="true">${i < at || present === "done" ? icon("check", 14) : i + 1}</span>
            <span class="title">${language.text(`step_${step}`)}</span>
            ${i < at ? html`<span class="hidden">${language.text("step_completed")}</span>` : nothing}
          </li>`,
      )}
    </ol>
  </nav>`;
}
