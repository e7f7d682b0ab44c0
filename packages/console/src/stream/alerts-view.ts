import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ApiClient } from "../rest/client.ts";
import type { Alert, Dispatch } from "../rest/wire.ts";
import { foreign } from "../parts/foreign.ts";
import { badge, exact, moment, skeleton } from "../parts/pieces.ts";
import type { Language } from "../strings/language.ts";

/** A stream's alerts, open ones first as they are the newest; each with whom it was told to. */
export function alertsView(
  alerts: readonly Alert[] | undefined,
  context: {
    readonly client: ApiClient;
    readonly now: number;
    readonly language: Language;
    readonly signal: AbortSignal;
    readonly replace: (alert: Alert) => void;
  },
): TemplateResult {
  const { language } = context;
  if (alerts === undefined) return skeleton(2, language);
  if (alerts.length === 0) return html`<p class="muted">${language.text("alerts_empty")}</p>`;
  const load = async (event: Event, alert: Alert): Promise<void> => {
    if (!(event.target as HTMLDetailsElement).open || alert.dispatches) return;
    try {
      const path = `/alerts/${encodeURIComponent(alert.id)}`;
      context.replace(await context.client.json<Alert>(path, { signal: context.signal }));
    } catch {
      // Opened again, it is asked for again.
      (event.target as HTMLDetailsElement).open = false;
    }
  };
  return html`<ul class="alerts">
    ${repeat(
      alerts,
      ({ id }) => id,
      (alert) =>
        html`<li>
          <div class="row">
            ${
              alert.closed_at === undefined
                ? badge(alert.severity === "critical" ? "bad" : "warn", "warning", language.text("alert_open"))
                : badge("idle", "check", language.text("alert_closed"))
            }
            <span class="strong">${language.text(`alert_${alert.kind}`)}</span>
          </div>
          <p class="break">${foreign(alert.message, language)}</p>
          ${alert.hint === undefined ? nothing : html`<p class="muted break">${foreign(alert.hint, language)}</p>`}
          <p class="muted small">
            ${language.text("alert_since")}
            ${exact(alert.since, language)}${
              alert.closed_at === undefined
                ? nothing
                : html` · ${language.text("alert_until")} ${exact(alert.closed_at, language)}`
            }
          </p>
          <details @toggle=${(event: Event) => void load(event, alert)}>
            <summary>${language.text("dispatches")}</summary>
            ${
              alert.dispatches === undefined
                ? html`<p class="muted small">${language.text("loading")}</p>`
                : dispatchList(alert.dispatches, context.now, language)
            }
          </details>
        </li>`,
    )}
  </ul>`;
}

function dispatchList(dispatches: readonly Dispatch[], now: number, language: Language): TemplateResult {
  if (dispatches.length === 0) return html`<p class="muted small">${language.text("dispatches_none")}</p>`;
  const tones = { pending: ["idle", "dashed"], delivered: ["ok", "check"], failed: ["bad", "cross"] } as const;
  return html`<ul class="dispatches">
    ${dispatches.map(({ notification, channel, status, attempts, at, message }) => {
      const [tone, drawing] = tones[status];
      return html`<li class="row small">
        ${badge(tone, drawing, language.text(`dispatch_${status}`))}
        <span>${language.text(`dispatch_${notification.type}`)} → <span class="mono break">${channel}</span></span>
        <span class="muted">${moment(at, now, language)} · ${language.counted("attempts", attempts)}</span>
        ${message === undefined ? nothing : html`<span class="muted break">${foreign(message, language)}</span>`}
      </li>`;
    })}
  </ul>`;
}
