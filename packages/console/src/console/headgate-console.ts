import {
  html,
  nothing,
  type CSSResultGroup,
  type PropertyDeclarations,
  type PropertyValues,
  type TemplateResult,
} from "lit";
import type { ApiProblem } from "../rest/problem.ts";
import type { Stream } from "../rest/wire.ts";
import { keepDraft } from "../connect/draft.ts";
import { HeadgateElement } from "../parts/headgate-element.ts";
import { icon } from "../parts/icons.ts";
import { notice, problemNotice, skeleton } from "../parts/pieces.ts";
import { consoleStyles } from "./console-styles.ts";
import { organizationForm, organizationSelect } from "./organization-view.ts";
import { hashOf, type Route, routeOf } from "./route.ts";
import { signInView } from "./sign-in-view.ts";
import { keepToken, keptToken, mayBeToken, tokenFromAddress } from "./token-keeper.ts";

type Opened = CustomEvent<{ readonly stream: string; readonly organization?: string }>;

/**
 * The whole console as one page: navigation by the address's fragment, signing in by token where the host has no session,
 * choice of organization for operators. It sets the document's title.
 *
 * @example
 * ```html
 * <headgate-console></headgate-console>
 * ```
 */
export class HeadgateConsole extends HeadgateElement {
  static override properties: PropertyDeclarations = {
    route: { state: true },
    needsToken: { state: true },
    tokenRefused: { state: true },
    entered: { state: true },
    signingIn: { state: true },
    organizations: { state: true },
    moreOrganizations: { state: true },
    asking: { state: true },
  };
  static override styles: CSSResultGroup = [HeadgateElement.styles, consoleStyles];

  declare private route: Route;
  declare private needsToken: boolean;
  declare private tokenRefused: boolean;
  declare private entered: string;
  declare private signingIn: boolean;
  declare private organizations: readonly string[];
  /** Whether there may be more than those. */
  declare private moreOrganizations: boolean;
  /** Whether an operator wants to name one that is not in the list. */
  declare private asking: boolean;

