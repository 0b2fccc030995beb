import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Locator } from "playwright-core";
import { createSimulator } from "../../simulator/index.ts";
import { createManualClock } from "../../src/core/manual-clock.ts";
import { missingBrowser, openBrowser, openPage, settled, untilAnnounced, WIDE } from "./browser.ts";
import { startMillrace } from "./millrace.ts";

const skip = missingBrowser() ?? false;
const LATENCY_MS = 1_200;
/** What is shown has stayed the same for so long: what went on changes none of it. */
const STILL_MS = 15_000;

describe("the live view", { skip }, () => {
  let browser: Browser;

  before(async () => {
    browser = await openBrowser();
  });

  after(() => browser.close());

  it("shows a run's progress and then its suggestions, without a reload, and who wrote them", async () => {
    // The provider's time stands still until each state was seen.
    const clock = createManualClock();
    await using simulator = createSimulator({ clock, latencyMs: LATENCY_MS });
    await using millrace = await startMillrace({ OPENAI_BASE_URL: `${await simulator.start()}/v1` });
    const overview = await openPage(browser, WIDE);
    const suggestions = await openPage(browser, WIDE);
    const runs = await openPage(browser, WIDE);
    await Promise.all([
      overview.page.goto(millrace.url),
      suggestions.page.goto(`${millrace.url}/home/suggestions`),
      runs.page.goto(`${millrace.url}/runs`),
    ]);
    const channel = overview.page.getByRole("progressbar", { name: "suggest" });
    await channel.waitFor();
    const seen = await watchProgress(channel, async () => {
      const isAsked = simulator.stats().inFlight > 0;
      if (isAsked) await clock.advance(LATENCY_MS);
      return isAsked;
    });
    assert.ok(seen.size >= 2, `progress was seen as: ${[...seen].join("; ")}`);
    await overview.page.getByText("The water is still").waitFor();
    await overview.page
      .locator(".tile", { hasText: "Drafts waiting" })
      .getByText(/^[1-9]/)
      .waitFor();

    await suggestions.page.locator(".suggestion").first().waitFor();
    await suggestions.page.locator(".suggestion").first().getByText("written by a model").waitFor();
    await runs.page.locator("tbody tr", { hasText: "Done" }).waitFor();
    for (const { page, complaints } of [overview, suggestions, runs]) {
      assert.deepEqual(complaints, []);
      await page.close();
    }
  });

  /** What a bar has said until it was gone; `goOn` lets more happen, once what happened before is shown, and says whether it could. */
  async function watchProgress(bar: Locator, goOn: () => Promise<boolean>): Promise<ReadonlySet<string>> {
    const seen = new Set<string>();
    for (let wentOnAt = -Infinity; (await bar.count()) > 0; await bar.page().waitForTimeout(10)) {
      const words = await bar.getAttribute("aria-valuetext", { timeout: 1_000 }).catch(() => null);
      if (words === null || (seen.has(words) && performance.now() - wentOnAt < STILL_MS)) continue;
      seen.add(words);
      wentOnAt = (await goOn()) ? performance.now() : -Infinity;
    }
    return seen;
  }

  it("cancels a run that is under way, and starts another by hand", async () => {
    await using simulator = createSimulator({ latencyMs: 60_000 });
    await using millrace = await startMillrace({ OPENAI_BASE_URL: `${await simulator.start()}/v1` });
    const { page, complaints } = await openPage(browser, WIDE);
    await page.goto(millrace.url);
    await settled(page);
    await page.locator(".running-run").getByRole("link", { name: "home.daily" }).click();
    await page
      .locator(".timeline")
      .getByText(/^suggest: 0 of \d+$/)
      .waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.locator(".facts").getByText("Canceled").waitFor();
    await page.getByRole("button", { name: "Retry" }).waitFor();
    await page.getByRole("link", { name: "Overview", exact: true }).click();
    await page.getByText("The water is still").waitFor();
    await page.getByRole("button", { name: "Run home.daily now" }).click();
    await page.locator(".running-run").getByRole("progressbar", { name: "suggest" }).waitFor();
    await untilAnnounced(page, "home.daily was started.");
    await page.locator(".running-run").getByRole("link", { name: "home.daily" }).click();
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.locator(".facts").getByText("Canceled").waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("says that it lost the line, and catches up when Millrace is back", async () => {
    await using millrace = await startMillrace();
    const { page } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/runs`);
    await settled(page);
    await page.locator("tbody tr", { hasText: "Done" }).waitFor();
    await millrace.stop();
    await page.getByText("Not connected, trying again").waitFor();
    await millrace.restart();
    await millrace.post("/api/automations/home.daily/runs");
    await page.locator('[data-connection="open"]').waitFor();
    await page.locator("tbody tr").nth(1).waitFor();
    await page.close();
  });
});
