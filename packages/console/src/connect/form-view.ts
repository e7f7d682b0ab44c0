import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { JsonSchema } from "../rest/wire.ts";
import { foreign, marked } from "../parts/foreign.ts";
import { icon } from "../parts/icons.ts";
import { type Phrase, plain } from "../strings/phrase.ts";
import type { Language } from "../strings/language.ts";
import {
  type Field,
  type FieldGroup,
  type FormValues,
  groupsOf,
  mapOf,
  mapText,
  type Mistake,
  valueAt,
} from "./form-fields.ts";

/** Mistakes in words, by the id of the field that they are about. */
export type Mistakes = ReadonlyMap<string, readonly Phrase[]>;

/** What the form's view needs to know. */
export interface FormView {
  readonly schema: JsonSchema;
  readonly values: FormValues;
  readonly language: Language;
  readonly mistakes: Mistakes;
  /** An edit: secrets that are left empty stay as they are. */
  readonly secretsKept: boolean;
  readonly revealed: ReadonlySet<string>;
  /** Whether the options that are not needed are unfolded. */
  readonly unfolded: boolean;
  readonly change: (field: Field, value: unknown) => void;
  readonly leave: (field: Field) => void;
  readonly reveal: (id: string) => void;
  readonly unfold: (open: boolean) => void;
}

/** The id of a field's control. */
export function fieldId(path: readonly string[]): string {
  return `field-${path.join("-")}`;
}

/** What to tell of a mistake: with an example, where the schema has one. */
export function mistakeText(field: Field, mistake: Mistake, language: Language): readonly Phrase[] {
  return [{ text: ownWords(field, mistake, language) }];
}

function ownWords({ schema, kind }: Field, mistake: Mistake, language: Language): string {
  if (mistake === "field_required") return language.text("field_required");
  const { minimum, maximum } = schema;
  if (kind === "number" && minimum !== undefined && maximum !== undefined)
    return language.text("field_between", { least: String(minimum), most: String(maximum) });
  const example = kind === "map" ? mapText(schema.examples?.[0]) : shownText(schema.examples?.[0] ?? schema.default);
  return example === "" ? language.text("field_invalid") : language.text("field_like", { example });
}

/** Whether a field is among those that are folded away. */
export function isFolded({ schema, values }: Pick<FormView, "schema" | "values">, id: string): boolean {
  return groupsOf(schema, values).some(
    ({ prominent, fields }) => !prominent && fields.some(({ path }) => fieldId(path) === id),
  );
}

/** The schema's fields: what is needed first, the rest folded away. */
export function formFields(view: FormView): TemplateResult {
  const groups = groupsOf(view.schema, view.values);
  const rest = groups.filter(({ prominent }) => !prominent);
  return html`
    ${groups.filter(({ prominent }) => prominent).map((group) => groupView(group, view))}
    ${
      rest.length === 0
        ? nothing
        : html`<details
            class="more"
            ?open=${view.unfolded}
            @toggle=${(event: Event) => view.unfold((event.target as HTMLDetailsElement).open)}
          >
            <summary>${view.language.text("more_options")}</summary>
            <div class="stack">${rest.map((group) => groupView(group, view))}</div>
          </details>`
    }
  `;
}

function groupView({ title, description, fields }: FieldGroup, view: FormView): TemplateResult {
  const list = repeat(
    fields,
    ({ path }) => fieldId(path),
    (field) => fieldView(field, view),
  );
  if (title === undefined) return html`${list}`;
  return html`<fieldset class="stack group">
    <legend class="label">${foreign(title, view.language)}</legend>
    ${description === undefined ? nothing : html`<p class="help">${foreign(description, view.language)}</p>`}${list}
  </fieldset>`;
}

function fieldView(field: Field, view: FormView): TemplateResult {
  const { language, mistakes } = view;
  const id = fieldId(field.path);
  const mistake = mistakes.get(id);
  const help = helpOf(field, view);
  const described = [help === undefined ? "" : `${id}-help`, mistake === undefined ? "" : `${id}-mistake`]
    .join(" ")
    .trim();
  const below = html`
    ${help === undefined ? nothing : html`<p class="help" id="${id}-help">${marked(help)}</p>`}
    ${
      mistake === undefined
        ? nothing
        : html`<p class="mistake" id="${id}-mistake">${icon("warning", 14)}<span>${marked(mistake)}</span></p>`
    }
  `;
  if (field.kind === "boolean")
    return html`<div class="field">
      <div class="choice">
        ${control(field, id, described, view)}
        <label for=${id}>${foreign(field.title, language)}</label>
      </div>
      ${below}
    </div>`;
  return html`<div class="field">
    <label for=${id}
      >${foreign(field.title, language)}${
        field.required ? nothing : html` <span class="optional">(${language.text("optional")})</span>`
      }</label
    >
    ${control(field, id, described, view)}${below}
  </div>`;
}

