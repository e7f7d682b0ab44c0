import { html, type CSSResultGroup, type PropertyDeclarations, type TemplateResult } from "lit";
import { listen } from "../rest/live.ts";
import { ApiProblem } from "../rest/problem.ts";
import type { Guide, SetupSink, Shape, Step, Stream } from "../rest/wire.ts";
import type { Phrase } from "../strings/phrase.ts";
import { HeadgateElement } from "../parts/headgate-element.ts";
import { nameOf, notice, problemNotice, sinkTitle, skeleton } from "../parts/pieces.ts";
import { readVerification, verificationStyles } from "../parts/verification.ts";
import { chooseView } from "./choose-view.ts";
import { connectStyles } from "./connect-styles.ts";
import { doneView } from "./done-view.ts";
import { keepDraft, keptDraft } from "./draft.ts";
import { type Field, type FormValues, groupsOf, mistakeIn, shownValues, withValue } from "./form-fields.ts";
import { fieldId, isFolded, type Mistakes, mistakeText } from "./form-view.ts";
import { mistakesOf } from "./mistakes.ts";
import { progressView } from "./progress-view.ts";
import { setupView } from "./setup-view.ts";
import { verifyView } from "./verify-view.ts";

/** Where somebody is on the way to a stream. */
export type ConnectStep = "choose" | "setup" | "verify" | "done";

/** A new stream sends everything as it is. */
const everything: Shape = {};

/** Artifacts follow what is typed after this pause. */
const pauseMs = 350;

/**
 * Connects a stream: destination, settings with what to do on one's own side, live verification, done. With `stream` it
 * changes that stream's settings.
 *
 * @fires headgate-connected - `{stream, organization}`: a stream was created or changed.
 * @fires headgate-open - `{stream, organization}`: somebody wants to look at it.
 * @fires headgate-cancelled - `{}`: somebody went back from the first step.
 *
 * @example
 * ```html
 * <headgate-connect api="/audit-log"></headgate-connect>
 * ```
 */
export class HeadgateConnect extends HeadgateElement {
  static override properties: PropertyDeclarations = {
    stream: { type: String },
    step: { state: true },
    sinks: { state: true },
    sink: { state: true },
    guide: { state: true },
    updating: { state: true },
    values: { state: true },
    mistakes: { state: true },
    revealed: { state: true },
    unfolded: { state: true },
    steps: { state: true },
    running: { state: true },
    ok: { state: true },
    busy: { state: true },
    stepProblem: { state: true },
    guideProblem: { state: true },
    edited: { state: true },
    made: { state: true },
    streamName: { state: true },
    from: { state: true },
    shape: { state: true },
  };
  static override styles: CSSResultGroup = [HeadgateElement.styles, verificationStyles, connectStyles];

  /** The stream to change. @default a new one is connected */
  declare stream: string | undefined;
  declare private step: ConnectStep;
  declare private sinks: readonly SetupSink[] | undefined;
  declare private sink: SetupSink | undefined;
  declare private guide: Guide | undefined;
  declare private updating: boolean;
  declare private values: FormValues;
  declare private mistakes: Mistakes;
  declare private revealed: ReadonlySet<string>;
  declare private unfolded: boolean;
  declare private steps: readonly Step[];
  declare private running: boolean;
  declare private ok: boolean | undefined;
  declare private busy: boolean;
  declare private stepProblem: ApiProblem | undefined;
  declare private guideProblem: ApiProblem | undefined;
  declare private edited: Stream | undefined;
  declare private made: Stream | undefined;
  declare private streamName: string;
  declare private from: "now" | "start";
  /** What it sends, where that was changed. */
  declare private shape: Shape | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  #verification: AbortController | undefined;

  constructor() {
    super();
    this.reset();
  }

  protected override get decisive(): readonly string[] {
    return [...super.decisive, "stream"];
  }

  private reset(): void {
    this.step = "choose";
    this.sinks = undefined;
    this.sink = undefined;
    this.guide = undefined;
    this.updating = false;
    this.values = {};
    this.mistakes = new Map();
    this.revealed = new Set();
    this.unfolded = false;
    this.steps = [];
    this.running = false;
    this.ok = undefined;
    this.busy = false;
    this.stepProblem = undefined;
    this.guideProblem = undefined;
    this.edited = undefined;
    this.made = undefined;
    this.streamName = "";
    this.from = "now";
    this.shape = undefined;
  }

