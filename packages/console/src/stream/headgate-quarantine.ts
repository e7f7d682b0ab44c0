import { html, nothing, type CSSResultGroup, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ApiProblem } from "../rest/problem.ts";
import type { QuarantineEntry } from "../rest/wire.ts";
import { createDialog, dialogView } from "../parts/dialog.ts";
import { foreign } from "../parts/foreign.ts";
import { HeadgateElement } from "../parts/headgate-element.ts";
import { badge, exact, notice, problemNotice, skeleton } from "../parts/pieces.ts";
import { streamStyles } from "./stream-styles.ts";

const pageSize = 50;
const marks = { held: ["warn", "pause"], retry: ["accent", "dashed"], discarded: ["idle", "cross"] } as const;

interface Page {
  readonly entries: readonly QuarantineEntry[];
  readonly next_cursor?: string;
}

/** What the dialog is about: looking at an event, or being asked before a discard. */
type Question =
  | { readonly kind: "show"; readonly entry: QuarantineEntry }
  | { readonly kind: "discard"; readonly sequence: number | undefined };

/** A stream's refused events: look at them, send them again, discard them. Part of `<headgate-stream>`. */
export class HeadgateQuarantine extends HeadgateElement {
  static override properties: PropertyDeclarations = {
    stream: { type: String },
    count: { attribute: false },
    entries: { state: true },
    cursor: { state: true },
    busy: { state: true },
    said: { state: true },
    actProblem: { state: true },
    question: { state: true },
  };
  static override styles: CSSResultGroup = [HeadgateElement.styles, streamStyles];

  declare stream: string | undefined;
  /** How many the stream counts: a change makes the list load anew. */
  declare count: number;
  declare private entries: readonly QuarantineEntry[] | undefined;
  declare private cursor: string | undefined;
  declare private busy: boolean;
  declare private said: string;
  declare private actProblem: ApiProblem | undefined;
  declare private question: Question | undefined;
  readonly #dialog = createDialog(this);

  constructor() {
    super();
    this.count = 0;
    this.busy = false;
    this.said = "";
  }

  protected override get decisive(): readonly string[] {
    return [...super.decisive, "stream", "count"];
  }

  private get path(): string {
    return `/streams/${encodeURIComponent(this.stream ?? "")}/quarantine`;
  }

  protected override begin(signal: AbortSignal): Promise<void> {
    return this.load(signal);
  }

  private async load(signal: AbortSignal, cursor?: string): Promise<void> {
    const page = await this.client.json<Page>(this.path, { query: { cursor, limit: pageSize }, signal });
    this.entries = cursor === undefined ? page.entries : [...(this.entries ?? []), ...page.entries];
    this.cursor = page.next_cursor;
  }

  private async act(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.actProblem = undefined;
    this.said = "";
    try {
      await work();
    } catch (error) {
      if (!this.signal.aborted) this.actProblem = this.problemFrom(error);
    } finally {
      this.busy = false;
    }
  }

  private mark(what: "retry" | "discard", sequence?: number): Promise<void> {
    return this.act(async () => {
      if (sequence === undefined) await this.markAll(what);
      else await this.client.json(`${this.path}/${sequence}/${what}`, { method: "POST", signal: this.signal });
      this.#dialog.close();
      this.said = this.language.text(what === "retry" ? "quarantine_retried" : "quarantine_discarded_done");
      await this.load(this.signal);
    });
  }

  /** The server marks so many at a time, and says where to go on. */
  private async markAll(what: "retry" | "discard"): Promise<void> {
    let after: number | undefined;
    do {
      const request = { method: "POST", query: { after_sequence: after }, signal: this.signal };
      const answer = await this.client.json<{ after_sequence?: number }>(`${this.path}/${what}`, request);
      after = answer.after_sequence;
    } while (after !== undefined);
  }

  private show(sequence: number): Promise<void> {
    return this.act(async () => {
      const entry = await this.client.json<QuarantineEntry>(`${this.path}/${sequence}`, { signal: this.signal });
      this.question = { kind: "show", entry };
      this.#dialog.open();
    });
  }

  private askDiscard(sequence?: number): void {
    this.question = { kind: "discard", sequence };
    this.#dialog.open();
  }

