import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Page } from "playwright-core";
import type { RunSummary } from "../../src/http/api.ts";
import { contrastViolations, overhang, violations } from "./accessibility.ts";
import { missingBrowser, openBrowser, openPage, settled, until, untilEach, WIDE } from "./browser.ts";
import { type Millrace, startMillrace, waitForSuggestions } from "./millrace.ts";

interface Runs {
  readonly items: readonly RunSummary[];
  readonly total: number;
}

const skip = missingBrowser() ?? false;

describe("the dashboard", { skip }, () => {
  let millrace: Millrace;
  let browser: Browser;
  let runId: string;

  before(async () => {
    millrace = await startMillrace();
    browser = await openBrowser();
    await waitForSuggestions(millrace);
    runId = (await millrace.get<Runs>("/api/runs")).items[0]?.id ?? "";
  });

  after(async () => {
    await browser.close();
    await millrace[Symbol.asyncDispose]();
  });

  const pages = () => [
    "/",
    "/runs",
    `/runs/${runId}`,
    "/cache/similar",
    "/home/suggestions",
    "/home/patterns",
    "/nowhere",
  ];

  for (const width of [1280, 360]) {
    it(`has no accessibility fault, no error and nothing that scrolls sideways, light and dark at ${width}`, async () => {
      const { page, complaints } = await openPage(browser, { width, scheme: "light" });
      for (const path of pages()) {
        await page.emulateMedia({ colorScheme: "light" });
        await page.goto(millrace.url + path);
        await settled(page);
        await openFolds(page);
        assert.deepEqual(await violations(page), [], `${path}, light at ${width}`);
        assert.equal(await overhang(page), 0, `${path} is too wide`);
        await page.emulateMedia({ colorScheme: "dark" });
        assert.deepEqual(await contrastViolations(page), [], `${path}, dark at ${width}`);
      }
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }

  it("names each page, focuses its title when it is entered, and goes back", async () => {
    const { page, complaints } = await openPage(browser, WIDE);
    await page.goto(millrace.url);
    await settled(page);
    await until(page, "document.title === 'Overview · Millrace'");
    await page.getByRole("link", { name: "Patterns", exact: true }).click();
    await until(page, "document.title === 'Patterns · Millrace'");
    await until(page, "document.activeElement?.textContent === 'Patterns'");
    assert.equal(new URL(page.url()).pathname, "/home/patterns");
    await page.getByRole("link", { name: "Runs", exact: true }).click();
    await until(page, "document.title === 'Runs · Millrace'");
    await page.goBack();
    await until(page, "document.title === 'Patterns · Millrace'");
    await page.goBack();
    await until(page, "document.title === 'Overview · Millrace'");
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("says plainly that rules answer, and what to set for a model", async () => {
    const { page } = await openPage(browser, WIDE);
    await page.goto(millrace.url);
    await settled(page);
    await page.locator("main").getByText("No model provider is configured: answers come from rules").first().waitFor();
    await page.locator("main").getByText("ANTHROPIC_API_KEY").first().waitFor();
    await page.close();
  });

  it("shows a run with its steps, the items of its map as one, and its output", async () => {
    const { page } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/runs/${runId}`);
    await settled(page);
    assert.equal(await page.getByRole("heading", { level: 1 }).textContent(), "home.daily");
    await page.getByText(/^suggest: (\d+) of \1$/).click();
    await page.locator(".timeline-detail code").nth(4).waitFor();
    await page.getByRole("region", { name: "Output" }).getByText('"patterns"').waitFor();
    await page.close();
  });

  it("says what is wrong with an address that is no run", async () => {
    const { page } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/runs/none`);
    await page
      .getByRole("alert")
      .getByText(/RUN_UNKNOWN|INPUT_INVALID/)
      .first()
      .waitFor();
    await page.close();
  });

  it("opens the menu of a narrow page by button and closes it by Escape", async () => {
    const { page } = await openPage(browser, { width: 390, scheme: "light" });
    await page.goto(millrace.url);
    await settled(page);
    const link = page.getByRole("link", { name: "Suggestions", exact: true });
    await link.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Menu" }).click();
    await link.waitFor();
    await page.keyboard.press("Escape");
    await link.waitFor({ state: "hidden" });
    await page.getByRole("button", { name: "Menu" }).click();
    await link.click();
    await page.locator(".suggestion").first().waitFor();
    await link.waitFor({ state: "hidden" });
    await page.close();
  });

  it("leads from a pattern to the suggestion that was made of it", async () => {
    const { page } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/home/patterns`);
    await settled(page);
    await page
      .getByRole("link", { name: /^suggested/ })
      .last()
      .click();
    await page.locator(".suggestion").first().waitFor();
    await until(page, "document.activeElement?.id === location.hash.slice(1)");
    await page.close();
  });

  it("lists more runs than a page holds piece by piece, and narrows them by status", async () => {
    const canceled = 55;
    for (let count = 0; count < canceled; count += 1) {
      const { id } = await millrace.post<{ id: string }>("/api/automations/home.daily/runs");
      await millrace.post(`/api/runs/${id}/cancel`).catch(() => undefined);
    }
    const { total } = await millrace.get<Runs>("/api/runs?limit=1");
    assert.ok(total > 50, `only ${total} runs`);
    const { page } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/runs`);
    await settled(page);
    await page.getByText(`50 of ${total} runs`).waitFor();
    await until(page, `document.querySelectorAll("tbody tr").length === 50`);
    await page.getByRole("button", { name: "Load more" }).click();
    await page.getByText(`${total} of ${total} runs`).waitFor();
    await until(page, `document.querySelectorAll("tbody tr").length === ${total}`);
    await page.getByRole("link", { name: "Done", exact: true }).click();
    await until(page, `document.querySelectorAll("tbody tr").length < ${total}`);
    await untilEach(page, "tbody tr", "Done");
    await page.close();
  });

  it("offers to retry a canceled run, and shows it running again", async () => {
    const { items } = await millrace.get<Runs>("/api/runs?status=canceled&limit=1");
    const [run] = items;
    assert.ok(run !== undefined);
    const { page, complaints } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/runs/${run.id}`);
    await settled(page);
    await page.getByRole("button", { name: "Retry" }).click();
    await page.locator(".facts").getByText("Done").waitFor();
    await page.getByRole("button", { name: "Retry" }).waitFor({ state: "detached" });
    assert.deepEqual(complaints, []);
    await page.close();
  });
});

/** Opens some of each kind of what folds, so that it is looked at too; all of it would take minutes to check. */
async function openFolds(page: Page): Promise<void> {
  for (const kind of [".timeline-row > summary", ".row-toggle", ".json > summary", ".evidence-table > summary"]) {
    for (const fold of (await page.locator(kind).all()).slice(0, 2)) await fold.click();
  }
}
