import { expect } from "vitest";
import { accessibilityFaults } from "./accessibility.ts";
import type { Studio } from "./browser.ts";
import { scenes } from "./states.ts";

/** How a page is looked at. */
export interface Look {
  readonly name: string;
  readonly scheme: "light" | "dark";
  readonly width: number;
  readonly height: number;
}

/** Opens every scene in one look, takes its picture and expects no fault: of access, of the policy, of width. */
export async function expectGoodLooks(studio: Studio, look: Look): Promise<void> {
  const faults: string[] = [];
  for (const scene of scenes()) {
    const { page, complaints, state } = await studio.open({ ...scene, ...look });
    await scene.reach?.(page, state);
    await page.getByText(scene.ready).filter({ visible: true }).first().waitFor();
    await studio.shot(page, `${scene.name}-${look.name}`);
    const width = await page.evaluate(() => document.documentElement.scrollWidth);
    const found = [...complaints, ...state.violations, ...(await accessibilityFaults(page))];
    if (width > look.width) found.push(`the page is ${width} wide`);
    faults.push(...found.map((fault) => `${scene.name}: ${fault}`));
    await page.context().close();
  }
  expect(faults).toEqual([]);
}
