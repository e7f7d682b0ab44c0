import { css, html, nothing, type CSSResultGroup, type PropertyDeclarations, type TemplateResult } from "lit";
import { listen } from "../rest/live.ts";
import type { Alert, LastStreamed, Stream } from "../rest/wire.ts";
import { HeadgateElement } from "../parts/headgate-element.ts";
import { moment, nameOf, notice } from "../parts/pieces.ts";

const shownAtMost = 3;

interface Trouble {
  readonly stream: string;
  readonly organization: string;
  readonly name: string;
  readonly kind: "disconnected" | "blocked";
  readonly since: string;
  readonly last: LastStreamed | undefined;
}

/** Hebrew, Arabic and their like, and characters that turn what follows. */
const rightToLeft = /[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]/;

/** A name in another direction must not turn the sentence around it. */
function isolated(name: string): string {
  return rightToLeft.test(name) ? `\u2068${name}\u2069` : name;
}

/**
 * A banner while streams are disconnected or blocked: since when, and the last streamed event. Nothing otherwise.
 *
 * @fires headgate-open - `{stream, organization}`: somebody wants to look at it.
 *
 * @example
 * ```html
 * <headgate-banner api="/audit-log"></headgate-banner>
 * ```
 */
export class HeadgateBanner extends HeadgateElement {
  static override properties: PropertyDeclarations = {
    stream: { type: String },
    streams: { state: true },
    alerts: { state: true },
  };
  static override styles: CSSResultGroup = [
    HeadgateElement.styles,
    css`
      /* Without trouble it takes no room in the host's layout, not even a gap. */
      :host([empty]) {
        position: absolute;
      }
      .notice {
        align-items: center;
      }
      .notice > svg {
        align-self: flex-start;
      }
      .tight {
        display: none;
      }
      @container (max-width: 480px) {
        /* One says enough where each fills the screen. */
        .stack > .notice + .notice,
        .roomy {
          display: none;
        }
        .tight {
          display: block;
        }
        .notice {
          display: grid;
          grid-template-columns: auto minmax(0, 1fr);
        }
        .notice .button {
          grid-column: 1 / -1;
        }
      }
    `,
  ];

  /** Only this stream's trouble. @default every stream's */
  declare stream: string | undefined;
  declare private streams: ReadonlyMap<string, Stream>;
  declare private alerts: readonly Alert[];

  constructor() {
    super();
    this.streams = new Map();
    this.alerts = [];
  }

  protected override begin(signal: AbortSignal): Promise<void> {
    this.streams = new Map();
    this.alerts = [];
    listen(
      this.client,
      {
        streams: (changed) =>
          (this.streams = new Map([...this.streams, ...changed.map((one) => [one.id, one] as const)])),
        removed: (ids) => (this.streams = new Map([...this.streams].filter(([id]) => !ids.includes(id)))),
        alerts: (open) => (this.alerts = open),
      },
      signal,
    );
    return Promise.resolve();
  }

  /** Streams tell of themselves at once; alerts also tell of those that the first message has no room for. */
  private get troubles(): readonly Trouble[] {
    const found: Trouble[] = [];
    for (const one of this.streams.values()) {
      const { state, since, last_error: error } = one.health;
      if (state !== "disconnected" && state !== "blocked") continue;
      const alert = this.alerts.find(({ stream, kind }) => stream === one.id && kind === state);
      found.push({
        stream: one.id,
        organization: one.organization,
        name: nameOf(one),
        kind: state,
        since: alert?.since ?? (error?.at !== undefined && error.at < since ? error.at : since),
        last: one.last_streamed,
      });
    }
    for (const alert of this.alerts) {
      if ((alert.kind !== "disconnected" && alert.kind !== "blocked") || this.streams.has(alert.stream)) continue;
      found.push({
        stream: alert.stream,
        organization: alert.organization,
        name: alert.stream_name ?? alert.stream,
        kind: alert.kind,
        since: alert.since,
        last: alert.last_streamed,
      });
    }
    const mine =
      this.stream === undefined || this.stream === "" ? found : found.filter(({ stream }) => stream === this.stream);
    return mine.sort((a, b) => a.since.localeCompare(b.since));
  }

  protected override updated(): void {
    this.toggleAttribute("empty", this.troubles.length === 0);
  }

  protected override render(): TemplateResult {
    const { language, troubles } = this;
    const more = troubles.length - shownAtMost;
    const said = troubles.map(({ kind, name, since }) => this.sentence(kind, name, since)).join(" ");
    // The alert stands before its text comes: only so is it read out. It holds nothing that changes as time goes by.
    return html`<p class="hidden" role="alert" lang=${language.tag}>${said}</p>
      ${
        troubles.length === 0
          ? nothing
          : html`<section class="stack" aria-label=${language.text("banner_title")} lang=${language.tag}>
              ${troubles.slice(0, shownAtMost).map((trouble) => this.one(trouble))}
              ${more > 0 ? html`<div class="roomy">${this.more(more)}</div>` : nothing}
              ${troubles.length > 1 ? html`<div class="tight">${this.more(troubles.length - 1)}</div>` : nothing}
            </section>`
      }`;
  }

  private more(count: number): TemplateResult {
    return notice("bad", html`<p>${this.language.counted("banner_more", count)}</p>`);
  }

  private sentence(kind: Trouble["kind"], name: string, since: string): string {
    return this.language.text(`banner_${kind}`, {
      name: isolated(name),
      since: this.language.clock(Date.parse(since), this.now),
    });
  }

  private one({ stream, organization, name, kind, since, last }: Trouble): TemplateResult {
    const { language, now } = this;
    const open = (): boolean => this.tell("headgate-open", { stream, organization });
    return notice(
      "bad",
      html`<p class="strong">${this.sentence(kind, name, since)}</p>
        <p>
          ${
            last === undefined
              ? language.text("banner_never")
              : html`${language.text("banner_last")} ${moment(last.occurred_at, now, language)}
                (${language.relative(Date.parse(last.occurred_at), now)})`
          }
        </p>`,
      {
        drawing: kind === "blocked" ? "blocked" : "unplugged",
        action: html`<button
          class="button little"
          type="button"
          aria-label=${language.text("banner_open_name", { name })}
          @click=${open}
        >
          ${language.text("banner_open")}
        </button>`,
      },
    );
  }
}
