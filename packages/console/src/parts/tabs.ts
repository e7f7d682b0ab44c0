import { css, html, nothing, type CSSResult, type TemplateResult } from "lit";

/** One tab. */
export interface Tab {
  readonly id: string;
  /** What lit can draw. */
  readonly label: unknown;
  /** Shown beside the label where it is not 0. */
  readonly count?: number;
}

/** Tabs as the ARIA pattern has them: one stop for the tab key, arrows between them. Panels are `panel-<id>`. */
export function tabList(
  tabs: readonly Tab[],
  chosen: string,
  label: string,
  select: (id: string) => void,
): TemplateResult {
  const move = (event: KeyboardEvent): void => {
    const at = tabs.findIndex(({ id }) => id === chosen);
    const rtl = getComputedStyle(event.currentTarget as Element).direction === "rtl";
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: at + (rtl ? -1 : 1),
      ArrowLeft: at + (rtl ? 1 : -1),
      Home: 0,
      End: tabs.length - 1,
    };
    const to = steps[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    if (next === undefined) return;
    select(next.id);
    (event.currentTarget as Element).querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };
  return html`<div class="tabs" role="tablist" aria-label=${label} @keydown=${move}>
    ${tabs.map(
      ({ id, label: text, count }) =>
        html`<button
          type="button"
          role="tab"
          id="tab-${id}"
          data-tab=${id}
          aria-selected=${id === chosen ? "true" : "false"}
          aria-controls=${id === chosen ? `panel-${id}` : nothing}
          tabindex=${id === chosen ? 0 : -1}
          @click=${() => select(id)}
        >
          ${text}${count === undefined || count === 0 ? nothing : html`<span class="count">${count}</span>`}
        </button>`,
    )}
  </div>`;
}

/** How tabs look: a line under the chosen one, scrolling sideways where they do not fit. */
export const tabStyles: CSSResult = css`
  .tabs {
    display: flex;
    gap: calc(var(--_space) * 1);
    overflow-x: auto;
    border-block-end: 1px solid var(--_line);
    scrollbar-width: thin;
  }
  .tabs button {
    border: 0;
    background: none;
    padding: calc(var(--_space) * 2.5) calc(var(--_space) * 3);
    font-weight: 560;
    font-size: 0.9375em;
    color: var(--_muted);
    white-space: nowrap;
    cursor: pointer;
    border-block-end: 2px solid transparent;
  }
  .tabs button:hover {
    color: var(--_text);
  }
  .tabs button[aria-selected="true"] {
    color: var(--_accent);
    border-block-end-color: var(--_accent);
  }
  .tabs button:focus-visible {
    outline-offset: -3px;
  }
  .tabs .count {
    display: inline-block;
    margin-inline-start: 0.5em;
    padding: 0 0.5em;
    border-radius: 99px;
    background: var(--_idle-soft);
    color: var(--_text);
    font-size: 0.8125em;
  }
`;
