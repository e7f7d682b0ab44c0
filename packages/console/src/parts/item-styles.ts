import { css, type CSSResult } from "lit";

/** Rows of a list that open as a whole: the button in them reaches over the row, and its focus is the row's. */
export const itemStyles: CSSResult = css`
  .open {
    border: 0;
    background: none;
    padding: 0;
    font-weight: 600;
    text-align: start;
    cursor: pointer;
    overflow-wrap: anywhere;
  }
  .open::after {
    content: "";
    position: absolute;
    inset: 0;
  }
  .open:focus-visible {
    outline: none;
  }
  .item:has(.open:focus-visible) {
    outline: 2px solid var(--_focus);
    outline-offset: -2px;
    border-radius: 6px;
  }
`;
