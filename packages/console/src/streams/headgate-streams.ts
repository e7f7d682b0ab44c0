import { html, nothing, type CSSResultGroup, type PropertyDeclarations, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import { listen } from "../rest/live.ts";
import type { ApiProblem } from "../rest/problem.ts";
import type { Stream, StreamState, Summary } from "../rest/wire.ts";
import { HeadgateElement } from "../parts/headgate-element.ts";
import { itemStyles } from "../parts/item-styles.ts";
import { icon } from "../parts/icons.ts";
import { inTrouble, notice, problemNotice, skeleton } from "../parts/pieces.ts";
import { sparklineStyles } from "../parts/sparkline.ts";
import { streamRow } from "./stream-row.ts";
import { streamsStyles } from "./streams-styles.ts";
import { summaryCards } from "./summary-cards.ts";

const pageSize = 50;
const states: readonly StreamState[] = ["active", "degraded", "disconnected", "blocked", "paused", "unverified"];
const trouble = states.filter(inTrouble).join(",");

/** Search and filter of each list of this page, for as long as it is open. */
const narrowedBy = new Map<string, { readonly search: string; readonly filter: string }>();

interface Page {
  readonly streams: readonly Stream[];
  readonly next_cursor?: string;
}

/**
 * The list of an organization's streams, kept up to date: state, last streamed time, lag, activity; search and filter.
 *
 * @fires headgate-open - `{stream, organization}`: somebody chose a stream.
 * @fires headgate-connect - `{}`: somebody wants to connect one.
 *
 * @example
 * ```html
 * <headgate-streams api="/audit-log"></headgate-streams>
 * ```
 */
export class HeadgateStreams extends HeadgateElement {
  static override properties: PropertyDeclarations = {
    summary: { state: true },
    streams: { state: true },
    cursor: { state: true },
    search: { state: true },
    filter: { state: true },
    busy: { state: true },
    connected: { state: true },
    pageProblem: { state: true },
  };
  static override styles: CSSResultGroup = [HeadgateElement.styles, sparklineStyles, itemStyles, streamsStyles];

  declare private summary: Summary | undefined;
  declare private streams: readonly Stream[] | undefined;
  declare private cursor: string | undefined;
  declare private search: string;
  declare private filter: string;
  declare private busy: boolean;
  declare private connected: boolean | undefined;
  declare private pageProblem: ApiProblem | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor() {
    super();
    this.search = "";
    this.filter = "";
    this.busy = false;
  }

  protected override async begin(signal: AbortSignal): Promise<void> {
    this.streams = undefined;
    this.summary = undefined;
    this.recall();
    await this.load(signal);
    listen(
      this.client,
      {
        streams: (changed) => this.merge(changed),
        removed: (ids) => (this.streams = this.streams?.filter(({ id }) => !ids.includes(id))),
        alerts: () => void this.summarize(signal),
        connected: (connected) => (this.connected = connected),
      },
      signal,
    );
    await this.summarize(signal);
  }

  /** Whoever comes back from a stream finds the list as it was narrowed down. */
  private recall(): void {
    const narrowed = narrowedBy.get(this.place);
    if (narrowed === undefined || this.search !== "" || this.filter !== "") return;
    this.search = narrowed.search;
    this.filter = narrowed.filter;
  }

  private get place(): string {
    return JSON.stringify([this.api, this.organization ?? "", this.token ?? ""]);
  }

  private async summarize(signal: AbortSignal): Promise<void> {
    try {
      this.summary = await this.client.json<Summary>("/status", { signal });
    } catch {
      // The list says what is wrong; the summary above it is an addition.
    }
  }

  private async load(signal: AbortSignal, cursor?: string): Promise<void> {
    const asked = ++this.#asked;
    narrowedBy.set(this.place, { search: this.search, filter: this.filter });
    const query = { search: this.search.trim(), state: this.filter, cursor, limit: pageSize };
    const page = await this.client.json<Page>("/streams", { query, signal });
    // An answer to what was typed before is out of date.
    if (asked !== this.#asked) return;
    this.streams = cursor === undefined ? page.streams : [...(this.streams ?? []), ...page.streams];
    this.cursor = page.next_cursor;
    this.pageProblem = undefined;
  }

  private async reload(cursor?: string): Promise<void> {
    if (cursor !== undefined && this.busy) return;
    this.busy = true;
    const shown = this.streams?.length ?? 0;
    try {
      await this.load(this.signal, cursor);
      if (cursor !== undefined) void this.focusOn(`li:nth-child(${shown + 1}) .open`);
    } catch (error) {
      if (!this.signal.aborted) this.pageProblem = this.problemFrom(error);
    } finally {
      this.busy = false;
    }
  }

  private merge(changed: readonly Stream[]): void {
    if (this.streams === undefined) return;
    const byId = new Map(changed.map((stream) => [stream.id, stream]));
    const before = new Map(this.streams.map(({ id, health }) => [id, health.state]));
    const kept = this.streams.map((stream) => byId.get(stream.id) ?? stream);
    const whole = this.search === "" && this.filter === "" && this.cursor === undefined;
    this.streams = whole ? [...kept, ...changed.filter(({ id }) => !before.has(id))] : kept;
    if (changed.some(({ id, health }) => before.get(id) !== health.state)) void this.summarize(this.signal);
  }

  private typed(event: Event): void {
    this.search = (event.target as HTMLInputElement).value;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.reload(), 250);
  }

  private chosen(event: Event): void {
    this.filter = (event.target as HTMLSelectElement).value;
    void this.reload();
  }

  private clear(): void {
    this.search = "";
    this.filter = "";
    void this.reload();
    void this.focusOn("input");
  }

  private open(stream: Stream): void {
    this.tell("headgate-open", { stream: stream.id, organization: stream.organization });
  }

  protected override render(): TemplateResult {
    const { language, scope, problem, streams } = this;
    return html`<div class="stack" lang=${language.tag}>
      <div class="head">
        <div>
          <h2 tabindex="-1">${language.text("streams")}</h2>
          <p>${language.text("streams_lead")}</p>
        </div>
        ${
          scope?.mayChange === true && streams !== undefined && !this.fresh
            ? html`<button class="button primary" type="button" @click=${() => this.tell("headgate-connect", {})}>
                ${icon("plus")}${language.text("connect_stream")}
              </button>`
            : nothing
        }
      </div>
      ${
        problem
          ? problemNotice(problem, language, () => this.restart())
          : streams === undefined
            ? skeleton(4, language)
            : this.fresh
              ? this.emptyState()
              : this.list(streams)
      }
    </div>`;
  }

  /** Whether there are no streams at all. */
  private get fresh(): boolean {
    return this.streams?.length === 0 && this.search === "" && this.filter === "" && !this.busy;
  }

  private emptyState(): TemplateResult {
    const { language, scope } = this;
    return html`<div class="card empty">
      <span class="medal">${icon("gate", 28)}</span>
      <h3>${language.text("empty_title")}</h3>
      ${
        scope?.mayChange === true
          ? html`<p>${language.text("empty_text")}</p>
              <button class="button primary" type="button" @click=${() => this.tell("headgate-connect", {})}>
                ${icon("plus")}${language.text("connect_stream")}
              </button>`
          : html`<p>${language.text("empty_text_viewer")}</p>`
      }
    </div>`;
  }

  private list(streams: readonly Stream[]): TemplateResult {
    const { language, now } = this;
    const across = this.scope?.organization === undefined;
    return html`
      ${this.connected === false ? notice("idle", html`<p>${language.text("live_lost")}</p>`, { role: "status" }) : nothing}
      ${this.summary ? summaryCards(this.summary, now, language) : nothing}
      <section class="card" aria-label=${language.text("streams")}>
        ${this.controls()}
        ${
          this.pageProblem
            ? html`<div class="pad">${problemNotice(this.pageProblem, language, () => void this.reload())}</div>`
            : nothing
        }
        ${
          streams.length === 0
            ? html`<div class="empty" role="status">
                <h3>${language.text("no_match_title")}</h3>
                <p>${language.text("no_match_text")}</p>
                <button class="button" type="button" @click=${() => this.clear()}>
                  ${language.text("clear_filters")}
                </button>
              </div>`
            : html`<div class="line header" aria-hidden="true">
                  <span>${language.text("column_stream")}</span>
                  <span>${language.text("column_state")}</span>
                  <span>${language.text("column_last")}</span>
                  <span>${language.text("column_lag")}</span>
                  <span>${language.text("column_activity")}</span>
                </div>
                <ul aria-busy=${this.busy} aria-label=${language.text("streams")}>
                  ${repeat(
                    streams,
                    ({ id }) => id,
                    (stream) => streamRow(stream, { now, language, across, open: () => this.open(stream) }),
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
                  aria-disabled=${this.busy ? "true" : nothing}
                  @click=${() => void this.reload(this.cursor)}
                >
                  ${language.text("more")}
                </button>
              </div>`
        }
      </section>
      ${this.scope?.mayChange === false ? html`<p class="muted small">${language.text("read_only")}</p>` : nothing}
    `;
  }

  private controls(): TemplateResult {
    const { language } = this;
    return html`<div class="controls">
      <div class="search">
        <label class="hidden" for="search">${language.text("search_streams")}</label>
        ${icon("search")}
        <input
          id="search"
          class="input"
          type="search"
          autocomplete="off"
          placeholder=${language.text("search_placeholder")}
          .value=${this.search}
          @input=${(event: Event) => this.typed(event)}
        />
      </div>
      <div>
        <label class="hidden" for="state">${language.text("filter_state")}</label>
        <select id="state" class="input" @change=${(event: Event) => this.chosen(event)}>
          <option value="" ?selected=${this.filter === ""}>${language.text("state_all")}</option>
          <option value=${trouble} ?selected=${this.filter === trouble}>${language.text("state_trouble")}</option>
          ${states.map(
            (state) =>
              html`<option value=${state} ?selected=${this.filter === state}>
                ${language.text(`state_${state}`)}
              </option>`,
          )}
        </select>
      </div>
    </div>`;
  }
}
