import { html, nothing, type TemplateResult } from "lit";
import type { Stream } from "../rest/wire.ts";
import { icon } from "../parts/icons.ts";
import { moment, nameOf, stateBadge } from "../parts/pieces.ts";
import type { Language } from "../strings/language.ts";

/** The new stream: its state as it changes, and the first event once it has arrived. */
export function doneView(
  stream: Stream,
  edited: boolean,
  now: number,
  language: Language,
  act: { readonly open: (stream: Stream) => void; readonly another: () => void },
): TemplateResult {
  const { last_streamed: last, health } = stream;
  return html`<section class="card empty">
    <span class="medal">${icon("check", 28)}</span>
    <h3 tabindex="-1" data-focus>
      ${language.text(edited ? "done_title_edit" : "done_title", { name: nameOf(stream) })}
    </h3>
    <div class="stack center" role="status">
      ${stateBadge(health.state, language)}
      <p>
        ${
          last === undefined
            ? language.text("done_waiting")
            : html`${language.text("done_flowing")} ${language.text("column_last")}: ${moment(last.at, now, language)}`
        }
      </p>
    </div>
    <div class="row">
      <button class="button primary" type="button" @click=${() => act.open(stream)}>
        ${language.text("done_open")}
      </button>
      ${
        edited
          ? nothing
          : html`<button class="button" type="button" @click=${act.another}>${language.text("done_another")}</button>`
      }
    </div>
  </section>`;
}
