import { html, nothing, type CSSResultGroup, type PropertyDeclarations, type TemplateResult } from "lit";
import { listen } from "../rest/live.ts";
import type { ApiProblem } from "../rest/problem.ts";
import type { Alert, Delivery, Step, Stream } from "../rest/wire.ts";
import { createDialog } from "../parts/dialog.ts";
import { HeadgateElement } from "../parts/headgate-element.ts";
import { icon } from "../parts/icons.ts";
import { inTrouble, nameOf, notice, problemNotice, sinkTitle, skeleton, stateBadge } from "../parts/pieces.ts";
import { tabList, tabStyles } from "../parts/tabs.ts";
import { readVerification, stepList, verificationStyles } from "../parts/verification.ts";
import { alertsView } from "./alerts-view.ts";
import { chartStyles, deliveryChart } from "./delivery-chart.ts";
import { deleteDialog } from "./delete-dialog.ts";
import { deliveriesView } from "./deliveries-view.ts";
import { factsView } from "./facts-view.ts";
import { levelsView } from "./levels-view.ts";
import { reasonView } from "./reason-view.ts";
import { streamStyles } from "./stream-styles.ts";

type Section = "deliveries" | "quarantine" | "alerts" | "replay" | "verification";

const deliveriesAtOnce = 25;
/** A busy stream changes often; its history is read no more often than this. */
const historyPauseMs = 2000;

interface DeliveriesPage {
  readonly deliveries: readonly Delivery[];
  readonly next_cursor?: string;
}

/**
 * One stream, kept up to date: its state with what to do, service levels, deliveries, quarantine, alerts, verification;
 * pause, resume, verify, edit, delete.
 *
 * @fires headgate-edit - `{stream, organization}`: somebody wants to change its settings.
 * @fires headgate-deleted - `{stream, organization}`: it is gone.
 * @fires headgate-list - `{}`: somebody wants to see all streams.
 *
 * @example
 * ```html
 * <headgate-stream api="/audit-log" stream="acme-s3"></headgate-stream>
 * ```
 */
export class HeadgateStream extends HeadgateElement {
  static override properties: PropertyDeclarations = {
    stream: { type: String },
    shown: { state: true },
    deliveries: { state: true },
    cursor: { state: true },
    alerts: { state: true },
    section: { state: true },
    steps: { state: true },
    verifying: { state: true },
    busy: { state: true },
    said: { state: true },
    actProblem: { state: true },
    gone: { state: true },
    asking: { state: true },
    agreed: { state: true },
    connected: { state: true },
  };
  static override styles: CSSResultGroup = [
    HeadgateElement.styles,
    tabStyles,
    verificationStyles,
    chartStyles,
    streamStyles,
  ];

