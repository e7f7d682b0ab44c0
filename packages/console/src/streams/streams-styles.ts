import { css, type CSSResult } from "lit";

/** The list and its figures. */
export const streamsStyles: CSSResult = css`
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr));
    gap: calc(var(--_space) * 3);
  }
  .figure {
    padding: calc(var(--_space) * 4);
    display: grid;
    gap: 0.125rem;
  }
  .figure dt {
    color: var(--_muted);
    font-size: 0.8125em;
    font-weight: 560;
  }
  .figure .value {
    font-size: 1.625em;
    font-weight: 640;
    letter-spacing: -0.02em;
    line-height: 1.25;
  }
  .figure .note {
    color: var(--_muted);
    font-size: 0.8125em;
  }
  .figure .good {
    color: var(--_ok);
  }
  .late,
  .figure .late {
    color: var(--_bad);
    font-weight: 600;
  }
  .controls {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(10rem, 14rem);
    gap: calc(var(--_space) * 3);
    padding: calc(var(--_space) * 4) calc(var(--_space) * 5);
    border-block-end: 1px solid var(--_line);
  }
  .search {
    position: relative;
  }
  .search svg {
    position: absolute;
    inset-block-start: 50%;
    inset-inline-start: 0.75rem;
    translate: 0 -50%;
    color: var(--_muted);
    pointer-events: none;
  }
  .search input {
    padding-inline-start: 2.25rem;
  }
  .line {
    display: grid;
    grid-template-columns: minmax(0, 2.4fr) minmax(8.5rem, 1.1fr) minmax(6.5rem, 1fr) minmax(6rem, 0.9fr) 8.75rem;
    gap: calc(var(--_space) * 4);
    align-items: center;
    padding: calc(var(--_space) * 3.5) calc(var(--_space) * 5);
  }
  .header {
    padding-block: calc(var(--_space) * 2);
    font-size: 0.8125em;
    font-weight: 560;
    color: var(--_muted);
    background: var(--_sunken);
    border-block-end: 1px solid var(--_line);
  }
  .item {
    position: relative;
  }
  .item + .item {
    border-block-start: 1px solid var(--_line);
  }
  .item:hover {
    background: var(--_sunken);
  }
  .item:last-child {
    border-end-start-radius: var(--_radius);
    border-end-end-radius: var(--_radius);
  }
  .name {
    display: flex;
    gap: calc(var(--_space) * 3);
    align-items: center;
    min-inline-size: 0;
  }
  .sink {
    display: grid;
    place-items: center;
    inline-size: 2.375rem;
    block-size: 2.375rem;
    border-radius: calc(var(--_radius) * 0.8);
    background: var(--_accent-soft);
    color: var(--_accent);
    flex: none;
  }
  .who {
    display: grid;
    min-inline-size: 0;
  }
  .item:hover .open {
    text-decoration: underline;
    text-underline-offset: 0.15em;
  }
  .state {
    display: grid;
    justify-items: start;
    gap: 0.125rem;
  }
  .block {
    display: block;
  }
  .caption {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .foot {
    display: grid;
    place-items: center;
    padding: calc(var(--_space) * 4);
    border-block-start: 1px solid var(--_line);
  }
  .medal {
    display: grid;
    place-items: center;
    inline-size: 3.75rem;
    block-size: 3.75rem;
    border-radius: 50%;
    background: var(--_accent-soft);
    color: var(--_accent);
  }
  @container (max-width: 760px) {
    .header {
      display: none;
    }
    .figures {
      grid-template-columns: repeat(2, minmax(0, 1fr));
    }
    .controls {
      grid-template-columns: minmax(0, 1fr);
      padding: calc(var(--_space) * 4);
    }
    .line {
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
      gap: calc(var(--_space) * 3);
      padding: calc(var(--_space) * 4);
    }
    .name,
    .spark {
      grid-column: 1 / -1;
    }
    .state {
      grid-column: 1 / -1;
      display: flex;
      flex-wrap: wrap;
      align-items: center;
      gap: calc(var(--_space) * 2);
    }
    .sparkline {
      max-inline-size: none;
    }
    .caption {
      position: static;
      display: block;
      inline-size: auto;
      block-size: auto;
      clip-path: none;
      color: var(--_muted);
      font-size: 0.8125em;
    }
  }
`;
