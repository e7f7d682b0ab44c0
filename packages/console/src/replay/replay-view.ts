import { html, nothing, type TemplateResult } from "lit";
import type { Replay, ReplayRange } from "../rest/wire.ts";
import { badge, exact } from "../parts/pieces.ts";
import type { TextName } from "../strings/catalogue.ts";
import type { Language } from "../strings/language.ts";

const looks = { running: ["accent", "dashed"], done: ["ok", "check"], cancelled: ["idle", "cross"] } as const;
const reasons: ReadonlySet<string> = new Set(["trimmed", "settings", "unrecorded", "damaged", "changed"]);

/** How a replay stands. `expected` events are what its range held, where that is known. */
export function replayView(replay: Replay, expected: number | undefined, language: Language): TemplateResult {
  const { state, events, objects, refused, lost, requested_at: requested, ended_at: ended } = replay;
  const [tone, drawing] = looks[state];
  const figure = (name: TextName, value: number, bad = false): TemplateResult =>
    html`<div>
      <dt>${language.text(name)}</dt>
      <dd class=${bad ? "late" : ""}>${language.number(value)}</dd>
    </div>`;
  return html`<div class="stack tight">
    <div class="row" role="status">
      <span class="strong">${rangeText(replay.range, language)}</span>
      ${badge(tone, drawing, language.text(`replay_${state}`))}
    </div>
    ${
      state === "running"
        ? html`<progress
            aria-label=${language.text("replay_progress")}
            max=${expected ?? nothing}
            value=${expected === undefined ? nothing : Math.min(expected, events + refused + lost)}
          ></progress>`
        : nothing
    }
    <dl class="pairs">
      ${figure("replay_events", events)} ${objects > 0 ? figure("replay_objects", objects) : nothing}
      ${refused > 0 ? figure("replay_refused", refused, true) : nothing}
      ${lost > 0 ? figure("replay_lost", lost, true) : nothing}
    </dl>
    <p class="muted small">
      ${language.text("replay_requested")}
      ${exact(requested, language)}${
        ended === undefined ? nothing : html` · ${language.text("replay_ended")} ${exact(ended, language)}`
      }
    </p>
    ${lost > 0 ? lostView(replay, language) : nothing}
  </div>`;
}

/** A range in words. */
export function rangeText(range: ReplayRange, language: Language): string {
  const { first_sequence: first, last_sequence: last, from, to } = range;
  const [beginning, end] = [language.text("replay_beginning"), language.text("replay_end")];
  const parts: string[] = [];
  const clock = (at: string | undefined): string | undefined => at && language.absolute(Date.parse(at));
  const number = (value: number | undefined): string | undefined => value?.toString();
  if (first !== undefined || last !== undefined)
    parts.push(
      language.text("replay_range_sequences", { first: number(first) ?? beginning, last: number(last) ?? end }),
    );
  if (from !== undefined || to !== undefined)
    parts.push(language.text("replay_range_time", { from: clock(from) ?? beginning, to: clock(to) ?? end }));
  return parts.length === 0 ? language.text("replay_range_all") : parts.join(", ");
}

function lostView({ lost_ranges: ranges }: Replay, language: Language): TemplateResult {
  return html`<details>
    <summary>${language.text("replay_lost_title")}</summary>
    <ul class="lost">
      ${ranges.map(
        ({ first_sequence: first, last_sequence: last, reason }) =>
          html`<li>
            <span class="mono">${first === last ? first : `${first}–${last}`}</span>
            ${reasons.has(reason) ? language.text(`replay_reason_${reason}` as TextName) : reason}
          </li>`,
      )}
    </ul>
  </details>`;
}
