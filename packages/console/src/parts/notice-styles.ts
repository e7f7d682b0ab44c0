import { css, type CSSResult } from "lit";

/** What components say: notices, badges, waiting, emptiness. */
export const noticeStyles: CSSResult = css`
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
`;
