import { css, html, nothing, svg, type CSSResult, type TemplateResult } from "lit";
import type { Delivery } from "../rest/wire.ts";
import type { Language } from "../strings/language.ts";

const hourMs = 3_600_000;
const hours = 24;
const width = 720;
const height = 120;
const left = 4;
const bottom = 2;
const top = 18;

/** Bars of delivered events per hour, and above them a mark per hour with failed requests: gaps and their end are seen. */
export function deliveryChart(
  activity: readonly number[],
  deliveries: readonly Delivery[],
  now: number,
  language: Language,
): TemplateResult {
  const present = Math.floor(now / hourMs) * hourMs;
  const begin = present - (hours - 1) * hourMs;
  const failed = Array.from({ length: hours }, () => 0);
  for (const { at, status } of deliveries) {
    const hour = Math.floor((Date.parse(at) - begin) / hourMs);
    if (status !== "delivered" && status !== "split" && hour in failed) failed[hour] = (failed[hour] ?? 0) + 1;
  }
  const most = Math.max(0, ...activity);
  const total = activity.reduce((sum, one) => sum + one, 0);
  const failures = failed.reduce((sum, one) => sum + one, 0);
  const step = (width - left) / hours;
  const tall = height - top - bottom;
  const title = language.text("chart_title");
  const summary = language.text("chart_summary", {
    total: language.counted("events", total),
    most: language.number(most),
    failed: language.number(failures),
  });
  return html`<figure>
    <figcaption>
      <div>
        <h3>${title}</h3>
        <p class="muted small">${summary}</p>
      </div>
      <div class="legend small muted" aria-hidden="true">
        <span
          ><svg width="10" height="10"><rect class="bar" width="10" height="10" rx="2" /></svg
          >${language.text("chart_delivered")}</span
        >
        ${
          failures > 0
            ? html`<span
                ><svg width="10" height="10" viewBox="0 0 10 10"><path class="mark" d="M2 2l6 6M8 2l-6 6" /></svg
                >${language.text("chart_failed")}</span
              >`
            : nothing
        }
      </div>
    </figcaption>
    <p class="most small muted" aria-hidden="true">${most > 0 ? language.short(most) : ""}</p>
    <svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}. ${summary}">
      ${[0, 0.5, 1].map((share) => {
        const y = top + tall * (1 - share);
        return svg`<line class="grid" x1="0" x2=${width} y1=${y} y2=${y} />`;
      })}
      ${activity.map((value, i) => {
        const x = left + i * step;
        const bar = value === 0 ? 0 : Math.max(3, (value / Math.max(1, most)) * tall);
        const misses = failed[i] ?? 0;
        const label = `${language.clock(begin + i * hourMs, now)}: ${language.counted("events", value)}`;
        return svg`<g><title>${label}</title>
          <rect class="slot" x=${x} y=${top} width=${step} height=${tall} />
          <rect class="bar" x=${x + 2} y=${top + tall - bar} width=${step - 5} height=${bar} rx="2" />
          ${misses > 0 ? svg`<path class="mark" d="M${x + step / 2 - 6} 8l8 8m0 -8l-8 8" />` : nothing}
        </g>`;
      })}
    </svg>
    <div class="hours small muted" aria-hidden="true">
      ${[5, 11, 17, 23].map((i) => html`<span>${language.clock(begin + i * hourMs, begin + i * hourMs)}</span>`)}
    </div>
  </figure>`;
}

/** The chart's colours. */
export const chartStyles: CSSResult = css`
  figcaption {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: calc(var(--_space) * 2) calc(var(--_space) * 6);
    margin-block-end: calc(var(--_space) * 3);
  }
  .legend,
  .legend span {
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 1.5);
  }
  .legend {
    gap: calc(var(--_space) * 4);
  }
  .chart {
    inline-size: 100%;
    block-size: auto;
    overflow: visible;
  }
  .chart .grid {
    stroke: var(--_line);
    vector-effect: non-scaling-stroke;
  }
  .chart .slot {
    fill: transparent;
  }
  .chart g:hover .slot {
    fill: var(--_idle-soft);
  }
  .bar {
    fill: var(--_accent);
  }
  .mark {
    fill: none;
    stroke: var(--_bad);
    stroke-width: 2;
    stroke-linecap: round;
  }
  .most {
    min-block-size: 1lh;
  }
  .hours {
    display: grid;
    grid-template-columns: repeat(4, minmax(0, 1fr));
    text-align: end;
  }
`;
