import { html, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { LogEvent, Preview, PreviewedEvent } from "../rest/wire.ts";
import { badge, skeleton } from "../parts/pieces.ts";
import type { Language } from "../strings/language.ts";
import { lineChanges } from "./line-changes.ts";
import { prettyJson } from "./pretty-json.ts";

/** What becomes of an event. */
type Fate = "left_out" | "as_is" | "changed";

/** The last events before and after. With `comparable` both sides are of one form, and what differs is marked. */
export function previewView(
  { events }: Pick<Preview, "events">,
  { comparable, language }: { readonly comparable: boolean; readonly language: Language },
): TemplateResult {
  if (events.length === 0) return html`<p class="muted">${language.text("shape_preview_none")}</p>`;
  const firstChanged = events.findIndex((event) => fateOf(event) === "changed");
  return html`<ul class="events">
    ${repeat(
      events,
      ({ sequence }) => sequence,
      (event, i) =>
        html`<li>
          <details ?open=${i === firstChanged}>
            <summary>${headline(event, language)}</summary>
            ${sides(event, comparable, language)}
          </details>
        </li>`,
    )}
  </ul>`;
}

/** In one sentence, for those who hear it as well. */
export function previewVerdict(events: readonly PreviewedEvent[], language: Language): string {
  if (events.length === 0) return "";
  const left = events.filter(({ after }) => after === undefined).length;
  const all = language.number(events.length);
  return left === 0
    ? language.text("shape_preview_all", { all })
    : language.counted("shape_preview_left", left, { all });
}

/** Shapes of what comes. */
export function previewSkeleton(language: Language): TemplateResult {
  return skeleton(4, language);
}

function fateOf({ before, after }: PreviewedEvent): Fate {
  return after === undefined ? "left_out" : after === before ? "as_is" : "changed";
}

function headline(event: PreviewedEvent, language: Language): TemplateResult {
  const { action } = JSON.parse(event.before) as LogEvent;
  const fate = fateOf(event);
  const looks = { left_out: ["idle", "skip"], as_is: ["ok", "check"], changed: ["accent", "dashed"] } as const;
  const [tone, drawing] = looks[fate];
  return html`<span class="muted mono">${event.sequence}</span>
    <span class="break mono ${fate === "left_out" ? "muted" : ""}">${action}</span>
    ${badge(tone, drawing, language.text(`shape_${fate}`))}`;
}

function sides(event: PreviewedEvent, comparable: boolean, language: Language): TemplateResult {
  const { sequence, before, after } = event;
  const block = (name: "before" | "after" | "difference", text: unknown): TemplateResult =>
    html`<p class="label" id="${name}-${sequence}">${language.text(`shape_${name}`)}</p>
      <pre class="content" tabindex="0" aria-labelledby="${name}-${sequence}"><code>${text}</code></pre>`;
  const fate = fateOf(event);
  return html`<div class="sides">
    ${
      after === undefined || fate === "as_is"
        ? block("before", prettyJson(before))
        : comparable
          ? block("difference", difference(prettyJson(before), prettyJson(after)))
          : html`${block("before", prettyJson(before))}${block("after", prettyJson(after))}`
    }
  </div>`;
}

function difference(before: string, after: string): readonly TemplateResult[] {
  return lineChanges(before.split("\n"), after.split("\n"), 2).map(({ kind, text }) => {
    const line = kind === "gone" ? html`<del>${text}</del>` : kind === "come" ? html`<ins>${text}</ins>` : text;
    return html`${line}${"\n"}`;
  });
}
