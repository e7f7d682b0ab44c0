import { html, nothing, type TemplateResult } from "lit";
import type { Stream } from "../rest/wire.ts";
import { foreign } from "../parts/foreign.ts";
import { exact, notice, toneOf } from "../parts/pieces.ts";
import type { Language } from "../strings/language.ts";

/** Why a stream does not deliver, since when, and what to do; nothing for one that does. */
export function reasonView(
  { health, delivered }: Stream,
  now: number,
  language: Language,
): TemplateResult | typeof nothing {
  const { state, since, last_error: error, consecutive_failures: failures, next_attempt_at: next } = health;
  if (state === "active") return nothing;
  const tells = state !== "paused" && error !== undefined;
  return notice(
    toneOf(state),
    html`<p class="strong">
        ${language.text(`state_${state}`)} ${language.text("since", { time: "" })}${exact(since, language)}
        (${language.relative(Date.parse(since), now)})
      </p>
      <p>${language.text(state === "unverified" && delivered > 0 ? "explain_resumed" : `explain_${state}`)}</p>
      ${
        tells
          ? html`<p>${foreign(error.message, language)}</p>
              ${error.hint === undefined ? nothing : html`<p class="strong">${foreign(error.hint, language)}</p>`}
              <p class="small">
                ${failures > 0 ? language.counted("failures", failures) : nothing}
                ${next === undefined ? nothing : language.text("next_attempt", { time: language.relative(Math.max(Date.parse(next), now), now) })}
                ${language.text("reason_code")}: <span class="mono">${error.code}</span>${
                  error.vendor_code === undefined ? nothing : html` · <span class="mono">${error.vendor_code}</span>`
                }
              </p>`
          : nothing
      }`,
  );
}
