import { html, nothing, type CSSResultGroup, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { ApiProblem } from "../rest/problem.ts";
import type { LogEvent } from "../rest/wire.ts";
import { createDialog, dialogView } from "../parts/dialog.ts";
import { HeadgateElement } from "../parts/headgate-element.ts";
import { itemStyles } from "../parts/item-styles.ts";
import { icon } from "../parts/icons.ts";
import { badge, exact, moment, notice, problemNotice, skeleton } from "../parts/pieces.ts";
import { saveFile } from "../parts/save-file.ts";
import type { Language } from "../strings/language.ts";
import { type EventFilter, backwards, eventQuery, plainFilter } from "./event-query.ts";
import { eventsStyles } from "./events-styles.ts";
import { type ExportFormat, exportEvents } from "./export.ts";
import { filterView } from "./filter-view.ts";

const pageSize = 100;
const pagesAtOnce = 10;

interface Page {
  readonly events: readonly LogEvent[];
  readonly next_cursor?: string;
}

/**
 * An organization's audit log: search by time, action, actor, target and text; look at events; export what was found.
 *
 * @example
 * ```html
 * <headgate-events api="/audit-log"></headgate-events>
 * ```
 */
export class HeadgateEvents extends HeadgateElement {
  static override properties: PropertyDeclarations = {
    filter: { state: true },
    events: { state: true },
    cursor: { state: true },
    busy: { state: true },
    listProblem: { state: true },
    mistake: { state: true },
    shown: { state: true },
    exporting: { state: true },
    exported: { state: true },
    exportProblem: { state: true },
  };
  static override styles: CSSResultGroup = [HeadgateElement.styles, itemStyles, eventsStyles];

  declare private filter: EventFilter;
  declare private events: readonly LogEvent[] | undefined;
  declare private cursor: string | undefined;
  declare private busy: boolean;
  declare private listProblem: ApiProblem | undefined;
  declare private mistake: string | undefined;
  declare private shown: LogEvent | undefined;
  declare private exporting: number | undefined;
  declare private exported: string;
  declare private exportProblem: ApiProblem | undefined;
  readonly #dialog = createDialog(this);
  #query: Readonly<Record<string, string | undefined>> = {};
  #export: AbortController | undefined;
  #asked = 0;

  constructor() {
    super();
    this.filter = plainFilter;
    this.busy = false;
    this.exported = "";
  }

  protected override async begin(signal: AbortSignal): Promise<void> {
    this.events = undefined;
    signal.addEventListener("abort", () => this.#export?.abort(), { once: true });
    if (this.scope?.organization === undefined) return;
    this.#query = eventQuery(this.filter, Date.now());
    await this.load(signal);
  }

  private async load(signal: AbortSignal, cursor?: string): Promise<void> {
    const asked = ++this.#asked;
    const found: LogEvent[] = [];
    let next = cursor;
    // The server looks at so much of the log per page: where little matches, several pages make one here.
    for (let pages = 0; pages < pagesAtOnce; pages++) {
      const query = { ...this.#query, order: "desc", cursor: next, limit: pageSize };
      const page = await this.client.json<Page>("/events", { query, signal });
      if (asked !== this.#asked) return;
      found.push(...page.events);
      next = page.next_cursor;
      if (next === undefined || found.length >= pageSize / 2) break;
    }
    this.events = cursor === undefined ? found : [...(this.events ?? []), ...found];
    this.cursor = next;
  }

  private async find(cursor?: string): Promise<void> {
    if (cursor !== undefined && this.busy) return;
    this.busy = true;
    this.listProblem = undefined;
    const shown = this.events?.length ?? 0;
    try {
      await this.load(this.signal, cursor);
      if (cursor !== undefined) void this.focusOn(`li:nth-child(${shown + 1}) .open`);
    } catch (error) {
      if (!this.signal.aborted) this.listProblem = this.problemFrom(error);
    } finally {
      this.busy = false;
    }
  }

  private search(event?: Event): void {
    event?.preventDefault();
    this.mistake = backwards(this.filter) ? this.language.text("from_after_to") : undefined;
    if (this.mistake !== undefined) return;
    // Pages and exports of one search are about the same stretch of time.
    this.#query = eventQuery(this.filter, Date.now());
    void this.find();
  }

  private async export(format: ExportFormat): Promise<void> {
    const ending = new AbortController();
    this.#export = ending;
    this.exporting = 0;
    this.exported = "";
    this.exportProblem = undefined;
    try {
      const { name, content } = await exportEvents(this.client, format, this.#query, ending.signal, (bytes) => {
        this.exporting = bytes;
      });
      saveFile(name, content);
      this.exported = this.language.text("export_done", { size: this.language.bytes(content.size) });
    } catch (error) {
      if (!ending.signal.aborted) this.exportProblem = this.problemFrom(error);
    } finally {
      this.exporting = undefined;
    }
  }

  private show(event: LogEvent): void {
    this.shown = event;
    this.#dialog.open();
  }

  protected override render(): TemplateResult {
    const { language, problem, scope } = this;
    return html`<div class="stack" lang=${language.tag}>
      <div class="head">
        <div>
          <h2 tabindex="-1">${language.text("events_title")}</h2>
          <p>${language.text("events_lead")}</p>
        </div>
        ${this.events === undefined ? nothing : this.exports()}
      </div>
      ${
        problem
          ? problemNotice(problem, language, () => this.restart())
          : scope !== undefined && scope.organization === undefined
            ? notice("idle", html`<p>${language.text("events_need_organization")}</p>`)
            : this.log()
      }
      ${this.dialog()}
    </div>`;
  }

  private exports(): TemplateResult {
    const { language, exporting } = this;
    if (exporting !== undefined)
      return html`<div class="row">
        <span class="small row" role="status"
          ><span class="spinner"></span>${language.text("export_running", { size: language.bytes(exporting) })}</span
        >
        <button class="button little" type="button" @click=${() => this.#export?.abort()}>
          ${language.text("cancel")}
        </button>
      </div>`;
    return html`<div class="row">
      <span class="small good" role="status">${this.exported}</span>
      <button
        class="button"
        type="button"
        aria-label=${language.text("export_ndjson")}
        @click=${() => void this.export("ndjson")}
      >
        ${icon("download")}NDJSON
      </button>
      <button
        class="button"
        type="button"
        aria-label=${language.text("export_csv")}
        @click=${() => void this.export("csv")}
      >
        ${icon("download")}CSV
      </button>
    </div>`;
  }

  private log(): TemplateResult {
    const { language, events, busy } = this;
    return html`
      <div class="card pad">
        ${filterView(this.filter, {
          language,
          mistake: this.mistake,
          change: (filter) => (this.filter = filter),
          search: (event) => this.search(event),
          reset: () => {
            this.filter = plainFilter;
            this.search();
          },
        })}
      </div>
      ${
        this.exportProblem
          ? html`<div>
              <p class="strong">${language.text("export_failed")}</p>
              ${problemNotice(this.exportProblem, language)}
            </div>`
          : nothing
      }
      ${this.listProblem ? problemNotice(this.listProblem, language, () => void this.find()) : nothing}
      ${
        events === undefined
          ? skeleton(5, language)
          : html`<section class="card" aria-busy=${busy} aria-label=${language.text("events_title")}>
              <p class="hidden" role="status">
                ${busy ? language.text("loading") : language.counted("events_shown", events.length)}
              </p>
              ${
                events.length === 0 && this.cursor === undefined
                  ? html`<div class="empty">
                      <h3>${language.text("events_empty")}</h3>
                      <p>${language.text("events_empty_hint")}</p>
                    </div>`
                  : html`<div class="line header" aria-hidden="true">
                        <span>${language.text("event_time")}</span><span>${language.text("event_action")}</span
                        ><span>${language.text("event_actor")}</span><span>${language.text("event_targets")}</span>
                      </div>
                      <ul>
                        ${repeat(
                          events,
                          ({ sequence }) => sequence,
                          (event) => this.eventRow(event),
                        )}
                      </ul>`
              }
              ${
                this.cursor === undefined
                  ? nothing
                  : html`<div class="foot">
                      <button
                        class="button"
                        type="button"
                        aria-disabled=${busy ? "true" : nothing}
                        @click=${() => void this.find(this.cursor)}
                      >
                        ${language.text("more")}
                      </button>
                    </div>`
              }
            </section>`
      }
    `;
  }

  private eventRow(event: LogEvent): TemplateResult {
    const { language, now } = this;
    const { actor, targets = [], outcome } = event;
    const name = (one: { readonly id: string; readonly name?: string }): string => one.name ?? one.id;
    return html`<li class="line item">
      <span class="nowrap muted">${moment(event.occurred_at, now, language, true)}</span>
      <span class="what">
        <button class="open mono" type="button" @click=${() => this.show(event)}>${event.action}</button>
        ${outcome === undefined || outcome === "success" ? nothing : badge("warn", "warning", outcomeText(outcome, language))}
      </span>
      <span class="break clamp"><span class="caption">${language.text("event_actor")}: </span>${name(actor)}</span>
      <span class="break muted clamp">${targets.map(name).join(", ")}</span>
    </li>`;
  }

  private dialog(): TemplateResult {
    const { language, shown } = this;
    const closed = (): void => {
      this.shown = undefined;
    };
    if (shown === undefined) return dialogView(this.#dialog, { title: "", content: nothing, closed });
    const who = (one: { readonly type: string; readonly id: string; readonly name?: string }): TemplateResult =>
      html`${one.name ?? one.id} <span class="muted mono">${one.type}:${one.id}</span>`;
    const pair = (title: string, value: unknown): TemplateResult =>
      html`<div>
        <dt>${title}</dt>
        <dd class="break">${value}</dd>
      </div>`;
    return dialogView(this.#dialog, {
      title: language.text("event_details", { sequence: shown.sequence }),
      wide: true,
      closed,
      content: html`<dl class="pairs">
          ${pair(language.text("event_time"), exact(shown.occurred_at, language))}
          ${pair(language.text("event_action"), html`<span class="mono">${shown.action}</span>`)}
          ${pair(language.text("event_actor"), who(shown.actor))}
          ${
            (shown.targets ?? []).length === 0
              ? nothing
              : pair(
                  language.text("event_targets"),
                  html`${(shown.targets ?? []).map((one) => html`<div>${who(one)}</div>`)}`,
                )
          }
          ${shown.outcome === undefined ? nothing : pair(language.text("event_outcome"), outcomeText(shown.outcome, language))}
        </dl>
        <pre class="content" tabindex="0" aria-label="JSON"><code>${JSON.stringify(shown, null, 2)}</code></pre>
        <div class="actions">
          <button class="button" type="button" @click=${() => this.#dialog.close()}>${language.text("close")}</button>
        </div>`,
    });
  }
}

/** An outcome in the reader's language; one that is not known as it came. */
function outcomeText(outcome: string, language: Language): string {
  const known = ["success", "failure", "denied", "unknown"] as const;
  const found = known.find((one) => one === outcome);
  return found === undefined ? outcome : language.text(`outcome_${found}`);
}
