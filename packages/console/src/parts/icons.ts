import { svg, html, type TemplateResult } from "lit";

/** Name of a drawing. */
export type Icon =
  | "check"
  | "cross"
  | "warning"
  | "blocked"
  | "pause"
  | "dashed"
  | "unplugged"
  | "info"
  | "plus"
  | "back"
  | "copy"
  | "download"
  | "external"
  | "search"
  | "bucket"
  | "splunk"
  | "datadog"
  | "plug"
  | "skip"
  | "gate";

const drawings: Readonly<Record<Icon, TemplateResult>> = {
  check: svg`<path d="M3.5 8.5l3 3 6-7" />`,
  cross: svg`<path d="M4 4l8 8M12 4l-8 8" />`,
  warning: svg`<path d="M8 2.2L14.6 13.6H1.4z" /><path d="M8 6.5v3.2M8 11.6v.1" />`,
  blocked: svg`<circle cx="8" cy="8" r="6" /><path d="M3.9 3.9l8.2 8.2" />`,
  pause: svg`<path d="M5.5 3.5v9M10.5 3.5v9" />`,
  dashed: svg`<circle cx="8" cy="8" r="5.6" stroke-dasharray="2.6 2.2" />`,
  unplugged: svg`<path d="M2 14l3-3M14 2l-3 3M5 8l3 3-1.5 1.5a2.1 2.1 0 01-3-3zM11 8L8 5l1.5-1.5a2.1 2.1 0 013 3z" />`,
  info: svg`<circle cx="8" cy="8" r="6" /><path d="M8 7.5v3.6M8 4.9v.1" />`,
  plus: svg`<path d="M8 3v10M3 8h10" />`,
  back: svg`<path d="M9.5 3.5L5 8l4.5 4.5" />`,
  copy: svg`<rect x="5.5" y="5.5" width="8" height="8" rx="1.5" /><path d="M10.5 5.5V4A1.5 1.5 0 009 2.5H4A1.5 1.5 0 002.5 4v5A1.5 1.5 0 004 10.5h1.5" />`,
  download: svg`<path d="M8 2.5v8M4.8 7.4L8 10.6l3.2-3.2M2.5 13.5h11" />`,
  external: svg`<path d="M6 3.5H3.5v9h9V10M9 2.5h4.5V7M13 3L7.5 8.5" />`,
  search: svg`<circle cx="7" cy="7" r="4.5" /><path d="M10.4 10.4l3.4 3.4" />`,
  bucket: svg`<path d="M2.5 4l1.3 8.6c.1.7 1.9 1.4 4.2 1.4s4.1-.7 4.2-1.4L13.500 4" /><ellipse cx="8" cy="4" rx="5.5" ry="1.9" />`,
  splunk: svg`<path d="M4 3l8 4.6v.8L4 13" />`,
  datadog: svg`<path d="M2.500 12.500l3.500-5 2.500 3 5-7" /><path d="M2.500 2.500v11h11" />`,
  plug: svg`<path d="M6 2v3.500M10 2v3.500M4 5.500h8v2.500a4 4 0 01-8 0zM8 12v2.500" />`,
  skip: svg`<path d="M3.500 8h9" />`,
  gate: svg`<path d="M2.500 14V5.500L8 2l5.500 3.500V14M2.500 8h11M6 8v6M10 8v6" />`,
};

/** A drawing of 16 units, which says nothing to screen readers: text stands beside it, or a label on its button. */
export function icon(name: Icon, size = 16): TemplateResult {
  return html`<svg
    viewBox="0 0 16 16"
    width=${size}
    height=${size}
    fill="none"
    stroke="currentColor"
    stroke-width="1.6"
    stroke-linecap="round"
    stroke-linejoin="round"
    aria-hidden="true"
    focusable="false"
  >
    ${drawings[name]}
  </svg>`;
}
