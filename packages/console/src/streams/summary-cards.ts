import { html, type TemplateResult } from "lit";
import type { StreamState, Summary } from "../rest/wire.ts";
import { inTrouble } from "../parts/pieces.ts";
import type { Language } from "../strings/language.ts";

/** The share that is promised. */
export const objective = 0.999;

/** Four figures that answer "is it all right?". */
export function summaryCards(summary: Summary, now: number, language: Language): TemplateResult {
  const { streams, service_levels: levels, open_alerts: alerts, pending, oldest_pending_at: oldest } = summary;
  const troubled = Object.entries(streams.by_state).reduce(
    (sum, [state, count]) => sum + (inTrouble(state as StreamState) ? count : 0),
    0,
  );
  const within = levels.month.within_hour;
  const card = (title: string, value: string, note: string, tone = ""): TemplateResult =>
    html`<div class="card figure">
      <dt>${title}</dt>
      <dd class="value">${value}</dd>
      <dd class="note ${tone}">${note}</dd>
    </div>`;
  return html`<dl class="figures">
    ${card(
      language.text("summary_streams"),
      language.number(streams.total),
      troubled === 0 ? language.text("summary_healthy") : language.counted("summary_trouble", troubled),
      troubled === 0 ? "good" : "late",
    )}
    ${card(
      language.text("summary_within"),
      within === undefined ? "–" : language.share(within),
      language.text("summary_target", { share: language.share(objective, 1) }),
      within !== undefined && within < objective ? "late" : "",
    )}
    ${card(
      language.text("summary_pending"),
      language.short(pending),
      oldest === undefined
        ? language.text("lag_none")
        : language.text("summary_oldest", { time: language.duration(Math.max(0, now - Date.parse(oldest))) }),
    )}
    ${card(
      language.text("summary_alerts"),
      language.number(alerts),
      alerts === 0 ? language.text("summary_no_alerts") : language.text("summary_see_alerts"),
      alerts === 0 ? "" : "late",
    )}
  </dl>`;
}
