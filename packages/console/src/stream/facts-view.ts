import { html, nothing, type TemplateResult } from "lit";
import type { Alert, Stream } from "../rest/wire.ts";
import { ago, exact, lagOf } from "../parts/pieces.ts";
import type { Language } from "../strings/language.ts";

/** The figures of a stream. */
export function factsView(stream: Stream, alerts: readonly Alert[], now: number, language: Language): TemplateResult {
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
      html`${exactly}${exactly !== nothing && stream.filtered > 0 ? " · " : nothing}${
        stream.filtered > 0
          ? language.counted("fact_filtered", stream.filtered, { count: language.short(stream.filtered) })
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
    ${signed(stream, alerts, now, language, fact)}
  </dl>`;
}

/** How far digests vouch for what has arrived; nothing of a stream that has none and is to have none. */
function signed(
  { digest }: Stream,
  alerts: readonly Alert[],
  now: number,
  language: Language,
  fact: (title: string, value: unknown, note?: unknown) => TemplateResult,
): TemplateResult | typeof nothing {
  const overdue = alerts.find(({ kind, closed_at: closed }) => kind === "digest_overdue" && closed === undefined);
  if (digest === undefined && overdue === undefined) return nothing;
  const last =
    digest === undefined
      ? language.text("fact_digest_none")
      : language.text("fact_digest", {
          number: language.number(digest.number),
          time: language.relative(Date.parse(digest.at), now),
        });
  return fact(
    language.text("fact_signed"),
    digest === undefined ? language.text("none") : language.number(digest.through),
    overdue === undefined
      ? last
      : html`${last}
          <span class="late block"
            >${language.text("fact_digest_overdue", { time: language.clock(Date.parse(overdue.opened_at), now) })}</span
          >`,
  );
}
