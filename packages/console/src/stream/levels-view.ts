import { html, nothing, svg, type TemplateResult } from "lit";
import type { ServiceLevel, ServiceLevels } from "../rest/wire.ts";
import type { Language } from "../strings/language.ts";
import { objective } from "../streams/summary-cards.ts";

/** How well the promise was kept over an hour, a day and 30 days, with what is left of the error budget. */
export function levelsView({ hour, day, month }: ServiceLevels, language: Language): TemplateResult {
  return html`<section class="stack tight">
    <div>
      <h3>${language.text("levels_title")}</h3>
      <p class="muted small">${language.text("levels_lead", { share: language.share(objective, 1) })}</p>
    </div>
    <div class="levels">
      ${card(language.text("level_hour"), hour, language)} ${card(language.text("level_day"), day, language)}
      ${card(language.text("level_month"), month, language)}
    </div>
  </section>`;
}

function card(title: string, level: ServiceLevel, language: Language): TemplateResult {
  const { within_hour: within, success, late, budget_left: left } = level;
  const quiet = within === undefined && success === undefined;
  const broken = left < 0;
  const tone = quiet ? "idle" : broken ? "bad" : left < 0.25 ? "warn" : "ok";
  const shown = Math.max(0, Math.min(1, left));
  const budget = language.text("level_budget");
  return html`<div class="card level tone-${tone}">
    <h4>${title}</h4>
    <p class="big">
      ${within === undefined ? "–" : language.share(within)}
      <span class="muted small">${quiet ? language.text("level_quiet") : language.text("level_within")}</span>
    </p>
    <div class="budget">
      <span class="small">${budget}</span>
      <span class="small strong tone">${language.share(shown, 0)}</span>
    </div>
    <svg
      class="meter"
      viewBox="0 0 100 6"
      preserveAspectRatio="none"
      role="img"
      aria-label="${budget}: ${language.share(shown, 0)}"
    >
      ${svg`<rect class="track" width="100" height="6" rx="1" /><rect class="fill" width=${(shown * 100).toFixed(1)} height="6" rx="1" />`}
    </svg>
    ${broken ? html`<p class="small strong tone">${language.text("level_broken")}</p>` : nothing}
    <dl class="pairs">
      <div>
        <dt>${language.text("level_success")}</dt>
        <dd>${success === undefined ? "–" : language.share(success)}</dd>
      </div>
      <div>
        <dt>${language.text("level_late")}</dt>
        <dd>${language.short(late)}</dd>
      </div>
      <div>
        <dt>${language.text("fact_quarantined")}</dt>
        <dd>${language.short(level.quarantined)}</dd>
      </div>
    </dl>
  </div>`;
}
