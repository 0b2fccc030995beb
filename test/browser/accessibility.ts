import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

const AXE = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** What axe finds wrong with a page as it is now: the rule, and the first places. */
export async function violations(page: Page): Promise<unknown[]> {
  await page.evaluate(AXE);
  return await run(page, "{ resultTypes: ['violations'] }");
}

/** The same of a page in which `violations` has looked, by the only rule for which colours matter. */
export async function contrastViolations(page: Page): Promise<unknown[]> {
  return await run(page, "{ resultTypes: ['violations'], runOnly: ['color-contrast'] }");
}

async function run(page: Page, options: string): Promise<unknown[]> {
  const result = (await page.evaluate(`axe.run(document, ${options})`)) as {
    readonly violations: readonly Violation[];
  };
  return result.violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.slice(0, 3).map(({ html, failureSummary }) => `${html.slice(0, 200)} ${failureSummary}`),
  }));
}

/** By how many pixels a page is wider than its window. */
export async function overhang(page: Page): Promise<number> {
  return Number(await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"));
}
