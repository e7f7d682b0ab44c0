import {
  css,
  html,
  LitElement,
  nothing,
  type CSSResultGroup,
  type PropertyDeclarations,
  type TemplateResult,
} from "lit";
import type { Artifact } from "../rest/wire.ts";
import { baseStyles } from "../parts/base-styles.ts";
import { foreign } from "../parts/foreign.ts";
import { saveFile } from "../parts/save-file.ts";
import { icon } from "../parts/icons.ts";
import { tabList, tabStyles } from "../parts/tabs.ts";
import { plain } from "../strings/phrase.ts";
import { type Language, languageOf } from "../strings/language.ts";

/** Policies, templates and commands in tabs, each to copy or download. Part of `<headgate-connect>`. */
export class HeadgateArtifacts extends LitElement {
  static override properties: PropertyDeclarations = {
    artifacts: { attribute: false },
    language: { attribute: false },
    chosen: { state: true },
    said: { state: true },
  };
  static override styles: CSSResultGroup = [
    baseStyles,
    tabStyles,
    css`
      :host {
        display: block;
        min-inline-size: 0;
      }
      .panel {
        display: grid;
        gap: calc(var(--_space) * 3);
        padding-block-start: calc(var(--_space) * 4);
        grid-template-columns: minmax(0, 1fr);
      }
      pre {
        white-space: pre;
      }
    `,
  ];

  declare artifacts: readonly Artifact[];
  declare language: Language;
  declare private chosen: string;
  declare private said: string;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this.artifacts = [];
    this.language = languageOf("en");
    this.chosen = "";
    this.said = "";
  }

  private async copy(artifact: Artifact): Promise<void> {
    const { language } = this;
    try {
      await navigator.clipboard.writeText(artifact.content);
      this.said = language.text("copied_name", { name: plain(language.foreign(artifact.title)) });
    } catch {
      this.said = language.text("copy_failed");
    }
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => (this.said = ""), 4000);
  }

  protected override render(): TemplateResult | typeof nothing {
    const { artifacts, language } = this;
    const artifact = artifacts.find(({ id }) => id === this.chosen) ?? artifacts[0];
    if (artifact === undefined) return nothing;
    const select = (id: string): void => {
      this.chosen = id;
      this.said = "";
    };
    return html`
      ${tabList(
        artifacts.map(({ id, title }) => ({ id, label: foreign(title, language) })),
        artifact.id,
        language.text("setup_artifacts"),
        select,
      )}
      <div class="panel" role="tabpanel" id="panel-${artifact.id}" aria-labelledby="tab-${artifact.id}">
        <p class="help">${foreign(artifact.description, language)}</p>
        <pre class="content" tabindex="0" aria-labelledby="tab-${artifact.id}"><code>${artifact.content}</code></pre>
        <div class="row">
          <button class="button little" type="button" @click=${() => void this.copy(artifact)}>
            ${icon("copy")}${language.text("copy")}
          </button>
          <button
            class="button little"
            type="button"
            @click=${() => saveFile(artifact.file, new Blob([artifact.content], { type: "text/plain" }))}
          >
            ${icon("download")}${artifact.file}<span class="hidden">: ${language.text("download")}</span>
          </button>
          <span class="small muted" role="status">${this.said}</span>
        </div>
      </div>
    `;
  }
}
