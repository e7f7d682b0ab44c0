import { css, type CSSResult } from "lit";

/** The steps of connecting. */
export const connectStyles: CSSResult = css`
  .progress {
    display: flex;
    gap: calc(var(--_space) * 2);
  }
  .progress li {
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 2);
    color: var(--_muted);
    font-weight: 560;
    font-size: 0.9375em;
  }
  .progress li:not(:last-child) {
    flex: 0 1 auto;
  }
  .progress li:not(:last-child)::after {
    content: "";
    inline-size: clamp(0.75rem, 4cqi, 3.5rem);
    block-size: 1px;
    background: var(--_line-strong);
    margin-inline: calc(var(--_space) * 1);
  }
  .number {
    display: grid;
    place-items: center;
    inline-size: 1.75rem;
    block-size: 1.75rem;
    flex: none;
    border-radius: 50%;
    font-size: 0.8125rem;
    font-weight: 640;
    border: 1.5px solid var(--_line-strong);
    color: var(--_muted);
  }
  .here {
    color: var(--_text);
  }
  .here .number {
    background: var(--_accent);
    border-color: var(--_accent);
    color: var(--_on-accent);
  }
  .behind .number {
    border-color: transparent;
    background: var(--_accent-soft);
    color: var(--_accent);
  }
  .sinks {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr));
    gap: calc(var(--_space) * 4);
  }
  .sinks li {
    display: grid;
  }
  .sink {
    display: grid;
    align-content: start;
    gap: calc(var(--_space) * 2);
    padding: calc(var(--_space) * 5);
    text-align: start;
    cursor: pointer;
    transition:
      border-color 120ms,
      box-shadow 120ms;
  }
  .sink:hover,
  .sink[aria-current] {
    border-color: var(--_accent);
    box-shadow: 0 0 0 1px var(--_accent);
  }
  .sink:focus-visible {
    border-radius: var(--_radius);
  }
  .sink .strong {
    font-size: 1.0625em;
  }
  .emblem,
  .medal {
    display: grid;
    place-items: center;
    inline-size: 3rem;
    block-size: 3rem;
    border-radius: var(--_radius);
    background: var(--_accent-soft);
    color: var(--_accent);
  }
  .medal {
    inline-size: 3.75rem;
    block-size: 3.75rem;
    border-radius: 50%;
    background: var(--_ok-soft);
    color: var(--_ok);
  }
  .center {
    justify-items: center;
    gap: calc(var(--_space) * 2);
  }
  .halves {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 1.1fr);
    gap: calc(var(--_space) * 5);
    align-items: start;
  }
  .foot {
    padding-block-start: calc(var(--_space) * 2);
  }
  .secret {
    display: flex;
    gap: calc(var(--_space) * 2);
  }
  .group {
    padding-inline-start: calc(var(--_space) * 4);
    border-inline-start: 2px solid var(--_line);
  }
  .group legend {
    padding: 0;
    margin-block-end: calc(var(--_space) * 2);
  }
  .more summary {
    cursor: pointer;
    color: var(--_accent);
    font-weight: 560;
  }
  .more[open] summary {
    margin-block-end: calc(var(--_space) * 4);
  }
  .todo {
    display: grid;
    gap: calc(var(--_space) * 4);
  }
  .todo li {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr);
    gap: calc(var(--_space) * 3);
  }
  .todo .number {
    border: 0;
    background: var(--_accent-soft);
    color: var(--_accent);
  }
  .external {
    padding: calc(var(--_space) * 4);
    border-radius: calc(var(--_radius) * 0.75);
    background: var(--_sunken);
    border: 1px solid var(--_line);
    display: grid;
    gap: calc(var(--_space) * 1);
  }
  @container (max-width: 820px) {
    .halves {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @container (max-width: 520px) {
    .progress {
      gap: 0;
      justify-content: space-between;
    }
    .progress li:not(.here) .title {
      position: absolute;
      inline-size: 1px;
      block-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
      white-space: nowrap;
    }
    .foot .button {
      flex: 1 1 100%;
    }
    .foot .primary {
      order: -1;
    }
  }
`;
