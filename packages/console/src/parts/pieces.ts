import { html, nothing, type TemplateResult } from "lit";
import type { ApiProblem } from "../rest/problem.ts";
import type { Stream, StreamState } from "../rest/wire.ts";
import type { Language } from "../strings/language.ts";
import { foreign } from "./foreign.ts";
import { type Icon, icon } from "./icons.ts";

/** How something is meant: colours go by it. */
export type Tone = "ok" | "warn" | "bad" | "idle" | "accent";

const states: Readonly<Record<StreamState, readonly [Tone, Icon]>> = {
  active: ["ok", "check"],
  degraded: ["warn", "warning"],
  disconnected: ["bad", "unplugged"],
  blocked: ["bad", "blocked"],
  paused: ["idle", "pause"],
  unverified: ["idle", "dashed"],
};

/** The colour of a state. */
export function toneOf(state: StreamState): Tone {
  return states[state][0];
}

/** A word in a pill, with a shape of its own. */
export function badge(tone: Tone, drawing: Icon, text: string): TemplateResult {
  return html`<span class="badge tone-${tone}">${icon(drawing, 12)}${text}</span>`;
}

/** A stream's state: colour, shape and word say the same. */
export function stateBadge(state: StreamState, language: Language): TemplateResult {
  const [tone, drawing] = states[state];
  return badge(tone, drawing, language.text(`state_${state}`));
}

/** What people call a stream. */
export function nameOf(stream: Pick<Stream, "id" | "name">): string {
  return stream.name ?? stream.id;
}

/** What people call a kind of destination. */
export function sinkTitle(type: string): string {
  return { s3: "Amazon S3", splunk: "Splunk", datadog: "Datadog", file: "File" }[type] ?? type;
}

/** The drawing of a kind of destination. */
export function sinkIcon(type: string): Icon {
  const drawings: Readonly<Record<string, Icon>> = { s3: "bucket", splunk: "splunk", datadog: "datadog" };
  return drawings[type] ?? "plug";
}

/** A time as distance from now; the exact one as its title. */
export function ago(at: string, now: number, language: Language): TemplateResult {
  const instant = Date.parse(at);
  return html`<time datetime=${at} title=${language.absolute(instant)}>${language.relative(instant, now)}</time>`;
}

/** A time as clocks show it; the exact one as its title. */
export function moment(at: string, now: number, language: Language, seconds = false): TemplateResult {
  const instant = Date.parse(at);
  return html`<time datetime=${at} title=${language.absolute(instant)}>${language.clock(instant, now, seconds)}</time>`;
}

/** A time in full. */
export function exact(at: string, language: Language): TemplateResult {
  return html`<time datetime=${at}>${language.absolute(Date.parse(at))}</time>`;
}

/** A message that stands out. `role` is `alert` for what must be heard at once. */
export function notice(
  tone: Tone,
  body: unknown,
  extras: { readonly action?: unknown; readonly role?: "alert" | "status"; readonly drawing?: Icon } = {},
): TemplateResult {
  const drawings = { ok: "check", warn: "warning", bad: "warning", idle: "info", accent: "info" } as const;
  return html`<div class="notice tone-${tone}" role=${extras.role ?? nothing}>
    ${icon(extras.drawing ?? drawings[tone], 18)}
    <div class="body">${body}</div>
    ${extras.action ?? nothing}
  </div>`;
}

/** What to say of a problem: the API's words, or the console's where the API has said nothing. */
function wordsOf(
  { code, status, message, hint }: ApiProblem,
  language: Language,
): { readonly message: unknown; readonly hint: unknown } {
  if (code === "unreachable") return { message: language.text(code), hint: language.text("unreachable_hint") };
  // A verification that broke off: the console has said so itself, in the reader's language.
  if (code === "broken") return { message, hint };
  if (code !== "not_api")
    return { message: foreign(message, language), hint: hint === undefined ? undefined : foreign(hint, language) };
  const said = status === 0 ? language.text(code) : language.text("not_api_status", { status: String(status) });
  return { message: said, hint: language.text("not_api_hint") };
}

/** A failed request: what, what to do, and a way to try again. */
export function problemNotice(problem: ApiProblem, language: Language, retry?: () => void): TemplateResult {
  const { message, hint } = wordsOf(problem, language);
  return notice(
    "bad",
    html`<p class="strong">${message}</p>
      ${hint === undefined ? nothing : html`<p>${hint}</p>`}
      ${
        problem.requestId === undefined
          ? nothing
          : html`<p class="small mono">${language.text("request_id", { id: problem.requestId })}</p>`
      }`,
    {
      role: "alert",
      action:
        retry && html`<button class="button little" type="button" @click=${retry}>${language.text("retry")}</button>`,
    },
  );
}

/** Grey shapes where something will stand; said once to screen readers. */
export function skeleton(rows: number, language: Language): TemplateResult {
  return html`<div class="stack" role="status" aria-busy="true">
    <span class="hidden">${language.text("loading")}</span>
    ${Array.from({ length: rows }, () => html`<span class="skeleton tall" aria-hidden="true"></span>`)}
  </div>`;
}

/** How old the oldest pending event is, in ms; 0 where nothing is pending. */
export function lagOf(stream: Stream, now: number): number {
  return stream.oldest_pending_at === undefined ? 0 : Math.max(0, now - Date.parse(stream.oldest_pending_at));
}

/** Whether a stream needs somebody. */
export function inTrouble(state: StreamState): boolean {
  return state === "degraded" || state === "disconnected" || state === "blocked";
}
