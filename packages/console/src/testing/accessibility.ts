import axe from "axe-core";
import type { Page } from "playwright-core";

/** What axe finds wrong, in words; contrast included. With `rules`, by these alone. */
export async function accessibilityFaults(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async (chosen) => {
    interface Result {
      readonly violations: readonly {
        readonly id: string;
        readonly help: string;
        readonly nodes: readonly { readonly target: unknown; readonly failureSummary?: string }[];
      }[];
    }
    const { axe: tool } = globalThis as unknown as {
      axe: { run(context: Document, options: object): Promise<Result> };
    };
    const { violations } = await tool.run(document, {
      resultTypes: ["violations"],
      ...(chosen === undefined ? {} : { runOnly: chosen }),
    });
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${JSON.stringify(target)} ${failureSummary ?? ""}`),
    );
  }, rules);
}
