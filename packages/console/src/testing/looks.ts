import { expect } from "vitest";
import { accessibilityFaults } from "./accessibility.ts";
import type { Studio } from "./browser.ts";
import { scenes } from "./states.ts";

/** How a page is looked at. */
export interface Look {
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

/** Opens every scene, in light and in dark, takes its pictures and expects no fault: of access, of the policy, of width. */
export async function expectGoodLooks(studio: Studio, look: Look): Promise<void> {
  const faults: string[] = [];
  for (const scene of scenes()) {
    const { page, complaints, state } = await studio.open({ ...scene, ...look });
    await scene.reach?.(page, state);
    await page.getByText(scene.ready).filter({ visible: true }).first().waitFor();
    await studio.shot(page, `${scene.name}-${look.name}`);
    const found = [...(await accessibilityFaults(page))];
    // The dark scheme changes colours, nothing else.
    await page.emulateMedia({ colorScheme: "dark" });
    await studio.shot(page, `${scene.name}-${look.name}-dark`);
    found.push(...(await accessibilityFaults(page, ["color-contrast"])), ...complaints, ...state.violations);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    if (width > look.width) found.push(`the page is ${width} wide`);
    faults.push(...found.map((fault) => `${scene.name}: ${fault}`));
    await page.context().close();
  }
  expect(faults).toEqual([]);
}