function helpOf({ schema, kind }: Field, { language, secretsKept }: FormView): readonly Phrase[] | undefined {
  const more =
    kind === "list" || kind === "map"
      ? language.text(`${kind}_hint`)
      : kind === "secret" && secretsKept
        ? language.text("field_secret_kept")
        : "";
  const help = schema.description === undefined ? [] : language.foreign(schema.description);
  if (more === "") return help.length === 0 ? undefined : help;
  return [...help, { text: ` ${more}` }];
}

function control(field: Field, id: string, described: string, view: FormView): TemplateResult {
  const { values, language, mistakes, revealed } = view;
  const { kind, schema, required } = field;
  const value = valueAt(values, field.path);
  const invalid = mistakes.has(id) ? "true" : nothing;
  const text = (event: Event): string => (event.target as HTMLInputElement).value;
  const leave = (): void => view.leave(field);
  const by = described === "" ? nothing : described;
  switch (kind) {
    case "boolean":
      return html`<input
        id=${id}
        type="checkbox"
        aria-describedby=${by}
        .checked=${(value ?? schema.default) === true}
        @change=${(event: Event) => view.change(field, (event.target as HTMLInputElement).checked)}
      />`;
    case "choice": {
      const chosen = value ?? schema.default;
      const pick = (event: Event): void => view.change(field, field.choices[Number(text(event))]?.value);
      return html`<select id=${id} class="input" aria-describedby=${by} aria-invalid=${invalid} @change=${pick}>
        ${
          chosen === undefined || (!required && schema.default === undefined)
            ? html`<option value="" ?selected=${chosen === undefined}>${language.text("add_choice")}</option>`
            : nothing
        }
        ${field.choices.map(
          (choice, i) => html`<option value=${i} ?selected=${choice.value === chosen}>${choice.title}</option>`,
        )}
      </select>`;
    }
    case "list":
    case "map": {
      const lines = (event: Event): void => {
        if (kind === "map") return view.change(field, mapOf(text(event)));
        const list = text(event)
          .split("\n")
          .map((line) => line.trim())
          .filter((line) => line !== "");
        view.change(field, list.length === 0 ? undefined : list);
      };
      return html`<textarea
        id=${id}
        class="input"
        aria-describedby=${by}
        aria-invalid=${invalid}
        placeholder=${kind === "map" ? mapText(schema.examples?.[0]) : placeholder(schema)}
        .defaultValue=${Array.isArray(value) ? value.join("\n") : mapText(value)}
        @input=${lines}
        @blur=${leave}
      ></textarea>`;
    }
    case "text":
    case "secret":
    case "number": {
      const change = (event: Event): void => {
        const typed = text(event);
        // A pasted secret or name often brings a line end or a blank along.
        const given = kind === "number" ? Number(typed) : typed.trim();
        view.change(field, typed.trim() === "" ? undefined : given);
      };
      const shown = revealed.has(id);
      const input = html`<input
        id=${id}
        class="input ${kind === "text" ? "" : "mono"}"
        type=${kind === "secret" && !shown ? "password" : kind === "number" ? "number" : "text"}
        autocomplete=${kind === "secret" ? "new-password" : "off"}
        autocapitalize="off"
        spellcheck="false"
        aria-describedby=${by}
        aria-invalid=${invalid}
        aria-required=${required ? "true" : nothing}
        placeholder=${placeholder(schema)}
        .defaultValue=${shownText(value)}
        @input=${change}
        @blur=${leave}
      />`;
      if (kind !== "secret") return input;
      return html`<div class="secret">
        ${input}<button
          class="button"
          type="button"
          aria-label="${language.text(shown ? "hide_secret" : "show_secret")}: ${plain(language.foreign(field.title))}"
          @click=${() => view.reveal(id)}
        >
          ${language.text(shown ? "hide_secret" : "show_secret")}
        </button>
      </div>`;
    }
  }
}

function placeholder({ examples, default: usual }: JsonSchema): string {
  const example = usual ?? examples?.[0];
  return shownText(example);
}

function shownText(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}