  /** The stream's id. */
  declare stream: string | undefined;
  declare private shown: Stream | undefined;
  declare private deliveries: readonly Delivery[] | undefined;
  declare private cursor: string | undefined;
  declare private alerts: readonly Alert[] | undefined;
  declare private section: Section;
  declare private steps: readonly Step[] | undefined;
  declare private verifying: boolean;
  declare private busy: string | undefined;
  declare private said: string;
  declare private actProblem: ApiProblem | undefined;
  declare private gone: boolean;
  declare private asking: boolean;
  declare private agreed: boolean;
  declare private connected: boolean | undefined;
  readonly #dialog = createDialog(this);
  #history: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.section = "deliveries";
    this.reset();
  }

  protected override get decisive(): readonly string[] {
    return [...super.decisive, "stream"];
  }

  private reset(): void {
    this.shown = undefined;
    this.deliveries = undefined;
    this.cursor = undefined;
    this.alerts = undefined;
    this.steps = undefined;
    this.verifying = false;
    this.busy = undefined;
    this.said = "";
    this.actProblem = undefined;
    this.gone = false;
    this.asking = false;
    this.agreed = false;
  }

  private get path(): string {
    return `/streams/${encodeURIComponent(this.stream ?? "")}`;
  }

  protected override async begin(signal: AbortSignal): Promise<void> {
    this.reset();
    if (this.stream === undefined || this.stream === "") return;
    signal.addEventListener("abort", () => clearTimeout(this.#history), { once: true });
    this.shown = await this.client.json<Stream>(this.path, { signal });
    await Promise.all([this.loadDeliveries(signal), this.loadAlerts(signal)]);
    listen(
      this.client,
      {
        streams: (changed) => {
          const found = changed.find(({ id }) => id === this.stream);
          if (found) this.replace(found, signal);
        },
        removed: (ids) => (this.gone ||= ids.includes(this.stream ?? "")),
        alerts: () => void this.attempt(() => this.loadAlerts(signal), signal),
        connected: (connected) => (this.connected = connected),
      },
      signal,
    );
  }

  private replace(stream: Stream, signal: AbortSignal): void {
    const moved = JSON.stringify(stream) !== JSON.stringify(this.shown);
    // What was said of the last action must not stand beside the trouble that came of it.
    if (inTrouble(stream.health.state)) this.said = "";
    this.shown = stream;
    if (!moved || this.#history !== undefined) return;
    this.#history = setTimeout(() => {
      this.#history = undefined;
      void this.attempt(() => this.loadNewest(signal), signal);
    }, historyPauseMs);
  }

  private async loadDeliveries(signal: AbortSignal, cursor?: string): Promise<void> {
    const query = { cursor, limit: deliveriesAtOnce };
    const page = await this.client.json<DeliveriesPage>(`${this.path}/deliveries`, { query, signal });
    this.deliveries = cursor === undefined ? page.deliveries : [...(this.deliveries ?? []), ...page.deliveries];
    this.cursor = page.next_cursor;
  }

  /** What has come since goes on top; what was loaded of the past stays. */
  private async loadNewest(signal: AbortSignal): Promise<void> {
    const query = { limit: deliveriesAtOnce };
    const page = await this.client.json<DeliveriesPage>(`${this.path}/deliveries`, { query, signal });
    const known = this.deliveries ?? [];
    const newest = known[0]?.number ?? 0;
    const fresh = page.deliveries.filter(({ number }) => number > newest);
    if (fresh.length === page.deliveries.length) {
      this.deliveries = page.deliveries;
      this.cursor = page.next_cursor;
    } else this.deliveries = [...fresh, ...known];
  }

  private async loadAlerts(signal: AbortSignal): Promise<void> {
    const query = { stream: this.stream ?? "", limit: 50 };
    this.alerts = (await this.client.json<{ alerts: readonly Alert[] }>("/alerts", { query, signal })).alerts;
  }

  private async act(name: string, work: () => Promise<void>): Promise<void> {
    if (this.busy !== undefined) return;
    this.busy = name;
    this.actProblem = undefined;
    this.said = "";
    try {
      await work();
    } catch (error) {
      if (!this.signal.aborted) this.actProblem = this.problemFrom(error);
    } finally {
      this.busy = undefined;
    }
  }

  private pauseOrResume(paused: boolean): Promise<void> {
    return this.act("pause", async () => {
      const path = `${this.path}/${paused ? "resume" : "pause"}`;
      this.shown = await this.client.json<Stream>(path, { method: "POST", signal: this.signal });
      this.said = this.language.text(paused ? "resumed_done" : "paused_done");
    });
  }

  private verify(): Promise<void> {
    this.section = "verification";
    return this.act("verify", async () => {
      this.steps = [];
      this.verifying = true;
      const { signal } = this;
      try {
        const tell = (step: Step): void => {
          this.steps = [...(this.steps ?? []), step];
        };
        const ok = await readVerification(this.client, `${this.path}/verify`, undefined, signal, tell);
        if (ok !== undefined) this.shown = await this.client.json<Stream>(this.path, { signal });
        const failed = this.steps.filter(({ status }) => status === "failed").length;
        this.said =
          ok === true
            ? this.language.text("verify_ok")
            : ok === false
              ? this.language.counted("verify_failed", Math.max(1, failed))
              : this.language.text("verify_broken");
      } finally {
        this.verifying = false;
      }
    });
  }

  private ask(): void {
    this.asking = true;
    this.agreed = false;
    this.#dialog.open();
  }

  private delete(): Promise<void> {
    return this.act("delete", async () => {
      const query = this.agreed ? { abandon_pending: "true" } : {};
      try {
        await this.client.json(this.path, { method: "DELETE", query, signal: this.signal });
      } catch (error) {
        // More may be pending by now than the dialog said: it shows the present number.
        this.shown = await this.client.json<Stream>(this.path, { signal: this.signal });
        throw error;
      }
      this.#dialog.close();
      this.gone = true;
      void this.focusOn(".back");
      this.tell("headgate-deleted", { stream: this.stream, organization: this.shown?.organization });
    });
  }

  protected override render(): TemplateResult {
    const { language, problem, shown } = this;
    if (problem?.status === 404)
      return html`<div class="stack" lang=${language.tag}>
        <div>${this.toList()}</div>
        <h2 tabindex="-1">${language.text("stream_unknown")}</h2>
        <p>${language.text("stream_unknown_text")}</p>
      </div>`;
    if (problem)
      return html`<div class="stack" lang=${language.tag}>
        <div>${this.toList()}</div>
        ${problemNotice(problem, language, () => this.restart())}
      </div>`;
    if (this.gone)
      return html`<div class="stack" lang=${language.tag}>
        ${notice("idle", html`<p class="strong">${language.text("deleted_title")}</p>`, { role: "status" })}
        <div>${this.toList()}</div>
      </div>`;
    if (this.stream === undefined || this.stream === "") return html``;
    if (shown === undefined) return skeleton(4, language);
    return html`<div class="stack" lang=${language.tag}>
      <div>${this.toList()}</div>
      ${this.header(shown)}
      ${this.connected === false ? notice("idle", html`<p>${language.text("live_lost")}</p>`, { role: "status" }) : nothing}
      <div role="status">${this.said === "" ? nothing : html`<p class="said">${this.said}</p>`}</div>
      ${this.actProblem && !this.asking ? problemNotice(this.actProblem, language) : nothing}
      ${reasonView(shown, this.now, language)} ${factsView(shown, this.alerts ?? [], this.now, language)}
      ${levelsView(shown.service_levels, language)}
      <section class="card pad">${deliveryChart(shown.activity, this.deliveries ?? [], this.now, language)}</section>
      <section class="card">${this.sections(shown)}</section>
      ${deleteDialog(this.#dialog, {
        stream: this.asking ? shown : undefined,
        language,
        agreed: this.agreed,
        busy: this.busy === "delete",
        problem: this.actProblem,
        agree: (agreed) => (this.agreed = agreed),
        confirm: () => void this.delete(),
        closed: () => {
          this.asking = false;
          this.actProblem = undefined;
        },
      })}
    </div>`;
  }

  private toList(): TemplateResult {
    return html`<button class="button plain little back" type="button" @click=${() => this.tell("headgate-list", {})}>
      ${icon("back")}${this.language.text("all_streams")}
    </button>`;
  }

  private header(stream: Stream): TemplateResult {
    const { language } = this;
    return html`<div class="head">
      <div class="grow">
        <div class="row">
          <h2 tabindex="-1" class="break">${nameOf(stream)}</h2>
          <span role="status">${stateBadge(stream.health.state, language)}</span>
        </div>
        <p class="break">${sinkTitle(stream.sink)} · <span class="mono">${stream.id}</span></p>
      </div>
      ${this.scope?.mayChange === true ? this.actions(stream) : html`<p class="small">${language.text("read_only")}</p>`}
    </div>`;
  }

  /** One that customers cannot set up is the platform's own: its operators alone stop it. */
  private mayStop({ options }: Stream): boolean {
    return options !== undefined || this.scope?.me.role === "operator";
  }

  private actions(stream: Stream): TemplateResult {
    const { language, busy } = this;
    const paused = stream.health.state === "paused";
    const mayStop = this.mayStop(stream);
    const button = (text: string, act: () => void, kind = ""): TemplateResult =>
      html`<button
        class="button ${kind}"
        type="button"
        aria-disabled=${busy !== undefined ? "true" : nothing}
        @click=${act}
      >
        ${text}
      </button>`;
    return html`<div class="row" role="group" aria-label=${language.text("actions")}>
      ${button(language.text("verify"), () => void this.verify())}
      ${
        mayStop
          ? button(
              language.text(paused ? "resume" : "pause"),
              () => void this.pauseOrResume(paused),
              paused ? "primary" : "",
            )
          : nothing
      }
      ${
        stream.declared || !mayStop
          ? nothing
          : html`${
              stream.options === undefined
                ? nothing
                : button(language.text("edit"), () =>
                    this.tell("headgate-edit", { stream: stream.id, organization: stream.organization }),
                  )
            }
            ${button(language.text("delete"), () => this.ask(), "danger")}`
      }
    </div>`;
  }

  private sections(stream: Stream): TemplateResult {
    const { language, section } = this;
    const open = this.alerts?.filter(({ closed_at: closed }) => closed === undefined).length ?? 0;
    const tabs = [
      { id: "deliveries", label: language.text("tab_deliveries") },
      { id: "quarantine", label: language.text("tab_quarantine"), count: stream.quarantined },
      { id: "alerts", label: language.text("tab_alerts"), count: open },
      { id: "replay", label: language.text("tab_replay") },
      { id: "verification", label: language.text("tab_verification") },
    ];
    return html`<div class="tabbar">
        ${tabList(tabs, section, language.text("stream_sections"), (id) => (this.section = id as Section))}
      </div>
      <div class="panel" role="tabpanel" id="panel-${section}" aria-labelledby="tab-${section}" tabindex="0">
        ${this.sectionView(stream)}
      </div>`;
  }

  private sectionView(stream: Stream): TemplateResult {
    const { language, now } = this;
    switch (this.section) {
      case "deliveries":
        return deliveriesView(this.deliveries, {
          now,
          language,
          more: this.cursor,
          load: () => void this.act("more", () => this.loadDeliveries(this.signal, this.cursor)),
          busy: this.busy === "more",
        });
      case "quarantine":
        return html`<headgate-quarantine
          .api=${this.api}
          .organization=${stream.organization}
          .token=${this.token}
          .fetch=${this.fetch}
          .locale=${this.locale}
          .theme=${this.theme}
          .stream=${stream.id}
          .count=${stream.quarantined}
        ></headgate-quarantine>`;
      case "alerts":
        return alertsView(this.alerts, {
          client: this.client,
          now,
          language,
          signal: this.signal,
          replace: (alert) => this.fill(alert),
        });
      case "replay":
        return html`<headgate-replay
          .api=${this.api}
          .organization=${stream.organization}
          .token=${this.token}
          .fetch=${this.fetch}
          .locale=${this.locale}
          .theme=${this.theme}
          .stream=${stream}
          .mayStop=${this.mayStop(stream)}
        ></headgate-replay>`;
      case "verification":
        return this.verificationView(stream);
    }
  }

  private fill(alert: Alert): void {
    this.alerts = this.alerts?.map((one) => (one.id === alert.id ? alert : one));
  }

  private verificationView({ health }: Stream): TemplateResult {
    const { language, verifying } = this;
    const { verification } = health;
    const steps = this.steps ?? verification?.steps ?? [];
    return html`<div class="stack">
      ${
        verification && !verifying
          ? html`<p class="muted">
              ${language.text("verification_at", { time: language.absolute(Date.parse(verification.at)) })}
            </p>`
          : nothing
      }
      ${steps.length === 0 && !verifying ? html`<p class="muted">${language.text("verification_none")}</p>` : nothing}
      <div role="log" aria-live="polite" aria-busy=${verifying}>
        ${steps.length > 0 || verifying ? stepList(steps, verifying, language) : nothing}
      </div>
    </div>`;
  }
}
