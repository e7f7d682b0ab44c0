import { css, type CSSResult } from "lit";

/** The audit log. */
export const eventsStyles: CSSResult = css`
  .tall {
    min-block-size: 2.75rem;
    border-radius: var(--_radius);
  }
  .good {
    color: var(--_ok);
    font-weight: 560;
  }
  .filters {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr));
    gap: calc(var(--_space) * 3) calc(var(--_space) * 4);
    align-items: end;
  }
  .filters .mistake,
  .filters .buttons {
    grid-column: 1 / -1;
  }
  .line {
    display: grid;
    grid-template-columns: minmax(9.5rem, 0.8fr) minmax(0, 1.6fr) minmax(0, 1fr) minmax(0, 1.2fr);
    gap: calc(var(--_space) * 4);
    padding: calc(var(--_space) * 2.5) calc(var(--_space) * 5);
    align-items: baseline;
  }
  .header {
    font-size: 0.8125em;
    font-weight: 560;
    color: var(--_muted);
    background: var(--_sunken);
    border-block-end: 1px solid var(--_line);
    border-start-start-radius: var(--_radius);
    border-start-end-radius: var(--_radius);
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
  .clamp {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    line-clamp: 3;
    overflow: hidden;
  }
  .what {
    display: flex;
    flex-wrap: wrap;
    gap: calc(var(--_space) * 2);
    align-items: baseline;
    min-inline-size: 0;
  }
  .open {
    font-family: var(--_mono);
    font-size: 0.9375em;
  }
  .caption {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    overflow: hidden;
    clip-path: inset(50%);
  }
  .foot {
    display: grid;
    place-items: center;
    padding: calc(var(--_space) * 4);
    border-block-start: 1px solid var(--_line);
  }
  .pairs {
    display: grid;
    gap: calc(var(--_space) * 2);
  }
  .pairs > div {
    display: grid;
    grid-template-columns: minmax(5rem, 8rem) minmax(0, 1fr);
    gap: calc(var(--_space) * 3);
  }
  .pairs dt {
    color: var(--_muted);
  }
  @container (max-width: 720px) {
    .header {
      display: none;
    }
    .line {
      grid-template-columns: minmax(0, 1fr);
      gap: calc(var(--_space) * 0.5);
      padding: calc(var(--_space) * 3) calc(var(--_space) * 4);
    }
    .what {
      order: -1;
    }
  }
  @container (max-width: 420px) {
    .filters {
      grid-template-columns: minmax(0, 1fr) minmax(0, 1fr);
    }
    .filters .field:last-of-type {
      grid-column: 1 / -1;
    }
  }
`;