  protected override async begin(signal: AbortSignal): Promise<void> {
    this.reset();
    signal.addEventListener(
      "abort",
      () => {
        clearTimeout(this.#typing);
        this.#verification?.abort();
      },
      { once: true },
    );
    const { sinks } = await this.client.json<{ sinks: readonly SetupSink[] }>("/setup", { signal });
    this.sinks = sinks;
    if (this.stream === undefined || this.stream === "") return this.takeUp();
    const edited = await this.client.json<Stream>(`/streams/${encodeURIComponent(this.stream)}`, { signal });
    this.edited = edited;
    this.streamName = edited.name ?? "";
    this.values = edited.options ?? {};
    const sink = sinks.find(({ type }) => type === edited.sink);
    if (sink && edited.options) this.choose(sink);
  }

  /** Where a draft is kept: whose API, and whose streams. */
  private get place(): string {
    return JSON.stringify([this.api, this.scope?.organization ?? ""]);
  }

  /** Goes on with what was typed before the page was left. */
  private takeUp(): void {
    const draft = keptDraft(this.place);
    const sink = this.sinks?.find(({ type }) => type === draft?.sink);
    if (draft === undefined || sink === undefined) return;
    this.choose(sink, draft.values);
  }

  private go(step: ConnectStep): void {
    this.step = step;
    this.stepProblem = undefined;
    void this.focusOn("[data-focus]");
  }

  private choose(sink: SetupSink, values: FormValues = {}): void {
    if (this.sink?.type !== sink.type && this.edited === undefined) this.values = values;
    this.sink = sink;
    this.guide = undefined;
    this.mistakes = new Map();
    this.go("setup");
    void this.updateGuide();
  }

  private async updateGuide(): Promise<void> {
    const { sink } = this;
    if (sink === undefined) return;
    const asked = ++this.#asked;
    this.updating = true;
    // The guide needs no secrets, so none are sent before they must.
    const options = shownValues(sink.schema, this.values, false);
    try {
      const path = `/setup/${encodeURIComponent(sink.type)}`;
      const body = { options, ...(this.edited && { stream: this.edited.id }) };
      const guide = await this.client.json<Guide>(path, { method: "POST", body, signal: this.signal });
      if (asked !== this.#asked) return;
      this.guide = guide;
      this.guideProblem = undefined;
    } catch (error) {
      if (asked !== this.#asked || this.signal.aborted) return;
      const problem = this.problemFrom(error);
      // What is half typed may be refused; the artifacts stay as they were.
      if (problem.status !== 400 || this.guide === undefined) this.guideProblem = problem;
    } finally {
      if (asked === this.#asked) this.updating = false;
    }
  }

  private change(field: Field, value: unknown): void {
    this.values = withValue(this.values, field.path, value);
    this.ok = undefined;
    if (this.mistakes.has(fieldId(field.path))) this.check(field);
    if (this.sink && this.edited === undefined)
      keepDraft({ place: this.place, sink: this.sink.type, values: shownValues(this.sink.schema, this.values, false) });
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.updateGuide(), pauseMs);
  }

  private check(field: Field): void {
    const id = fieldId(field.path);
    const mistake = mistakeIn(field, this.values, this.edited !== undefined);
    const { [id]: _former, ...others } = Object.fromEntries(this.mistakes);
    const text = mistake && mistakeText(field, mistake, this.language);
    this.mistakes = new Map(Object.entries(text === undefined ? others : { ...others, [id]: text }));
  }

  private leave(field: Field): void {
    // Somebody who only looks around is not told off for what is not there yet.
    if (mistakeIn(field, this.values, this.edited !== undefined) === "field_invalid") this.check(field);
  }

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const { sink, edited, busy } = this;
    if (sink === undefined || busy) return;
    const fields = groupsOf(sink.schema, this.values).flatMap((group) => group.fields);
    const found = fields.flatMap((field): [string, readonly Phrase[]][] => {
      const mistake = mistakeIn(field, this.values, edited !== undefined);
      return mistake ? [[fieldId(field.path), mistakeText(field, mistake, this.language)]] : [];
    });
    if (this.showMistakes(sink, new Map(found))) return;
    if (edited) await this.save(sink, edited);
    else {
      this.go("verify");
      await this.verify();
    }
  }

  private async save(sink: SetupSink, edited: Stream): Promise<void> {
    this.busy = true;
    this.stepProblem = undefined;
    try {
      const name = this.streamName.trim();
      const body = { options: shownValues(sink.schema, this.values), ...(name !== "" && { name }), ...this.shape };
      const path = `/streams/${encodeURIComponent(edited.id)}`;
      this.made = await this.client.json<Stream>(path, { method: "PATCH", body, signal: this.signal });
    } catch (error) {
      this.refused(error, sink);
      return;
    } finally {
      this.busy = false;
    }
    this.tell("headgate-connected", { stream: edited.id, organization: edited.organization });
    this.go("verify");
    await this.verify();
  }

  /** Shows mistakes at their fields, and goes to the first one. False where there are none. */
  private showMistakes({ schema }: SetupSink, found: Mistakes): boolean {
    this.mistakes = found;
    if ([...found.keys()].some((id) => isFolded({ schema, values: this.values }, id))) this.unfolded = true;
    if (found.size > 0) void this.focusOn('[aria-invalid="true"]');
    return found.size > 0;
  }

  /** A refusal that names fields is shown at them, any other one above. */
  private refused(error: unknown, sink: SetupSink): void {
    if (this.signal.aborted) return;
    const problem = this.problemFrom(error);
    const fields = groupsOf(sink.schema, this.values).flatMap((group) => group.fields);
    const found = mistakesOf(problem, fields, this.language);
    if (this.step !== "setup") this.step = "setup";
    this.stepProblem = problem;
    if (!this.showMistakes(sink, found)) void this.focusOn("[data-focus]");
  }

  private async verify(): Promise<void> {
    const { sink, edited } = this;
    if (sink === undefined) return;
    this.#verification?.abort();
    const verification = new AbortController();
    this.#verification = verification;
    const { signal } = verification;
    this.steps = [];
    this.ok = undefined;
    this.stepProblem = undefined;
    this.running = true;
    const path = edited
      ? `/streams/${encodeURIComponent(edited.id)}/verify`
      : `/setup/${encodeURIComponent(sink.type)}/verify`;
    const body = edited ? undefined : { options: shownValues(sink.schema, this.values) };
    try {
      const ok = await readVerification(
        this.client,
        path,
        body,
        signal,
        (step) => (this.steps = [...this.steps, step]),
      );
      if (signal.aborted) return;
      // The button that had the focus is gone with a success.
      const focused = (this.renderRoot as ShadowRoot).activeElement !== null;
      this.ok = ok;
      if (ok === true && focused) void this.focusOn("[data-details]");
      if (ok === undefined) this.stepProblem = new ApiProblem(0, "broken", this.language.text("verify_broken"));
      else if (edited && ok) await this.finish(edited.id);
    } catch (error) {
      if (signal.aborted) return;
      const problem = this.problemFrom(error);
      if (problem.status === 400 || problem.status === 422) this.refused(problem, sink);
      else this.stepProblem = problem;
    } finally {
      if (!signal.aborted) this.running = false;
    }
  }

  private back(): void {
    this.#verification?.abort();
    this.running = false;
    if (this.step === "verify") this.go("setup");
    else if (this.step === "setup" && this.edited === undefined) {
      keepDraft(undefined);
      this.go("choose");
    } else this.tell("headgate-cancelled", {});
  }

  private async create(event: Event): Promise<void> {
    event.preventDefault();
    const { sink } = this;
    if (sink === undefined || this.busy) return;
    this.busy = true;
    this.stepProblem = undefined;
    const name = this.streamName.trim();
    const options = shownValues(sink.schema, this.values);
    const body = { sink: sink.type, options, from: this.from, ...(name !== "" && { name }), ...this.shape };
    try {
      const made = await this.client.json<Stream>("/streams", { method: "POST", body, signal: this.signal });
      this.tell("headgate-connected", { stream: made.id, organization: made.organization });
      this.made = made;
      await this.finish(made.id);
    } catch (error) {
      if (!this.signal.aborted) this.stepProblem = this.problemFrom(error);
    } finally {
      this.busy = false;
    }
  }

  private async finish(id: string): Promise<void> {
    const path = `/streams/${encodeURIComponent(id)}`;
    this.made = await this.client.json<Stream>(path, { signal: this.signal });
    clearTimeout(this.#typing);
    // Secrets are held no longer than they are needed.
    this.values = {};
    keepDraft(undefined);
    this.go("done");
    const follow = (changed: readonly Stream[]): void => {
      const found = changed.find((stream) => stream.id === id);
      if (found) this.made = found;
    };
    listen(this.client, { streams: follow }, this.signal);
  }

  protected override render(): TemplateResult {
    const { language, problem, edited } = this;
    const title = edited ? language.text("edit_title", { name: nameOf(edited) }) : language.text("connect_title");
    return html`<div class="stack" lang=${language.tag}>
      <h2 tabindex="-1">${title}</h2>
      ${
        problem
          ? problemNotice(problem, language, () => this.restart())
          : this.scope?.mayChange === false
            ? notice("idle", html`<p>${language.text("read_only")}</p>`)
            : this.sinks === undefined
              ? skeleton(3, language)
              : html`${progressView(this.step, edited !== undefined, language)}${this.stepView(this.sinks)}`
      }
    </div>`;
  }

  private stepView(sinks: readonly SetupSink[]): TemplateResult {
    const { language, sink, edited } = this;
    if (sinks.length === 0) return notice("idle", html`<p>${language.text("choose_empty")}</p>`);
    if (edited?.declared === true) return notice("idle", html`<p>${language.text("declared_note")}</p>`);
    if (edited && edited.options === undefined) return notice("idle", html`<p>${language.text("choose_empty")}</p>`);
    if (sink === undefined || this.step === "choose")
      return chooseView(sinks, sink?.type, language, {
        choose: (one) => this.choose(one),
        cancel: () => this.back(),
      });
    const title = sink.title === "" ? sinkTitle(sink.type) : sink.title;
    if (this.step === "setup")
      return setupView({
        title,
        guide: this.guide,
        updating: this.updating,
        busy: this.busy,
        problem: this.stepProblem,
        guideProblem: this.guideProblem,
        updateGuide: () => void this.updateGuide(),
        name: edited && this.streamName,
        rename: (name) => (this.streamName = name),
        shape: edited && this.shapeView(edited),
        submit: (event) => void this.submit(event),
        back: () => this.back(),
        form: {
          schema: sink.schema,
          values: this.values,
          language,
          mistakes: this.mistakes,
          secretsKept: edited !== undefined,
          revealed: this.revealed,
          unfolded: this.unfolded,
          unfold: (open) => (this.unfolded = open),
          change: (field, value) => this.change(field, value),
          leave: (field) => this.leave(field),
          reveal: (id) => (this.revealed = this.revealed.symmetricDifference(new Set([id]))),
        },
      });
    if (this.step === "done" && this.made)
      return doneView(this.made, edited !== undefined, this.now, language, {
        open: ({ id, organization }) => this.tell("headgate-open", { stream: id, organization }),
        another: () => {
          this.stream = undefined;
          this.restart();
        },
      });
    return verifyView({
      language,
      steps: this.steps,
      running: this.running,
      ok: this.ok,
      busy: this.busy,
      problem: this.stepProblem,
      edited: edited !== undefined,
      name: this.streamName,
      suggestion: title,
      from: this.from,
      rename: (name) => (this.streamName = name),
      beginWith: (from) => (this.from = from),
      shape: this.shapeView(everything),
      again: () => this.running || void this.verify(),
      back: () => this.back(),
      create: (event) => void this.create(event),
    });
  }
  private shapeView(shape: Shape): TemplateResult {
    return html`<headgate-shape
      .api=${this.api}
      .organization=${this.scope?.organization}
      .token=${this.token}
      .fetch=${this.fetch}
      .locale=${this.locale}
      .theme=${this.theme}
      .shape=${shape}
      .refusal=${this.stepProblem}
      .changed=${(changed: Shape) => (this.shape = changed)}
    ></headgate-shape>`;
  }
}
