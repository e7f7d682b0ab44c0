import { html, nothing, type TemplateResult } from "lit";
import type { Stream } from "../rest/wire.ts";
import { ago, exact, lagOf } from "../parts/pieces.ts";
import type { Language } from "../strings/language.ts";

/** The figures of a stream. */
export function factsView(stream: Stream, now: number, language: Language): TemplateResult {
  const { last_streamed: last, oldest_pending_at: oldest, overdue } = stream;
  const lag = lagOf(stream, now);
  const delivered = language.number(stream.delivered);
  const exactly = language.short(stream.delivered) === delivered ? nothing : delivered;
  const fact = (title: string, value: unknown, note?: unknown): TemplateResult =>
    html`<div class="card fact">
      <dt>${title}</dt>
      <dd class="value">${value}</dd>
      ${note === undefined ? nothing : html`<dd class="note">${note}</dd>`}
    </div>`;
  return html`<dl class="facts">
    ${fact(
      language.text("fact_last"),
      last === undefined ? language.text("never") : ago(last.occurred_at, now, language),
      last === undefined
        ? html`${language.text("fact_created")} ${exact(stream.created_at, language)}`
        : html`${exact(last.occurred_at, language)}`,
    )}
    ${fact(
      language.text("fact_lag"),
      oldest === undefined ? language.text("lag_none") : language.duration(lag),
      oldest === undefined ? "" : language.text("lag_text"),
    )}
    ${fact(
      language.text("fact_pending"),
      language.short(stream.pending),
      html`${language.bytes(stream.pending_bytes)}${
        overdue > 0
          ? html` ·
              <span class="late"
                >${language.counted("fact_overdue", overdue, { count: language.short(overdue) })}</span
              >`
          : nothing
      }`,
    )}
    ${fact(
      language.text("fact_delivered"),
      language.short(stream.delivered),
      html`${exactly}${exactly !== nothing && stream.digest ? " · " : nothing}${
        stream.digest
          ? language.text("fact_signed", {
              sequence: language.number(stream.digest.through),
              time: language.relative(Date.parse(stream.digest.at), now),
            })
          : nothing
      }`,
    )}
    ${fact(
      language.text("fact_quarantined"),
      language.short(stream.quarantined),
      stream.quarantined === 0
        ? language.text("none")
        : html`<span class="late">${language.text("tab_quarantine")}</span>`,
    )}
  </dl>`;
}
