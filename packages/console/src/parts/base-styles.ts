import { css, type CSSResult } from "lit";

/** What all components are built from: type, buttons, fields, cards, notices. */
export const baseStyles: CSSResult = css`
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

  button,
  input,
  select,
  textarea {
    font: inherit;
    color: inherit;
    letter-spacing: inherit;
  }
  .button {
    display: inline-flex;
    align-items: center;
    justify-content: center;
    gap: calc(var(--_space) * 2);
    min-block-size: 2.375rem;
    padding: 0.375rem 0.875rem;
    border: 1px solid var(--_line-strong);
    border-radius: calc(var(--_radius) * 0.75);
    background: var(--_surface);
    color: var(--_text);
    font-weight: 560;
    line-height: 1.25;
    text-decoration: none;
    cursor: pointer;
    transition:
      background-color 120ms,
      border-color 120ms;
  }
  .button:hover {
    background: var(--_sunken);
  }
  .button.primary {
    background: var(--_accent);
    border-color: var(--_accent);
    color: var(--_on-accent);
  }
  .button.primary:hover {
    background: var(--_accent-strong);
    border-color: var(--_accent-strong);
  }
  .button.danger {
    color: var(--_bad);
    border-color: var(--_bad);
  }
  .button.danger:hover {
    background: var(--_bad-soft);
  }
  .button.plain {
    border-color: transparent;
    background: transparent;
    color: var(--_accent);
    padding-inline: 0.5rem;
  }
  .button.plain:hover {
    background: var(--_accent-soft);
  }
  .button.little {
    min-block-size: 2rem;
    padding: 0.25rem 0.625rem;
    font-size: 0.875em;
  }
  .button:disabled,
  .button[aria-disabled="true"] {
    cursor: default;
    background: var(--_idle-soft);
    border-color: var(--_idle-soft);
    color: var(--_muted);
  }

  .field {
    display: grid;
    gap: calc(var(--_space) * 1.25);
    min-inline-size: 0;
  }
  label,
  .label {
    font-weight: 560;
    font-size: 0.9375em;
  }
  .optional {
    font-weight: 400;
    color: var(--_muted);
  }
  .input {
    inline-size: 100%;
    min-block-size: 2.375rem;
    padding: 0.375rem 0.75rem;
    border: 1px solid var(--_line-strong);
    border-radius: calc(var(--_radius) * 0.75);
    background: var(--_surface);
  }
  .input::placeholder {
    color: var(--_muted);
    opacity: 1;
  }
  textarea.input {
    min-block-size: 5rem;
    resize: vertical;
    font-family: var(--_mono);
    font-size: 0.875em;
  }
  .input:hover {
    border-color: var(--_muted);
  }
  .input:focus-visible {
    outline-offset: 0;
    border-radius: calc(var(--_radius) * 0.75);
  }
  .input[aria-invalid="true"] {
    border-color: var(--_bad);
    box-shadow: inset 0 0 0 1px var(--_bad);
  }
  select.input {
    appearance: none;
    padding-inline-end: 2rem;
    background-image:
      linear-gradient(45deg, transparent 50%, currentColor 50%),
      linear-gradient(-45deg, transparent 50%, currentColor 50%);
    background-size: 5px 5px;
    background-position:
      right 16px center,
      right 11px center;
    background-repeat: no-repeat;
  }
  .help {
    color: var(--_muted);
    font-size: 0.875em;
    line-height: 1.45;
  }
  .mistake {
    display: flex;
    gap: calc(var(--_space) * 1.5);
    color: var(--_bad);
    font-size: 0.875em;
    font-weight: 500;
  }
  .mistake svg {
    margin-block-start: 0.2em;
  }
  .choice {
    display: flex;
    gap: calc(var(--_space) * 2.5);
    align-items: flex-start;
  }
  .choice input {
    inline-size: 1.125rem;
    block-size: 1.125rem;
    margin: 0.15rem 0 0;
    accent-color: var(--_accent);
    flex: none;
  }

  .notice {
    display: flex;
    gap: calc(var(--_space) * 3);
    padding: calc(var(--_space) * 3.5) calc(var(--_space) * 4);
    border-radius: var(--_radius);
    border: 1px solid color-mix(in srgb, var(--_tone) 35%, transparent);
    background: var(--_tone-soft);
    align-items: flex-start;
  }
  .notice > svg {
    color: var(--_tone);
    margin-block-start: 0.125rem;
  }
  .notice .body {
    flex: 1 1 auto;
    min-inline-size: 0;
    display: grid;
    gap: calc(var(--_space) * 1);
    overflow-wrap: anywhere;
  }
  .notice .muted {
    color: var(--_text);
    opacity: 1;
  }
  .tone-ok {
    --_tone: var(--_ok);
    --_tone-soft: var(--_ok-soft);
  }
  .tone-warn {
    --_tone: var(--_warn);
    --_tone-soft: var(--_warn-soft);
  }
  .tone-bad {
    --_tone: var(--_bad);
    --_tone-soft: var(--_bad-soft);
  }
  .tone-idle {
    --_tone: var(--_idle);
    --_tone-soft: var(--_idle-soft);
  }
  .tone-accent {
    --_tone: var(--_accent);
    --_tone-soft: var(--_accent-soft);
  }

  .badge {
    display: inline-flex;
    align-items: center;
    gap: 0.375em;
    padding: 0.125em 0.625em 0.125em 0.5em;
    border-radius: 99px;
    background: var(--_tone-soft);
    color: var(--_tone);
    font-size: 0.8125em;
    font-weight: 600;
    line-height: 1.5;
    white-space: nowrap;
  }

  .skeleton {
    display: block;
    border-radius: 6px;
    min-block-size: 0.875em;
    background: linear-gradient(90deg, var(--_idle-soft) 25%, var(--_line) 45%, var(--_idle-soft) 65%);
    background-size: 300% 100%;
    animation: shimmer 1.6s linear infinite;
  }
  @keyframes shimmer {
    from {
      background-position: 100% 0;
    }
    to {
      background-position: 0 0;
    }
  }
  .spinner {
    inline-size: 1em;
    block-size: 1em;
    border: 2px solid currentColor;
    border-inline-end-color: transparent;
    border-radius: 50%;
    animation: turn 0.8s linear infinite;
    flex: none;
  }
  @keyframes turn {
    to {
      transform: rotate(1turn);
    }
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0s !important;
      animation-iteration-count: 1 !important;
      transition: none !important;
    }
    .spinner {
      border-inline-end-color: currentColor;
      opacity: 0.6;
    }
  }

  .empty {
    display: grid;
    justify-items: center;
    gap: calc(var(--_space) * 3);
    padding: calc(var(--_space) * 12) calc(var(--_space) * 6);
    text-align: center;
  }
  .empty p {
    max-inline-size: 34rem;
    color: var(--_muted);
    text-wrap: pretty;
  }

  dialog {
    color: inherit;
    background: var(--_surface);
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 1.2);
    box-shadow: 0 20px 50px rgb(0 0 0 / 30%);
    padding: calc(var(--_space) * 6);
    inline-size: min(34rem, calc(100vw - 2rem));
    max-block-size: calc(100dvh - 2rem);
    overflow: auto;
  }
  dialog.wide {
    inline-size: min(52rem, calc(100vw - 2rem));
  }
  dialog::backdrop {
    background: rgb(8 14 20 / 50%);
  }
  dialog .actions {
    display: flex;
    flex-wrap: wrap;
    justify-content: flex-end;
    gap: calc(var(--_space) * 2);
  }
  pre.content {
    margin: 0;
    padding: calc(var(--_space) * 4);
    background: var(--_sunken);
    border: 1px solid var(--_line);
    border-radius: calc(var(--_radius) * 0.75);
    overflow: auto;
    max-block-size: 28rem;
    line-height: 1.55;
    tab-size: 2;
  }
`;
