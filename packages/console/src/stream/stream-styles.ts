import { css, type CSSResult } from "lit";

/** The monitor. */
export const streamStyles: CSSResult = css`
  .tight {
    gap: calc(var(--_space) * 3);
  }
  .back {
    margin-inline-start: -0.5rem;
  }
  .said {
    color: var(--_ok);
    font-weight: 560;
  }
  .late {
    color: var(--_bad);
    font-weight: 600;
  }
  .block {
    display: block;
  }
  .facts {
    display: grid;
    grid-template-columns: 1.5fr;
    grid-auto-flow: column;
    grid-auto-columns: 1fr;
    gap: calc(var(--_space) * 3);
  }
  .fact {
    padding: calc(var(--_space) * 4);
    min-inline-size: 0;
  }
  .fact dt {
    color: var(--_muted);
    font-size: 0.8125em;
    font-weight: 560;
  }
  .fact .value {
    font-size: 1.25em;
    font-weight: 620;
    letter-spacing: -0.01em;
    line-height: 1.35;
  }
  .fact .note {
    color: var(--_muted);
    font-size: 0.8125em;
  }
  .levels {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(14rem, 1fr));
    gap: calc(var(--_space) * 3);
  }
  .level {
    padding: calc(var(--_space) * 4);
    display: grid;
    gap: calc(var(--_space) * 2);
    align-content: start;
  }
  .level h4 {
    color: var(--_muted);
    font-size: 0.8125em;
    font-weight: 560;
  }
  .big {
    font-size: 1.625em;
    font-weight: 640;
    letter-spacing: -0.02em;
    line-height: 1.2;
  }
  .big .small {
    font-size: 0.875rem;
    font-weight: 400;
    letter-spacing: 0;
  }
  .budget {
    display: flex;
    justify-content: space-between;
    gap: calc(var(--_space) * 2);
  }
  .tone {
    color: var(--_tone);
  }
  .meter {
    inline-size: 100%;
    block-size: 6px;
  }
  .meter .track {
    fill: var(--_idle-soft);
  }
  .meter .fill {
    fill: var(--_tone);
  }
  .pairs {
    display: flex;
    flex-wrap: wrap;
    gap: calc(var(--_space) * 1) calc(var(--_space) * 5);
    font-size: 0.8125em;
  }
  .pairs div {
    display: flex;
    gap: calc(var(--_space) * 1.5);
  }
  .pairs dt {
    color: var(--_muted);
  }
  .pairs dd {
    font-weight: 600;
  }
  .tabbar {
    padding: calc(var(--_space) * 1) calc(var(--_space) * 3) 0;
  }
  .tabbar .tabs {
    border: 0;
  }
  .tabbar {
    border-block-end: 1px solid var(--_line);
  }
  .panel {
    padding: calc(var(--_space) * 5);
  }
  .panel:focus-visible {
    outline-offset: -3px;
    border-radius: var(--_radius);
  }
  .scroll {
    overflow-x: auto;
    margin: calc(var(--_space) * -5);
    margin-block-end: 0;
  }
  table {
    inline-size: 100%;
    border-collapse: collapse;
    font-size: 0.9375em;
  }
  th,
  td {
    padding: calc(var(--_space) * 2.5) calc(var(--_space) * 3);
    text-align: start;
    vertical-align: top;
    border-block-end: 1px solid var(--_line);
  }
  th:first-child,
  td:first-child {
    padding-inline-start: calc(var(--_space) * 5);
  }
  td:last-child {
    padding-inline-end: calc(var(--_space) * 5);
  }
  th {
    font-size: 0.8125em;
    font-weight: 560;
    color: var(--_muted);
    background: var(--_sunken);
    white-space: nowrap;
  }
  th.figure,
  td.figure {
    text-align: end;
  }
  td.wide {
    inline-size: 40%;
    max-inline-size: 0;
    min-inline-size: 16rem;
  }
  td .caption {
    display: none;
  }
  .receipt {
    display: flex;
    min-inline-size: 0;
    white-space: nowrap;
  }
  .receipt span {
    overflow: hidden;
    text-overflow: ellipsis;
    flex: 0 0 auto;
    max-inline-size: 100%;
  }
  .receipt span:first-child {
    flex: 0 1 auto;
  }
  .load {
    display: grid;
    place-items: center;
    padding-block-start: calc(var(--_space) * 4);
  }
  .alerts {
    display: grid;
    gap: calc(var(--_space) * 4);
  }
  .alerts > li {
    display: grid;
    gap: calc(var(--_space) * 1.5);
    padding-block-end: calc(var(--_space) * 4);
    border-block-end: 1px solid var(--_line);
    min-inline-size: 0;
  }
  .alerts > li:last-child {
    border: 0;
    padding-block-end: 0;
  }
  summary {
    cursor: pointer;
    color: var(--_accent);
    font-weight: 560;
    font-size: 0.875em;
    inline-size: fit-content;
  }
  .dispatches {
    display: grid;
    gap: calc(var(--_space) * 2);
    padding-block-start: calc(var(--_space) * 2);
  }
  @container (max-width: 820px) {
    .facts {
      grid-template-columns: repeat(2, minmax(0, 1fr));
      grid-auto-flow: row;
    }
    .fact:first-child {
      grid-column: 1 / -1;
    }
  }
  @container (max-width: 700px) {
    table,
    tbody {
      display: block;
    }
    thead {
      position: absolute;
      inline-size: 1px;
      block-size: 1px;
      overflow: hidden;
      clip-path: inset(50%);
    }
    tr {
      display: grid;
      grid-template-columns: repeat(4, minmax(0, auto));
      gap: calc(var(--_space) * 1.5) calc(var(--_space) * 3);
      padding: calc(var(--_space) * 3) calc(var(--_space) * 4);
      border-block-end: 1px solid var(--_line);
    }
    td,
    td:first-child,
    td:last-child {
      padding: 0;
      border: 0;
      text-align: start !important;
      font-size: 0.9375em;
    }
    td:nth-child(1),
    td:nth-child(2) {
      grid-column: span 2;
    }
    td:nth-child(2) {
      text-align: end !important;
    }
    td.wide {
      grid-column: 1 / -1;
      inline-size: auto;
      max-inline-size: none;
      min-inline-size: 0;
    }
    td .caption {
      display: block;
      color: var(--_muted);
      font-size: 0.8125em;
    }
    td .mono.block {
      display: none;
    }
  }
  @container (max-width: 480px) {
    .panel {
      padding: calc(var(--_space) * 4);
    }
    .scroll {
      margin: calc(var(--_space) * -4);
      margin-block-end: 0;
    }
    .head [role="group"] {
      inline-size: 100%;
    }
    .head [role="group"] .button {
      flex: 1 1 40%;
    }
  }
`;
