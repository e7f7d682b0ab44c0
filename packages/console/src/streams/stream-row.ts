import { html, nothing, type TemplateResult } from "lit";
import type { Stream } from "../rest/wire.ts";
import { icon } from "../parts/icons.ts";
import { ago, inTrouble, lagOf, nameOf, sinkIcon, sinkTitle, stateBadge } from "../parts/pieces.ts";
import { sparkline } from "../parts/sparkline.ts";
import type { Language } from "../strings/language.ts";

/** From here on a lag stands out: the hour is about to be broken. */
const lateMs = 45 * 60_000;

/** One stream of the list. The whole row opens it; its name is the button. */
export function streamRow(
  stream: Stream,
  context: {
    readonly now: number;
    readonly language: Language;
    /** Whether streams of several organizations are listed. */
    readonly across: boolean;
    readonly open: () => void;
  },
): TemplateResult {
  const { now, language, across, open } = context;
  const { health, last_streamed: last, activity } = stream;
  const lag = lagOf(stream, now);
  const events = activity.reduce((sum, one) => sum + one, 0);
  return html`<li class="line item">
    <div class="name">
      <span class="sink">${icon(sinkIcon(stream.sink), 20)}</span>
      <span class="who">
        <button class="open" type="button" @click=${open}>${nameOf(stream)}</button>
        <span class="muted small break"
          >${sinkTitle(stream.sink)}${across ? html` · ${stream.organization}` : nothing}${
            stream.name === undefined ? nothing : html` · <span class="mono">${stream.id}</span>`
          }</span
        >
      </span>
    </div>
    <div class="state">
      ${stateBadge(health.state, language)}
      ${
        inTrouble(health.state)
          ? html`<span class="muted small"
              >${language.text("since", { time: language.clock(Date.parse(health.since), now) })}</span
            >`
          : nothing
      }
      ${
        stream.quarantined > 0
          ? html`<span class="late small"
              >${language.text("row_quarantined", { count: language.short(stream.quarantined) })}</span
            >`
          : nothing
      }
    </div>
    <div>
      <span class="caption">${language.text("column_last")}</span>
      ${last === undefined ? html`<span class="muted">${language.text("never")}</span>` : ago(last.at, now, language)}
    </div>
    <div>
      <span class="caption">${language.text("column_lag")}</span>
      ${
        lag === 0
          ? html`<span class="muted">${language.text("lag_none")}</span>`
          : html`<span class=${lag >= lateMs && health.state !== "paused" ? "late" : ""}
                >${language.duration(lag)}</span
              >
              <span class="muted small block"
                >${language.counted("events", stream.pending, { count: language.short(stream.pending) })}</span
              >`
      }
    </div>
    <div class="spark">${sparkline(activity, language.counted("activity", events))}</div>
  </li>`;
}