  readonly #moved = (): void => {
    const token = tokenFromAddress();
    if (token !== undefined) this.signIn(token);
    this.route = routeOf(location.hash);
    this.asking = false;
    void this.focusOn("main");
  };

  constructor() {
    super();
    this.needsToken = false;
    this.tokenRefused = false;
    this.entered = "";
    this.signingIn = false;
    this.organizations = [];
    this.moreOrganizations = false;
    this.asking = false;
    this.route = { page: "streams", organization: undefined, stream: undefined };
  }

  override connectedCallback(): void {
    const fresh = tokenFromAddress();
    if (fresh !== undefined) keepToken(fresh);
    this.token ??= fresh ?? keptToken();
    this.route = routeOf(location.hash);
    addEventListener("hashchange", this.#moved);
    super.connectedCallback();
  }

  override disconnectedCallback(): void {
    removeEventListener("hashchange", this.#moved);
    super.disconnectedCallback();
  }

  protected override async begin(signal: AbortSignal): Promise<void> {
    // Kept only once it has been good, and only if it is none of the host's.
    if (this.signingIn) keepToken(this.token);
    if (this.needsToken) void this.focusOn("main");
    this.needsToken = false;
    this.tokenRefused = false;
    this.signingIn = false;
    this.entered = "";
    if (this.scope?.me.role !== "operator") return;
    const page = await this.client.json<{ readonly streams: readonly Stream[]; readonly next_cursor?: string }>(
      "/streams",
      { query: { limit: 200 }, signal },
    );
    const { streams } = page;
    this.moreOrganizations = page.next_cursor !== undefined;
    this.organizations = [...new Set(streams.map(({ organization }) => organization))].sort();
  }

  protected override willUpdate(changed: PropertyValues): void {
    super.willUpdate(changed);
    if (this.problem) this.signingIn = false;
    if (this.problem?.status === 401) {
      this.problem = undefined;
      this.askToken();
    }
  }

  protected override updated(changed: PropertyValues): void {
    super.updated(changed);
    const { language, needsToken, route, chosen } = this;
    const section = route.page === "events" || route.page === "connect" ? route.page : "streams";
    const page = language.text(needsToken ? "sign_in" : `nav_${section}`);
    const title = [route.stream, page, needsToken ? undefined : chosen, "Headgate"];
    document.title = title.filter((part) => part !== undefined).join(" · ");
  }

  /** The organization that is looked at: one's own, or the one that an operator chose. */
  private get chosen(): string | undefined {
    const { scope, organization, route } = this;
    if (organization !== undefined && organization !== "") return organization;
    return scope?.me.role === "operator" ? route.organization : scope?.organization;
  }

  private go(page: Route["page"], stream?: string, organization = this.chosen): void {
    location.hash = hashOf({ page, organization, stream });
  }

  private signIn(token: string): void {
    this.tokenRefused = !mayBeToken(token);
    if (this.tokenRefused) return;
    this.signingIn = true;
    // The same token once more is tried once more.
    if (token === this.token) this.restart();
    this.token = token;
  }

  private signOut(): void {
    keepToken(undefined);
    // What somebody has typed is not for whoever signs in next.
    keepDraft(undefined);
    this.token = undefined;
    this.scope = undefined;
    this.problem = undefined;
    this.needsToken = true;
    this.tokenRefused = false;
    void this.focusOn("#token");
  }

  private unauthenticated(): void {
    // A token that was revoked meanwhile: signing in begins anew.
    if (this.needsToken) return;
    this.askToken();
  }

  /** Somebody who never signed in is asked, and not told off. */
  private askToken(): void {
    this.tokenRefused = this.token !== undefined;
    this.needsToken = true;
    this.scope = undefined;
    keepToken(undefined);
    void this.focusOn("#token");
  }

  protected override render(): TemplateResult {
    const { language, scope, needsToken, problem } = this;
    return html`<div class="frame" lang=${language.tag} @headgate-unauthenticated=${() => this.unauthenticated()}>
      <header>
        <button class="button skip" type="button" @click=${() => this.skip()}>${language.text("skip")}</button>
        <div class="bar">
          <h1 class="brand">${icon("gate", 22)}<span>Headgate</span></h1>
          ${scope && !needsToken ? this.navigation() : nothing}
          ${scope && !needsToken ? this.account(scope.me.actor.name ?? scope.me.actor.id) : nothing}
        </div>
      </header>
      <main id="main" tabindex="-1">
        ${
          needsToken
            ? signInView({
                language,
                entered: this.entered,
                refused: this.tokenRefused,
                busy: this.signingIn,
                problem,
                enter: (text) => (this.entered = text),
                submit: (event) => {
                  event.preventDefault();
                  if (this.entered.trim() !== "" && !this.signingIn) this.signIn(this.entered.trim());
                },
              })
            : problem
              ? this.stuck(problem)
              : scope === undefined
                ? skeleton(3, language)
                : scope.me.role === "ingest"
                  ? notice("idle", html`<p>${language.text("role_ingest_text")}</p>`)
                  : this.page()
        }
      </main>
    </div>`;
  }

  /** A token that cannot even be tried must not be all that there is to try. */
  private stuck(problem: ApiProblem): TemplateResult {
    const { language, token } = this;
    return html`${problemNotice(problem, language, () => this.restart())}${
      token === undefined
        ? nothing
        : html`<p>
            <button class="button" type="button" @click=${() => this.signOut()}>${language.text("sign_out")}</button>
          </p>`
    }`;
  }

  private skip(): void {
    this.renderRoot.querySelector<HTMLElement>("main")?.focus();
  }

  private navigation(): TemplateResult {
    const { language, route, chosen, scope } = this;
    const link = (page: "streams" | "events" | "connect", here: boolean): TemplateResult =>
      html`<a
        href=${hashOf({ page, organization: chosen, stream: undefined })}
        aria-current=${here ? "page" : nothing}
        @click=${() => (this.asking = false)}
        >${language.text(`nav_${page}`)}</a
      >`;
    return html`<nav aria-label=${language.text("nav")}>
      ${link("streams", route.page === "streams" || route.page === "stream" || route.page === "edit")}
      ${link("events", route.page === "events")}
      ${scope?.mayChange === true ? link("connect", route.page === "connect") : nothing}
    </nav>`;
  }

  private account(name: string): TemplateResult {
    const { language, scope, chosen } = this;
    return html`<div class="account">
      ${
        scope?.me.role === "operator" && (this.organization ?? "") === ""
          ? organizationSelect({
              language,
              known: this.organizations,
              more: this.moreOrganizations,
              chosen,
              choose: (organization) => this.choose(organization),
              ask: () => {
                this.asking = true;
                void this.focusOn("#id");
              },
            })
          : html`<span class="small strong break">${chosen ?? ""}</span>`
      }
      ${
        this.token === undefined
          ? html`<span class="small muted break">${name}</span>`
          : html`<button
              class="button little"
              type="button"
              title=${language.text("signed_in_as", { name })}
              @click=${() => this.signOut()}
            >
              ${language.text("sign_out")}
            </button>`
      }
    </div>`;
  }

  private choose(organization: string): void {
    this.asking = false;
    const { page } = this.route;
    this.go(page === "stream" || page === "edit" ? "streams" : page, undefined, organization || undefined);
  }

  private page(): TemplateResult {
    const { route, chosen, api, token, fetch, locale, theme } = this;
    const opened = (event: Opened): void => this.go("stream", event.detail.stream, event.detail.organization ?? chosen);
    const needs = chosen === undefined && route.page !== "streams";
    if (needs || this.asking) {
      const { language, organizations: known } = this;
      return organizationForm({ language, known, choose: (organization) => this.choose(organization) });
    }
    const banner = html`<headgate-banner
      .api=${api}
      .organization=${chosen}
      .token=${token}
      .fetch=${fetch}
      .locale=${locale}
      .theme=${theme}
      .stream=${undefined}
      @headgate-open=${opened}
    ></headgate-banner>`;
    return html`${route.page === "streams" || route.page === "events" ? banner : nothing}${this.component(route, opened)}`;
  }

  private component({ page, stream }: Route, opened: (event: Opened) => void): TemplateResult {
    const { chosen, api, token, fetch, locale, theme } = this;
    const list = (): void => this.go("streams");
    switch (page) {
      case "streams":
        return html`<headgate-streams
          .api=${api}
          .organization=${chosen}
          .token=${token}
          .fetch=${fetch}
          .locale=${locale}
          .theme=${theme}
          @headgate-open=${opened}
          @headgate-connect=${() => this.go("connect")}
        ></headgate-streams>`;
      case "stream":
        return html`<headgate-stream
          .api=${api}
          .organization=${chosen}
          .token=${token}
          .fetch=${fetch}
          .locale=${locale}
          .theme=${theme}
          .stream=${stream}
          @headgate-list=${list}
          @headgate-edit=${() => this.go("edit", stream)}
        ></headgate-stream>`;
      case "connect":
      case "edit":
        return html`<headgate-connect
          .api=${api}
          .organization=${chosen}
          .token=${token}
          .fetch=${fetch}
          .locale=${locale}
          .theme=${theme}
          .stream=${page === "edit" ? stream : undefined}
          @headgate-open=${opened}
          @headgate-cancelled=${() => (page === "edit" ? this.go("stream", stream) : list())}
        ></headgate-connect>`;
      case "events":
        return html`<headgate-events
          .api=${api}
          .organization=${chosen}
          .token=${token}
          .fetch=${fetch}
          .locale=${locale}
          .theme=${theme}
        ></headgate-events>`;
    }
  }
}
