import { css, type CSSResult } from "lit";

/** The page's frame. */
export const consoleStyles: CSSResult = css`
  :host {
    min-block-size: 100dvh;
    background: var(--_sunken);
  }
  .skip {
    position: absolute;
    inset-block-start: -4rem;
    inset-inline-start: 1rem;
    z-index: 2;
  }
  .skip:focus {
    inset-block-start: 0.625rem;
  }
  header {
    background: var(--_surface);
    border-block-end: 1px solid var(--_line);
    position: sticky;
    inset-block-start: 0;
    z-index: 1;
  }
  .bar {
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 6);
    max-inline-size: 76rem;
    margin-inline: auto;
    padding-inline: calc(var(--_space) * 6);
    min-block-size: 3.75rem;
  }
  .brand {
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 2);
    font-weight: 680;
    font-size: 1.0625em;
    letter-spacing: -0.015em;
  }
  .brand svg {
    color: var(--_accent);
  }
  nav {
    display: flex;
    gap: calc(var(--_space) * 1);
    align-self: stretch;
  }
  nav a {
    display: grid;
    align-items: center;
    padding-inline: calc(var(--_space) * 3);
    color: var(--_muted);
    font-weight: 560;
    text-decoration: none;
    white-space: nowrap;
    border-block: 2px solid transparent;
  }
  nav a:hover {
    color: var(--_text);
  }
  nav a[aria-current] {
    color: var(--_accent);
    border-block-end-color: var(--_accent);
  }
  nav a:focus-visible {
    outline-offset: -4px;
  }
  .account {
    margin-inline-start: auto;
    display: flex;
    align-items: center;
    gap: calc(var(--_space) * 3);
    min-inline-size: 0;
  }
  .account .button {
    flex: none;
    white-space: nowrap;
  }

  .account span {
    white-space: nowrap;
    overflow: hidden;
    text-overflow: ellipsis;
    max-inline-size: 12rem;
  }
  .account select {
    max-inline-size: 13rem;
    min-block-size: 2rem;
    padding-block: 0.125rem;
  }
  main {
    max-inline-size: 76rem;
    margin-inline: auto;
    padding: calc(var(--_space) * 7) calc(var(--_space) * 6) calc(var(--_space) * 16);
    display: grid;
    gap: calc(var(--_space) * 5);
    grid-template-columns: minmax(0, 1fr);
  }
  main:focus {
    outline: none;
  }
  .narrow {
    inline-size: min(28rem, 100%);
    margin: calc(var(--_space) * 10) auto;
    padding: calc(var(--_space) * 8);
  }
  .title {
    font-size: 1.375em;
    font-weight: 650;
    letter-spacing: -0.015em;
  }
  .medal {
    display: grid;
    place-items: center;
    inline-size: 3.25rem;
    block-size: 3.25rem;
    border-radius: var(--_radius);
    background: var(--_accent-soft);
    color: var(--_accent);
  }
  @container (max-width: 680px) {
    .bar {
      flex-wrap: wrap;
      gap: 0 calc(var(--_space) * 3);
      padding-inline: calc(var(--_space) * 4);
    }
    .brand {
      min-block-size: 3.25rem;
    }
    nav {
      order: 3;
      inline-size: 100%;
      margin-inline: calc(var(--_space) * -3);
      overflow-x: auto;
    }
    nav a {
      min-block-size: 2.75rem;
    }
    .account span {
      max-inline-size: 7rem;
    }
    .account select {
      max-inline-size: 9.5rem;
    }
    main {
      padding: calc(var(--_space) * 5) calc(var(--_space) * 4) calc(var(--_space) * 12);
    }
    .narrow {
      margin-block: calc(var(--_space) * 4);
      padding: calc(var(--_space) * 5);
    }
  }
`;
