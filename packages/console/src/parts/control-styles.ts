import { css, type CSSResult } from "lit";

/** What people act with: buttons and fields. */
export const controlStyles: CSSResult = css`
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
`;