  protected override render(): TemplateResult {
    const { language, problem, entries } = this;
    if (problem) return problemNotice(problem, language, () => this.restart());
    if (entries === undefined) return skeleton(2, language);
    const held = entries.some(({ state }) => state === "held");
    return html`<div class="stack" lang=${language.tag}>
      <div role="status">${this.said === "" ? nothing : html`<p class="said">${this.said}</p>`}</div>
      ${this.actProblem ? problemNotice(this.actProblem, language) : nothing}
      ${
        entries.length === 0
          ? html`<p class="muted">${language.text("quarantine_empty")}</p>`
          : html`<div class="head">
                <p class="small">${language.text("quarantine_lead")}</p>
                ${
                  held && this.scope?.mayChange === true
                    ? html`<div class="row">
                        <button
                          class="button little"
                          type="button"
                          aria-disabled=${this.busy ? "true" : nothing}
                          @click=${() => void this.mark("retry")}
                        >
                          ${language.text("quarantine_retry_all")}
                        </button>
                        <button class="button little danger" type="button" @click=${() => this.askDiscard()}>
                          ${language.text("quarantine_discard_all")}
                        </button>
                      </div>`
                    : nothing
                }
              </div>
              <ul class="alerts">
                ${repeat(
                  entries,
                  ({ sequence }) => sequence,
                  (entry) => this.entryView(entry),
                )}
              </ul>`
      }
      ${
        this.cursor === undefined
          ? nothing
          : html`<div class="load">
              <button
                class="button"
                type="button"
                aria-disabled=${this.busy ? "true" : nothing}
                @click=${() => void this.act(() => this.load(this.signal, this.cursor))}
              >
                ${language.text("more")}
              </button>
            </div>`
      }
      ${this.dialog()}
    </div>`;
  }

  private entryView({ sequence, reason, state, quarantined_at: at }: QuarantineEntry): TemplateResult {
    const { language, busy } = this;
    const [tone, drawing] = marks[state];
    const button = (kind: string, text: string, label: string, act: () => void): TemplateResult =>
      html`<button
        class="button little ${kind}"
        type="button"
        aria-label=${label}
        aria-disabled=${busy ? "true" : nothing}
        @click=${act}
      >
        ${text}
      </button>`;
    return html`<li>
      <div class="row">
        <span class="strong">${language.text("event_n", { sequence })}</span>
        ${badge(tone, drawing, language.text(`quarantine_${state}`))}
      </div>
      <p class="break">${foreign(reason.message, language)}</p>
      ${reason.hint === undefined ? nothing : html`<p class="muted break">${foreign(reason.hint, language)}</p>`}
      <p class="muted small">${exact(at, language)} · <span class="mono">${reason.code}</span></p>
      ${
        state === "discarded"
          ? nothing
          : html`<div class="row">
              ${button(
                "",
                language.text("quarantine_show"),
                language.text("quarantine_show_n", { sequence }),
                () => void this.show(sequence),
              )}
              ${
                this.scope?.mayChange === true
                  ? html`${
                      state === "held"
                        ? button(
                            "",
                            language.text("quarantine_retry_one"),
                            language.text("quarantine_retry_n", { sequence }),
                            () => void this.mark("retry", sequence),
                          )
                        : nothing
                    }
                    ${button(
                      "danger",
                      language.text("quarantine_discard_one"),
                      language.text("quarantine_discard_n", { sequence }),
                      () => this.askDiscard(sequence),
                    )}`
                  : nothing
              }
            </div>`
      }
    </li>`;
  }

  private dialog(): TemplateResult {
    const { language, question } = this;
    const closed = (): void => {
      this.question = undefined;
    };
    if (question?.kind === "show") {
      const { entry } = question;
      return dialogView(this.#dialog, {
        title: language.text("event_n", { sequence: entry.sequence }),
        wide: true,
        closed,
        content: html`${notice("warn", html`<p>${foreign(entry.reason.message, language)}</p>`)}
          <pre
            class="content"
            tabindex="0"
            aria-label=${language.text("event_n", { sequence: entry.sequence })}
          ><code>${JSON.stringify(entry.event, null, 2)}</code></pre>
          <div class="actions">
            <button class="button" type="button" autofocus @click=${() => this.#dialog.close()}>
              ${language.text("close")}
            </button>
          </div>`,
      });
    }
    if (question === undefined) return dialogView(this.#dialog, { title: "", content: nothing, closed });
    const { sequence } = question;
    return dialogView(this.#dialog, {
      title: language.text(sequence === undefined ? "quarantine_discard_all" : "quarantine_discard_one"),
      closed,
      content: html`<p>
          ${
            sequence === undefined
              ? language.text("quarantine_discard_all_ask")
              : language.text("quarantine_discard_ask", { sequence })
          }
        </p>
        <div class="actions">
          <button class="button" type="button" autofocus @click=${() => this.#dialog.close()}>
            ${language.text("cancel")}
          </button>
          <button
            class="button danger"
            type="button"
            aria-disabled=${this.busy ? "true" : nothing}
            @click=${() => void this.mark("discard", sequence)}
          >
            ${language.text(sequence === undefined ? "quarantine_discard_all" : "quarantine_discard_one")}
          </button>
        </div>`,
    });
  }
}
