import { html, nothing, type CSSResultGroup, type PropertyDeclarations, type TemplateResult } from "lit";
import type { ApiProblem } from "../rest/problem.ts";
import type { Preview, Shape } from "../rest/wire.ts";
import { HeadgateElement } from "../parts/headgate-element.ts";
import { notice, problemNotice } from "../parts/pieces.ts";
import type { Phrase } from "../strings/phrase.ts";
import { type EntriesView, entriesView, mistakeView } from "./entries-view.ts";
import { previewSkeleton, previewVerdict, previewView } from "./preview-view.ts";
import { controlAt, controlId, emptyEntry, formOf, type ListName, type ShapeForm, shapeOf } from "./shape-form.ts";
import { shapeStyles } from "./shape-styles.ts";
import { suggestionsOf } from "./suggestions.ts";

/** The preview follows what is typed after this pause. */
const pauseMs = 350;

/** What a stream sends: filter, privacy rules, format, beside what they make of the last events. Part of `<headgate-connect>`. */
export class HeadgateShape extends HeadgateElement {
  static override properties: PropertyDeclarations = {
    shape: { attribute: false },
    refusal: { attribute: false },
    changed: { attribute: false },
    form: { state: true },
    preview: { state: true },
    updating: { state: true },
    refused: { state: true },
  };
  static override styles: CSSResultGroup = [HeadgateElement.styles, shapeStyles];

  /** What the stream sends now. */
  declare shape: Shape;
  /** Why it could not be saved. */
  declare refusal: ApiProblem | undefined;
  /** Is told all of it whenever something of it is changed. */
  declare changed: (shape: Shape) => void;
  declare private form: ShapeForm;
  declare private preview: Preview | undefined;
  declare private updating: boolean;
  /** Why there is no preview. */
  declare private refused: ApiProblem | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  #asked = 0;
  /** The refusal that something has been changed after. */
  #answered: ApiProblem | undefined;

  constructor() {
    super();
    this.shape = {};
    this.form = formOf({});
    this.updating = false;
  }

  protected override get decisive(): readonly string[] {
    return [...super.decisive, "shape"];
  }

  protected override async begin(signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => clearTimeout(this.#typing), { once: true });
    this.form = formOf(this.shape);
    await this.look();
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    super.updated(changed);
    if (changed.has("refusal") && this.mistakes().size > 0) void this.focusOn('[aria-invalid="true"]');
  }

  private async look(): Promise<void> {
    const asked = ++this.#asked;
    this.updating = true;
    try {
      const request = { method: "POST", body: shapeOf(this.form), signal: this.signal };
      const preview = await this.client.json<Preview>("/streams/preview", request);
      if (asked !== this.#asked) return;
      this.preview = preview;
      this.refused = undefined;
    } catch (error) {
      if (asked === this.#asked && !this.signal.aborted) this.refused = this.problemFrom(error);
    } finally {
      if (asked === this.#asked) this.updating = false;
    }
  }

  private take(form: ShapeForm): void {
    this.form = form;
    this.#answered = this.refusal;
    this.changed(shapeOf(form));
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.look(), pauseMs);
  }

  private changeEntry(list: ListName, index: number, member: string, value: string): void {
    const entries = this.form[list].map((entry, i) => (i === index ? { ...entry, [member]: value } : entry));
    this.take({ ...this.form, [list]: entries });
  }

  private addEntry(list: ListName): void {
    const index = this.form[list].length;
    this.take({ ...this.form, [list]: [...this.form[list], emptyEntry[list]] });
    void this.focusOn(`#${controlId(list, index, list === "privacy" ? "path" : "action")}`);
  }

  private removeEntry(list: ListName, index: number): void {
    this.take({ ...this.form, [list]: this.form[list].filter((_, i) => i !== index) });
    void this.focusOn(`#${list}-add`);
  }

  /** Mistakes by the controls that they are about. */
  private mistakes(): ReadonlyMap<string, readonly Phrase[]> {
    const found = new Map<string, readonly Phrase[]>();
    const refusal = this.refusal === this.#answered ? undefined : this.refusal;
    for (const problem of [this.refused, refusal])
      for (const { path, message } of problem?.problems ?? []) {
        const id = controlAt(this.form, path);
        const hint = problem?.hint === undefined ? [] : [{ text: ". " }, ...this.language.foreign(problem.hint)];
        if (id !== undefined) found.set(id, [...this.language.foreign(message), ...hint]);
      }
    return found;
  }

  protected override render(): TemplateResult {
    const { language, problem, form, preview } = this;
    if (problem) return problemNotice(problem, language, () => this.restart());
    const known = suggestionsOf(preview?.events ?? []);
    const mistakes = this.mistakes();
    const view: EntriesView = {
      form,
      language,
      mistakes,
      change: (list, index, member, value) => this.changeEntry(list, index, member, value),
      add: (list) => this.addEntry(list),
      remove: (list, index) => this.removeEntry(list, index),
    };
    return html`<div class="stack" lang=${language.tag}>
      <p class="muted">${language.text("shape_lead")}</p>
      <div class="halves">
        <div class="lists">
          ${entriesView("include", view)} ${entriesView("exclude", view)} ${entriesView("privacy", view)}
          ${this.formatField(view)}
        </div>
        ${this.previewPart(mistakes.size > 0)}
      </div>
      ${Object.entries(known).map(
        ([name, values]: [string, readonly string[]]) =>
          html`<datalist id="known-${name}">
            ${values.map((value) => html`<option value=${value}></option>`)}
          </datalist>`,
      )}
    </div>`;
  }

  private formatField(view: EntriesView): TemplateResult {
    const { language, form, preview } = this;
    const formats = preview?.formats ?? [{ name: form.format, title: form.format }];
    const wrong = view.mistakes.has("format");
    return html`<div class="field">
      <label for="format">${language.text("shape_format")}</label>
      <select
        id="format"
        class="input"
        aria-invalid=${wrong ? "true" : nothing}
        aria-describedby=${wrong ? "format-mistake" : nothing}
        @change=${(event: Event) => this.take({ ...form, format: (event.target as HTMLSelectElement).value })}
      >
        ${formats.map(
          ({ name, title }) =>
            html`<option value=${name} .selected=${name === form.format}>
              ${name === "native" ? language.text("shape_native") : title}
            </option>`,
        )}
      </select>
      ${mistakeView("format", view)}
    </div>`;
  }

  private previewPart(placed: boolean): TemplateResult {
    const { language, preview, refused, form, updating } = this;
    return html`<section class="stack" aria-labelledby="preview-title">
      <div class="row between">
        <h4 id="preview-title">${language.text("shape_preview")}</h4>
        <span class="muted small" role="status">
          ${updating && preview ? language.text("setup_updating") : refused ? "" : previewVerdict(preview?.events ?? [], language)}
        </span>
      </div>
      ${
        refused === undefined
          ? html`<p class="help">${language.text("shape_preview_lead")}</p>`
          : placed
            ? notice("idle", html`<p>${language.text("shape_preview_waits")}</p>`)
            : problemNotice(refused, language, () => void this.look())
      }
      ${
        preview === undefined
          ? refused === undefined
            ? previewSkeleton(language)
            : nothing
          : previewView(preview, { comparable: form.format === "native", language })
      }
    </section>`;
  }
}
