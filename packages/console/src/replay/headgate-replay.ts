import {
  css,
  html,
  nothing,
  type CSSResultGroup,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from "lit";
import { ApiProblem } from "../rest/problem.ts";
import type { Replay, ReplayRange, Stream } from "../rest/wire.ts";
import { HeadgateElement } from "../parts/headgate-element.ts";
import { inTrouble, notice, problemNotice } from "../parts/pieces.ts";
import { streamStyles } from "../stream/stream-styles.ts";
import { rangeView } from "./range-view.ts";
import { mistakeOf, plainForm, rangeOf, type ReplayForm } from "./replay-form.ts";
import { replayView } from "./replay-view.ts";

/** The count follows what is typed after this pause. */
const pauseMs = 350;
/** A replay under way is looked at again after this long. */
const followMs = 2000;

/** Delivers a range of the log once more: what it holds, start, progress, result. Part of `<headgate-stream>`. */
export class HeadgateReplay extends HeadgateElement {
  static override properties: PropertyDeclarations = {
    stream: { attribute: false },
    mayStop: { attribute: false },
    form: { state: true },
    count: { state: true },
    countProblem: { state: true },
    replay: { state: true },
    expected: { state: true },
    busy: { state: true },
    actProblem: { state: true },
  };
  static override styles: CSSResultGroup = [
    HeadgateElement.styles,
    streamStyles,
    css`
      legend {
        margin-block-end: calc(var(--_space) * 2);
      }
      .kinds {
        gap: calc(var(--_space) * 2) calc(var(--_space) * 6);
      }
      .bounds {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(min(100%, 12rem), 1fr));
        gap: calc(var(--_space) * 3);
        max-inline-size: 34rem;
      }
      progress {
        inline-size: 100%;
        max-inline-size: 34rem;
        accent-color: var(--_accent);
      }
      .latest {
        padding-block-start: calc(var(--_space) * 5);
        border-block-start: 1px solid var(--_line);
      }
      .lost {
        display: grid;
        gap: calc(var(--_space) * 1);
        padding-block-start: calc(var(--_space) * 2);
        font-size: 0.875em;
      }
    `,
  ];

  declare stream: Stream;
  /** Whether a replay of this stream may be ended by who looks at it. */
  declare mayStop: boolean;
  declare private form: ReplayForm;
  /** Events in the range; undefined while that is not known. */
  declare private count: number | undefined;
  declare private countProblem: ApiProblem | undefined;
  /** Null where there never was one. */
  declare private replay: Replay | null | undefined;
  /** Events in the range of the one under way. */
  declare private expected: number | undefined;
  declare private busy: boolean;
  declare private actProblem: ApiProblem | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #following: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;

  constructor() {
    super();
    this.form = plainForm;
    this.busy = false;
    this.mayStop = false;
  }

  protected override willUpdate(changed: PropertyValues): void {
    // The stream itself comes anew with each of its changes.
    const before = changed.get("stream") as Stream | undefined;
    if (this.hasUpdated && before !== undefined && before.id !== this.stream.id) this.restart();
    super.willUpdate(changed);
  }

  private get path(): string {
    return `/streams/${encodeURIComponent(this.stream.id)}/replay`;
  }

  protected override async begin(signal: AbortSignal): Promise<void> {
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(this.#typing);
        clearTimeout(this.#following);
      },
      { once: true },
    );
    await this.load();
    if (this.scope?.mayChange !== true) return;
    void this.countRange();
    if (this.replay?.state === "running") this.expected = await this.counted(this.replay.range).catch(() => undefined);
  }

  /** Reads how the replay stands, again and again until it has ended. */
  private async load(): Promise<void> {
    try {
      this.replay = await this.client.json<Replay>(this.path, { signal: this.signal });
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status !== 404) throw error;
      this.replay = null;
    }
    this.follow();
  }

  private follow(): void {
    clearTimeout(this.#following);
    if (this.replay?.state !== "running" || this.signal.aborted) return;
    // A request that fails in between is made up for by the next one.
    this.#following = setTimeout(() => void this.load().catch(() => this.follow()), followMs);
  }

  private async counted(range: ReplayRange): Promise<number> {
    const body = { ...range, dry_run: true };
    return (await this.client.json<{ events: number }>(this.path, { method: "POST", body, signal: this.signal }))
      .events;
  }

  private async countRange(): Promise<void> {
    const asked = ++this.#asked;
    this.count = undefined;
    this.countProblem = undefined;
    if (mistakeOf(this.form) !== undefined) return;
    try {
      const count = await this.counted(rangeOf(this.form));
      if (asked === this.#asked) this.count = count;
    } catch (error) {
      if (asked === this.#asked && !this.signal.aborted) this.countProblem = this.problemFrom(error);
    }
  }

  private change(form: ReplayForm): void {
    this.form = form;
    this.count = undefined;
    this.#asked++;
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.countRange(), pauseMs);
  }

  private async act(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.actProblem = undefined;
    try {
      await work();
    } catch (error) {
      if (this.signal.aborted) return;
      this.actProblem = this.problemFrom(error);
      // Somebody else may have begun one, or ended it.
      await this.load().catch(() => undefined);
    } finally {
      this.busy = false;
    }
    this.follow();
  }

  private start(event: Event): void {
    event.preventDefault();
    const { form, count } = this;
    if (mistakeOf(form) !== undefined) return void this.focusOn('[aria-invalid="true"]');
    if (count === undefined || count === 0) return;
    void this.act(async () => {
      const request = { method: "POST", body: rangeOf(form), signal: this.signal };
      this.replay = await this.client.json<Replay>(this.path, request);
      this.expected = count;
    });
  }

  private cancel(): void {
    void this.act(async () => {
      this.replay = await this.client.json<Replay>(this.path, { method: "DELETE", signal: this.signal });
    });
  }

  protected override render(): TemplateResult {
    const { language, problem, replay, stream } = this;
    if (problem) return problemNotice(problem, language, () => this.restart());
    const running = replay?.state === "running";
    const keeps = stream.sink === "s3" || stream.sink === "file";
    return html`<div class="stack" lang=${language.tag}>
      <p class="muted">${language.text(keeps ? "replay_lead_objects" : "replay_lead_events")}</p>
      ${this.actProblem ? problemNotice(this.actProblem, language) : nothing}
      ${this.scope?.mayChange === true && replay !== undefined && !running ? this.rangeForm() : nothing}
      ${replay === null && this.scope?.mayChange !== true ? html`<p class="muted">${language.text("replay_none")}</p>` : nothing}
      ${replay ? this.latest(replay) : nothing}
    </div>`;
  }

  private rangeForm(): TemplateResult {
    const { language, form, count, countProblem, busy, stream } = this;
    const mistake = mistakeOf(form);
    const filtered = (stream.filter?.include ?? stream.filter?.exclude) !== undefined;
    return html`<form class="stack" novalidate @submit=${(event: Event) => this.start(event)}>
      ${rangeView({ form, language, mistake, change: (next) => this.change(next) })}
      ${countProblem ? problemNotice(countProblem, language, () => void this.countRange()) : nothing}
      <div class="row">
        <button
          class="button primary"
          type="submit"
          aria-disabled=${busy || (mistake === undefined && (count ?? 0) === 0) ? "true" : nothing}
          aria-describedby="count"
        >
          ${language.text("replay_start")}
        </button>
        <span role="status" id="count" class="muted">
          ${
            count !== undefined
              ? `${language.counted("replay_count", count)} ${filtered ? language.text("replay_filtered") : ""}`
              : mistake === undefined && countProblem === undefined
                ? language.text("replay_counting")
                : ""
          }
        </span>
      </div>
    </form>`;
  }

  private latest(replay: Replay): TemplateResult {
    const { language, busy, stream } = this;
    const running = replay.state === "running";
    const { state } = stream.health;
    const title = html`<h4>${language.text("replay_latest")}</h4>`;
    return html`<section class=${running ? "stack" : "stack latest"}>
      ${running ? nothing : title} ${replayView(replay, this.expected, language)}
      ${
        running && (state === "paused" || inTrouble(state))
          ? notice("idle", html`<p>${language.text("replay_waits")}</p>`)
          : nothing
      }
      ${
        running && this.mayStop && this.scope?.mayChange === true
          ? html`<div>
              <button
                class="button"
                type="button"
                aria-disabled=${busy ? "true" : nothing}
                @click=${() => this.cancel()}
              >
                ${language.text("replay_cancel")}
              </button>
            </div>`
          : nothing
      }
    </section>`;
  }
}
