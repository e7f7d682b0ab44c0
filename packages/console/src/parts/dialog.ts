import { html, nothing, type TemplateResult } from "lit";
import { createRef, ref, type Ref } from "lit/directives/ref.js";

/** A modal dialog: the browser keeps the focus inside and gives it back. */
export interface Dialog {
  readonly element: Ref<HTMLDialogElement>;
  open(): void;
  close(): void;
}

/** Makes the handle of a dialog; `host` is drawn anew around it. */
export function createDialog(host: { readonly updateComplete: Promise<boolean> }): Dialog {
  const element = createRef<HTMLDialogElement>();
  return {
    element,
    open: () =>
      void host.updateComplete.then(() => {
        if (element.value && !element.value.open) element.value.showModal();
      }),
    close: () => element.value?.close(),
  };
}

/** The dialog's frame; empty content is not drawn. `closed` hears of Escape as well. */
export function dialogView(
  dialog: Dialog,
  {
    title,
    content,
    wide = false,
    closed,
  }: {
    readonly title: string;
    readonly content: unknown;
    /** With much to read: it begins at its top. */
    readonly wide?: boolean;
    readonly closed: () => void;
  },
): TemplateResult {
  return html`<dialog
    ${ref(dialog.element)}
    class=${wide ? "wide" : ""}
    aria-labelledby="dialog-title"
    @close=${closed}
    @click=${(event: Event) => event.target === event.currentTarget && dialog.close()}
  >
    ${
      content === nothing
        ? nothing
        : html`<div class="stack">
            <h3 id="dialog-title" tabindex="-1" ?autofocus=${wide}>${title}</h3>
            ${content}
          </div>`
    }
  </dialog>`;
}
