import { css, type CSSResult } from "lit";

/** Type, focus, and how things stand beside each other. */
export const typeStyles: CSSResult = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  h1,
  h2,
  h3,
  h4,
  p,
  ul,
  ol,
  dl,
  dd,
  figure,
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-inline-size: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  legend {
    padding: 0;
  }
  h2 {
    font-size: 1.5em;
    line-height: 1.25;
    letter-spacing: -0.015em;
    font-weight: 650;
    text-wrap: balance;
  }
  h3 {
    font-size: 1.0625em;
    line-height: 1.35;
    font-weight: 620;
    letter-spacing: -0.005em;
  }
  h4 {
    font-size: 1em;
    font-weight: 600;
  }
  h2:focus,
  h3:focus {
    outline: none;
  }
  h2:focus-visible,
  h3:focus-visible {
    outline: none;
  }
  :focus-visible {
    outline: 2px solid var(--_focus);
    outline-offset: 2px;
    border-radius: 4px;
  }
  svg {
    display: block;
    flex: none;
  }
  code,
  pre,
  .mono {
    font-family: var(--_mono);
    font-size: 0.875em;
    font-variant-ligatures: none;
  }
  a {
    color: var(--_accent);
    text-underline-offset: 0.15em;
  }
  .muted {
    color: var(--_muted);
  }
  .small {
    font-size: 0.875em;
  }
  .strong {
    font-weight: 600;
  }
  .nowrap {
    white-space: nowrap;
  }
  /* What people name must not turn around the text beside it. */
  .break,
  .open {
    unicode-bidi: isolate;
  }
  .break {
    overflow-wrap: anywhere;
  }
  .hidden {
    position: absolute;
    inline-size: 1px;
    block-size: 1px;
    margin: -1px;
    padding: 0;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
    border: 0;
  }
  .stack {
    display: grid;
    gap: calc(var(--_space) * 4);
    grid-template-columns: minmax(0, 1fr);
  }
  /* A live region has to be there before its text; until then it takes no room. */
  .stack > [role="status"]:not(:has(*)) {
    position: absolute;
  }
  .row {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: calc(var(--_space) * 2);
  }
  .between {
    justify-content: space-between;
  }
  .grow {
    flex: 1 1 auto;
    min-inline-size: 0;
  }
  .head {
    display: flex;
    flex-wrap: wrap;
    gap: calc(var(--_space) * 3) calc(var(--_space) * 6);
    align-items: flex-start;
    justify-content: space-between;
  }
  .head p {
    color: var(--_muted);
    margin-block-start: calc(var(--_space) * 1);
  }

  .card {
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: var(--_radius);
    box-shadow: var(--_shadow);
  }
  .pad {
    padding: calc(var(--_space) * 5);
  }
  @container (max-width: 480px) {
    .pad {
      padding: calc(var(--_space) * 4);
    }
  }
`;
