import { css, type CSSResult } from "lit";

/** Dialogs, and texts to copy. */
export const dialogStyles: CSSResult = css`
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
