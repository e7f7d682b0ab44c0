import { css, type CSSResult } from "lit";

/**
 * The design: every value can be set from outside by the custom property of the same name. `light-dark()` follows
 * `color-scheme`, which the `theme` attribute sets.
 */
export const tokens: CSSResult = css`
  :host {
    color-scheme: light dark;
    --_font: var(
      --headgate-font,
      ui-sans-serif,
      system-ui,
      -apple-system,
      "Segoe UI",
      Roboto,
      "Helvetica Neue",
      Arial,
      sans-serif
    );
    --_mono: var(--headgate-font-mono, ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, monospace);
    --_size: var(--headgate-font-size, 0.9375rem);
    --_space: var(--headgate-space, 0.25rem);
    --_radius: var(--headgate-radius, 10px);
    --_surface: var(--headgate-surface, light-dark(#ffffff, #12181f));
    --_sunken: var(--headgate-surface-sunken, light-dark(#f5f7f9, #0c1116));
    --_raised: var(--headgate-surface-raised, light-dark(#ffffff, #19212a));
    --_text: var(--headgate-text, light-dark(#131c26, #e8edf3));
    --_muted: var(--headgate-text-muted, light-dark(#52606f, #9dabb9));
    --_line: var(--headgate-line, light-dark(#dfe5eb, #2a343f));
    --_line-strong: var(--headgate-line-strong, light-dark(#7f8c9a, #6f7d8c));
    --_accent: var(--headgate-accent, light-dark(#0a6672, #4cc5d2));
    --_accent-strong: var(--headgate-accent-strong, light-dark(#07505a, #7bd9e3));
    --_on-accent: var(--headgate-on-accent, light-dark(#ffffff, #05262b));
    --_accent-soft: var(--headgate-accent-soft, light-dark(#e4f3f5, #10303a));
    --_ok: var(--headgate-ok, light-dark(#14693f, #5ccb92));
    --_ok-soft: var(--headgate-ok-soft, light-dark(#e3f5ea, #11301f));
    --_warn: var(--headgate-warn, light-dark(#855400, #eab454));
    --_warn-soft: var(--headgate-warn-soft, light-dark(#fdf1d9, #36270b));
    --_bad: var(--headgate-bad, light-dark(#b42318, #ff9086));
    --_bad-soft: var(--headgate-bad-soft, light-dark(#fdebe9, #3f1815));
    --_idle: var(--headgate-idle, light-dark(#52606f, #9dabb9));
    --_idle-soft: var(--headgate-idle-soft, light-dark(#eceff3, #222b35));
    --_shadow: var(--headgate-shadow, 0 1px 2px rgb(16 24 40 / 6%), 0 1px 3px rgb(16 24 40 / 4%));
    --_focus: var(--headgate-focus, light-dark(#0b6bcb, #8ec7ff));

    display: block;
    container-type: inline-size;
    color: var(--_text);
    font-family: var(--_font);
    font-size: var(--_size);
    line-height: 1.5;
    font-variant-numeric: tabular-nums;
    text-align: start;
    -webkit-text-size-adjust: 100%;
  }
  :host([theme="light"]) {
    color-scheme: light;
  }
  :host([theme="dark"]) {
    color-scheme: dark;
  }
  :host([hidden]) {
    display: none;
  }
`;
