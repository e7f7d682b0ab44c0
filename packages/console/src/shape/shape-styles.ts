import { css, type CSSResult } from "lit";

/** What a stream sends, and its preview. */
export const shapeStyles: CSSResult = css`
  .halves {
    display: grid;
    grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
    gap: calc(var(--_space) * 6);
    align-items: start;
  }
  .lists {
    display: grid;
    gap: calc(var(--_space) * 6);
  }
  .list {
    gap: calc(var(--_space) * 2.5);
  }
  .entry {
    display: grid;
    grid-template-columns: minmax(0, 1.5fr) minmax(0, 1.2fr) minmax(0, 1fr) auto;
    gap: calc(var(--_space) * 2);
    align-items: start;
  }
  .entry.privacy {
    grid-template-columns: minmax(0, 1.7fr) minmax(0, 1fr) auto;
  }
  .entry label {
    font-size: 0.8125em;
    color: var(--_muted);
  }
  .button.remove {
    margin-block-start: 1.4375rem;
    min-block-size: 2.375rem;
    padding-inline: calc(var(--_space) * 2.5);
  }
  .events {
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 0.75);
  }
  .events li + li {
    border-block-start: 1px solid var(--_line);
  }
  summary {
    display: grid;
    grid-template-columns: auto auto minmax(0, 1fr) auto;
    gap: calc(var(--_space) * 1) calc(var(--_space) * 3);
    align-items: center;
    padding: calc(var(--_space) * 2) calc(var(--_space) * 3);
    cursor: pointer;
  }
  summary::before {
    content: "";
    border-block: 0.3em solid transparent;
    border-inline-start: 0.4em solid var(--_muted);
  }
  details[open] > summary::before {
    transform: rotate(90deg);
  }
  summary:hover {
    background: var(--_sunken);
  }
  .sides {
    display: grid;
    gap: calc(var(--_space) * 1.5);
    padding: calc(var(--_space) * 1) calc(var(--_space) * 3) calc(var(--_space) * 3);
  }
  del,
  ins {
    display: inline-block;
    text-decoration: none;
    border-radius: 3px;
  }
  del {
    background: var(--_bad-soft);
    color: var(--_bad);
  }
  ins {
    background: var(--_ok-soft);
    color: var(--_ok);
  }
  @container (max-width: 820px) {
    .halves {
      grid-template-columns: minmax(0, 1fr);
    }
  }
  @container (max-width: 480px) {
    .entry,
    .entry.privacy {
      grid-template-columns: minmax(0, 1fr) auto;
    }
    .entry .field {
      grid-column: 1;
    }
    .remove {
      grid-column: 2;
      grid-row: 1;
    }
    summary {
      grid-template-columns: auto auto minmax(0, 1fr);
    }
    summary .badge {
      grid-column: 3;
      justify-self: start;
    }
  }
`;
