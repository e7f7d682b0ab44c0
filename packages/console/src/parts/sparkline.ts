import { css, html, svg, type CSSResult, type TemplateResult } from "lit";

const width = 120;
const height = 28;
const gap = 1;

/** Bars, one per value, the oldest first. `label` says in words what they show. */
export function sparkline(values: readonly number[], label: string): TemplateResult {
  const most = Math.max(1, ...values);
  const step = width / Math.max(1, values.length);
  return html`<svg
    class="sparkline"
    viewBox="0 0 ${width} ${height}"
    preserveAspectRatio="none"
    role="img"
    aria-label=${label}
  >
    <title>${label}</title>
    ${values.map((value, i) => {
      // An hour with a single event must not look like one with none.
      const tall = value === 0 ? 1.5 : Math.max(3, (value / most) * height);
      return svg`<rect class=${value === 0 ? "none" : "some"} x=${(i * step).toFixed(2)} y=${(height - tall).toFixed(2)} width=${(step - gap).toFixed(2)} height=${tall.toFixed(2)} rx="1" />`;
    })}
  </svg>`;
}

/** The sparkline's colours. */
export const sparklineStyles: CSSResult = css`
  .sparkline {
    inline-size: 100%;
    max-inline-size: 140px;
    block-size: 28px;
  }
  .sparkline .some {
    fill: var(--_accent);
  }
  .sparkline .none {
    fill: var(--_line);
  }
  .tall {
    min-block-size: 3.5rem;
    border-radius: var(--_radius);
  }
`;
