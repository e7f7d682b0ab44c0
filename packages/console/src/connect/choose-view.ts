import { html, nothing, type TemplateResult } from "lit";
import type { SetupSink } from "../rest/wire.ts";
import { icon } from "../parts/icons.ts";
import { foreign } from "../parts/foreign.ts";
import { sinkIcon, sinkTitle } from "../parts/pieces.ts";
import type { Language } from "../strings/language.ts";

/** The kinds of destination as cards. */
export function chooseView(
  sinks: readonly SetupSink[],
  chosen: string | undefined,
  language: Language,
  act: { readonly choose: (sink: SetupSink) => void; readonly cancel: () => void },
): TemplateResult {
  const about = (type: string): string =>
    language.text(type === "s3" || type === "splunk" || type === "datadog" ? `sink_${type}` : "sink_other");
  return html`<section class="stack">
    <div>
      <h3 tabindex="-1" data-focus>${language.text("choose_title")}</h3>
      <p class="muted">${language.text("choose_lead")}</p>
    </div>
    <ul class="sinks">
      ${sinks.map(
        (sink) =>
          html`<li>
            <button
              class="card sink"
              type="button"
              aria-current=${sink.type === chosen ? "true" : nothing}
              @click=${() => act.choose(sink)}
            >
              <span class="emblem">${icon(sinkIcon(sink.type), 26)}</span>
              <span class="strong">${sink.title === "" ? sinkTitle(sink.type) : foreign(sink.title, language)}</span>
              <span class="muted small">${about(sink.type)}</span>
            </button>
          </li>`,
      )}
    </ul>
    <div>
      <button class="button" type="button" @click=${act.cancel}>${language.text("cancel")}</button>
    </div>
  </section>`;
}
