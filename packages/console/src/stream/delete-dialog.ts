import { html, nothing, type TemplateResult } from "lit";
import type { ApiProblem } from "../rest/problem.ts";
import type { Stream } from "../rest/wire.ts";
import { type Dialog, dialogView } from "../parts/dialog.ts";
import { nameOf, notice, problemNotice } from "../parts/pieces.ts";
import type { Language } from "../strings/language.ts";

/** Says what is lost before it is. What is pending has to be given up with a tick of its own. */
export function deleteDialog(
  dialog: Dialog,
  view: {
    readonly stream: Stream | undefined;
    readonly language: Language;
    readonly agreed: boolean;
    readonly busy: boolean;
    readonly problem: ApiProblem | undefined;
    readonly agree: (agreed: boolean) => void;
    readonly confirm: () => void;
    readonly closed: () => void;
  },
): TemplateResult {
  const { stream, language } = view;
  const title = stream ? language.text("delete_title", { name: nameOf(stream) }) : "";
  const content = stream ? question(stream, dialog, view) : nothing;
  return dialogView(dialog, { title, content, closed: view.closed });
}

function question(stream: Stream, dialog: Dialog, view: Parameters<typeof deleteDialog>[1]): TemplateResult {
  const { language, agreed, busy, problem } = view;
  const { pending, pending_bytes: bytes, oldest_pending_at: oldest, quarantined } = stream;
  return html`
    <p>${language.text("delete_text")}</p>
    ${
      pending > 0 || quarantined > 0
        ? notice(
            "warn",
            html`${
              pending > 0
                ? html`<p class="strong">
                      ${language.counted("delete_pending", pending, { size: language.bytes(bytes) })}
                    </p>
                    ${
                      oldest === undefined
                        ? nothing
                        : html`<p>
                            ${language.text("delete_oldest", { time: language.absolute(Date.parse(oldest)) })}
                          </p>`
                    }`
                : nothing
            }
            ${quarantined > 0 ? html`<p>${language.counted("delete_quarantined", quarantined)}</p>` : nothing}`,
          )
        : nothing
    }
    ${
      pending > 0
        ? html`<div class="choice">
            <input
              id="agree"
              type="checkbox"
              .checked=${agreed}
              @change=${(event: Event) => view.agree((event.target as HTMLInputElement).checked)}
            />
            <label for="agree">${language.text("delete_agree")}</label>
          </div>`
        : nothing
    }
    ${problem ? problemNotice(problem, language) : nothing}
    <div class="actions">
      <button class="button" type="button" autofocus @click=${() => dialog.close()}>${language.text("cancel")}</button>
      <button
        class="button danger"
        type="button"
        ?disabled=${pending > 0 && !agreed}
        aria-disabled=${busy ? "true" : nothing}
        @click=${view.confirm}
      >
        ${language.text("delete_confirm")}
      </button>
    </div>
  `;
}
