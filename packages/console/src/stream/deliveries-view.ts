import { html, nothing, type TemplateResult } from "lit";
import { repeat } from "lit/directives/repeat.js";
import type { Delivery } from "../rest/wire.ts";
import type { Icon } from "../parts/icons.ts";
import { foreign } from "../parts/foreign.ts";
import { badge, moment, skeleton, type Tone } from "../parts/pieces.ts";
import type { Language } from "../strings/language.ts";

const results: Readonly<Record<Delivery["status"], readonly [Tone, Icon]>> = {
  delivered: ["ok", "check"],
  split: ["idle", "skip"],
  rejected: ["warn", "warning"],
  retry: ["warn", "warning"],
  blocked: ["bad", "blocked"],
};

/** The requests to the destination, the newest first. */
export function deliveriesView(
  deliveries: readonly Delivery[] | undefined,
  context: {
    readonly now: number;
    readonly language: Language;
    readonly more: string | undefined;
    readonly busy: boolean;
    readonly load: () => void;
  },
): TemplateResult {
  const { language, more, busy, load } = context;
  if (deliveries === undefined) return skeleton(3, language);
  if (deliveries.length === 0) return html`<p class="muted">${language.text("deliveries_empty")}</p>`;
  const columns = [
    ["delivery_time", ""],
    ["delivery_result", ""],
    ["delivery_events", "figure"],
    ["delivery_size", "figure"],
    ["delivery_ms", "figure"],
    ["delivery_age", "figure"],
    ["delivery_receipt", "wide"],
  ] as const;
  return html`
    <div class="scroll">
      <table role="table" aria-label=${language.text("tab_deliveries")}>
        <thead role="rowgroup">
          <tr role="row">
            ${columns.map(([name, kind]) => html`<th role="columnheader" scope="col" class=${kind}>${language.text(name)}</th>`)}
          </tr>
        </thead>
        <tbody role="rowgroup">
          ${repeat(
            foldedAttempts(deliveries),
            ({ last }) => last.number,
            (attempts) => deliveryRow(attempts, context.now, language),
          )}
        </tbody>
      </table>
    </div>
    ${
      more === undefined
        ? nothing
        : html`<div class="load">
            <button class="button" type="button" aria-disabled=${busy ? "true" : nothing} @click=${load}>
              ${language.text("more")}
            </button>
          </div>`
    }
  `;
}

/** Requests that are shown as one, and how they ended. */
interface Attempts {
  readonly last: Delivery;
  readonly first: Delivery;
  readonly count: number;
}

/** Attempts at the same events that failed in the same way, one after the other, tell no more than their number: an outage is one row. */
export function foldedAttempts(deliveries: readonly Delivery[]): readonly Attempts[] {
  const folded: Attempts[] = [];
  const sameAs = (delivery: Delivery): string =>
    JSON.stringify([delivery.status, delivery.first_sequence, delivery.error?.code, delivery.error?.message]);
  for (const delivery of deliveries) {
    const before = folded.at(-1);
    const again = delivery.error !== undefined && before !== undefined && sameAs(before.last) === sameAs(delivery);
    if (again) folded[folded.length - 1] = { ...before, first: delivery, count: before.count + 1 };
    else folded.push({ last: delivery, first: delivery, count: 1 });
  }
  return folded;
}

function deliveryRow({ last: delivery, first, count }: Attempts, now: number, language: Language): TemplateResult {
  const { status, attempt, error, receipt } = delivery;
  const [tone, drawing] = results[status];
  const caption = (name: "events" | "size" | "ms" | "age"): TemplateResult =>
    html`<span class="caption" aria-hidden="true">${language.text(`delivery_${name}`)}</span>`;
  // The roles are said, since on a phone the rows are laid out as blocks, which would take them away.
  return html`<tr role="row">
    <td role="cell" class="nowrap">${moment(delivery.at, now, language, true)}</td>
    <td role="cell">
      ${badge(tone, drawing, language.text(`delivery_${status}`))}
      ${count > 1 ? html`<span class="muted small block">${language.text("delivery_attempts", { count: language.number(count), since: language.clock(Date.parse(first.at), now, true) })}</span>` : attempt > 1 ? html`<span class="muted small nowrap">${language.text("delivery_attempt", { number: attempt })}</span>` : nothing}
    </td>
    <td role="cell" class="figure">
      ${caption("events")}${language.number(delivery.count)}
      <span class="muted small block nowrap mono">${delivery.first_sequence}–${delivery.last_sequence}</span>
    </td>
    <td role="cell" class="figure nowrap">${caption("size")}${language.bytes(delivery.bytes)}</td>
    <td role="cell" class="figure nowrap">${caption("ms")}${language.duration(delivery.ms)}</td>
    <td role="cell" class="figure nowrap">${caption("age")}${language.duration(delivery.age_seconds * 1000)}</td>
    <td role="cell" class="wide">
      ${
        error
          ? html`<span class="small">${foreign(error.message, language)}</span>${
                error.hint === undefined
                  ? nothing
                  : html` <span class="small muted">${foreign(error.hint, language)}</span>`
              }`
          : receiptView(receipt ?? "")
      }
    </td>
  </tr>`;
}

/** A key's folders may be cut short; its name, in which objects differ, is not. Selecting copies it whole. */
function receiptView(receipt: string): TemplateResult {
  const cut = receipt.lastIndexOf("/") + 1;
  return html`<span class="receipt small mono" title=${receipt}
    ><span>${receipt.slice(0, cut)}</span><span>${receipt.slice(cut)}</span></span
  >`;
}
