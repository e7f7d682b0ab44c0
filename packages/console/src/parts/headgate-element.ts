import { LitElement, type CSSResultGroup, type PropertyDeclarations, type PropertyValues } from "lit";
import { type ApiClient, createClient, type Scope } from "../rest/client.ts";
import { ApiProblem, isAbort } from "../rest/problem.ts";
import { defaultLocale, type Language, languageOf, loadLanguage } from "../strings/language.ts";
import { baseStyles } from "./base-styles.ts";
import { tokens } from "./tokens.ts";

/** Relative times are told anew this often. */
const tickMs = 15_000;

/** What all components share: where the API is, whose streams, in which language and colours. */
export abstract class HeadgateElement extends LitElement {
  static override properties: PropertyDeclarations = {
    api: { type: String },
    organization: { type: String },
    locale: { type: String },
    theme: { type: String, reflect: true },
    token: { attribute: false },
    fetch: { attribute: false },
    scope: { state: true },
    problem: { state: true },
    now: { state: true },
  };
  static override styles: CSSResultGroup = [tokens, baseStyles];

  /** Where the API is mounted, e.g. `/audit-log`. @default the page's origin */
  declare api: string;
  /** Whose streams. @default the signed-in person's organization; for operators all */
  declare organization: string | undefined;
  /** E.g. `de`; `browser` for the browser's whatever the document's is. @default the document's language, else the browser's */
  declare locale: string | undefined;
  /** `light`, `dark` or `auto`. @default auto: as the system has it */
  declare theme: "light" | "dark" | "auto" | undefined;
  /** A bearer token. Kept out of attributes, where every script of the page would read it. */
  declare token: string | undefined;
  /** The host's own fetch. */
  declare fetch: typeof globalThis.fetch | undefined;

  /** @internal */
  declare protected scope: Scope | undefined;
  /** What keeps the component from showing anything. @internal */
  declare protected problem: ApiProblem | undefined;
  /** @internal */
  declare protected now: number;

  #client: ApiClient | undefined;
  #ending: AbortController | undefined;
  #tick: ReturnType<typeof setInterval> | undefined;

  constructor() {
    super();
    this.api = "";
    this.now = Date.now();
  }

  /** Loads what the component shows. Called whenever where or what to load has changed; the signal ends the former run. */
  protected abstract begin(signal: AbortSignal): Promise<void>;

  /** Properties that make the component load anew. */
  protected get decisive(): readonly string[] {
    return ["api", "organization", "token", "fetch"];
  }

  protected get client(): ApiClient {
    const { api, organization, token, fetch } = this;
    this.#client ??= createClient({ api, organization: organization === "" ? undefined : organization, token, fetch });
    return this.#client;
  }

  protected get language(): Language {
    return languageOf(this.#locale);
  }

  get #locale(): string {
    const { locale } = this;
    if (locale === "browser") return navigator.language;
    return locale === undefined || locale === "" ? defaultLocale() : locale;
  }

  /** Nothing is drawn in another language than the reader's, not even while that comes. */
  protected override scheduleUpdate(): void | Promise<unknown> {
    const coming = loadLanguage(this.#locale);
    return coming === undefined ? super.scheduleUpdate() : coming.then(() => super.scheduleUpdate());
  }

  override connectedCallback(): void {
    super.connectedCallback();
    this.#tick = setInterval(() => (this.now = Date.now()), tickMs);
    if (this.hasUpdated) this.restart();
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    clearInterval(this.#tick);
    this.#ending?.abort();
  }

  protected override willUpdate(changed: PropertyValues): void {
    if (!this.hasUpdated || this.decisive.some((name) => changed.has(name))) this.restart();
    // What has just come is told by the present time.
    this.now = Date.now();
  }

  /** Loads everything anew. */
  protected restart(): void {
    this.#ending?.abort();
    const ending = new AbortController();
    this.#ending = ending;
    this.#client = undefined;
    this.problem = undefined;
    void this.attempt(async () => {
      const scope = await this.client.scope();
      if (ending.signal.aborted) return;
      this.scope = scope;
      await this.begin(ending.signal);
    }, ending.signal);
  }

  /** Runs work whose failure is shown instead of the component. */
  protected async attempt(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (signal.aborted || isAbort(error)) return;
      this.problem = this.problemFrom(error);
    }
  }

  /** What to show of a thrown error; one about signing in is also told to the page. */
  protected problemFrom(error: unknown): ApiProblem {
    const problem = error instanceof ApiProblem ? error : new ApiProblem(0, "defect", String(error));
    if (problem.status === 401) this.tell("headgate-unauthenticated", {});
    return problem;
  }

  /** The signal of the present run. */
  protected get signal(): AbortSignal {
    this.#ending ??= new AbortController();
    return this.#ending.signal;
  }

  /** An event for the page: it bubbles out of shadow trees. False where the page has prevented what would follow. */
  protected tell(type: string, detail: object): boolean {
    return this.dispatchEvent(new CustomEvent(type, { detail, bubbles: true, composed: true, cancelable: true }));
  }

  /** Moves the focus to what a step begins with, once it is there. */
  protected async focusOn(selector: string): Promise<void> {
    await this.updateComplete;
    this.renderRoot.querySelector<HTMLElement>(selector)?.focus();
  }
}
