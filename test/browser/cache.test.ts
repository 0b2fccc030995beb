import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser, Locator, Page } from "playwright-core";
import type { CacheEntriesPage, CacheView, SimilarHitView } from "../../src/http/api.ts";
import { overhang, violations } from "./accessibility.ts";
import { missingBrowser, openBrowser, openPage, settled, until, untilAnnounced, WIDE } from "./browser.ts";
import { type BusyMillrace, startBusyMillrace } from "./busy-millrace.ts";

const skip = missingBrowser() ?? false;

describe("the pages about the cache", { skip }, () => {
  let millrace: BusyMillrace;
  let browser: Browser;

  before(async () => {
    [millrace, browser] = await Promise.all([startBusyMillrace(), openBrowser()]);
  });

  after(async () => {
    await browser.close();
    await millrace[Symbol.asyncDispose]();
  });

  async function get<T>(path: string): Promise<T> {
    return (await (await fetch(millrace.url + path)).json()) as T;
  }

  async function keys(pattern: string): Promise<string[]> {
    const { items } = await get<CacheEntriesPage>(
      `/api/cache/entries?pattern=${encodeURIComponent(pattern)}&limit=200`,
    );
    return items.map(({ key }) => key);
  }

  async function open(path: string) {
    const opened = await openPage(browser, WIDE);
    await opened.page.goto(millrace.url + path);
    await settled(opened.page);
    return opened;
  }

  for (const { width, scheme } of [WIDE, { width: 360, scheme: "dark" }] as const) {
    it(`have no accessibility fault and nothing that scrolls sideways, dialogs included, ${scheme} at ${width}`, async () => {
      const { page, complaints } = await openPage(browser, { width, scheme });
      for (const { path, steps } of [
        { path: "/cache", steps: [".chart-table > summary"] },
        { path: "/cache?by=namespace", steps: [] },
        { path: "/cache/entries?pattern=plan:**", steps: [".row-toggle", ".tag"] },
        { path: "/cache/entries?pattern=weather:**", steps: [".search-line .button:last-child"] },
        { path: "/cache/similar", steps: [".guards > summary", ".hit-card .button"] },
      ]) {
        await page.goto(millrace.url + path);
        await settled(page);
        for (const step of steps) await page.locator(step).first().click();
        await page.locator("main .skeleton").first().waitFor({ state: "detached" });
        assert.deepEqual(await violations(page), [], `${path}, ${scheme} at ${width}`);
        assert.equal(await overhang(page), 0, `${path} is too wide`);
      }
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }

  it("tell the same figures as the API, and each minute's to who walks the chart by keyboard", async () => {
    const { page, complaints } = await open("/cache");
    const { total, levels } = await get<CacheView>("/api/cache");
    await tile(page, "Hit rate", `${Math.round((total.hitRate ?? 0) * 100)}%`);
    await tile(page, "Stampedes joined", total.joined.toLocaleString("en"));
    await tile(page, "Factory failures", total.factoryFailures.toLocaleString("en"));
    await tile(page, "Evictions", levels.reduce((sum, { evictions }) => sum + evictions, 0).toLocaleString("en"));
    assert.ok(total.joined > 0 && total.factoryFailures > 0 && total.staleServed > 0);
    await page.getByRole("meter", { name: "Entries" }).first().waitFor();
    assert.match(
      (await page.getByRole("meter", { name: "Entries" }).first().getAttribute("aria-valuetext")) ?? "",
      /^\d+ of 120$/,
    );

    const chart = page.getByRole("slider", { name: "Hit rate by level, minute by minute" });
    assert.match((await chart.getAttribute("aria-valuetext")) ?? "", /^Last hour: Memory \d+%, Database /);
    await chart.focus();
    const whole = await chart.getAttribute("aria-valuetext");
    await page.keyboard.press("ArrowLeft");
    const last = await changed(chart, whole);
    await page.keyboard.press("ArrowLeft");
    const words = await changed(chart, last);
    const [, minute = "?", memory = "?"] = /^(\d\d:\d\d to \d\d:\d\d): Memory (\S+%)/.exec(words) ?? [];
    await page.locator(".chart-when", { hasText: minute }).waitFor();
    await page.getByText("As a table").click();
    const row = page.locator(".chart-table tbody tr", { hasText: minute });
    assert.equal(await row.locator("td").first().textContent(), memory);

    await page.getByRole("link", { name: "By namespace" }).click();
    await page.getByRole("slider", { name: "Hit rate by namespace, minute by minute" }).waitFor();
    assert.match((await page.locator(".chart-key").textContent()) ?? "", /customer.*weather|weather.*customer/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("find entries by pattern, show a value, and evict one by its key only after it was confirmed", async () => {
    const { page, complaints } = await open("/cache/entries");
    await page.getByLabel("Keys that match").fill("plan:*");
    await page.keyboard.press("Enter");
    await page.getByText("3 of 3 entries").waitFor();
    await page.getByRole("button", { name: "plan:team", exact: true }).click();
    await page.getByRole("region", { name: "Value of plan:team" }).getByText('"seats": 40').waitFor();
    await page.getByRole("button", { name: "Invalidate plan:team" }).click();
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    assert.deepEqual(await keys("plan:*"), ["plan:enterprise", "plan:free", "plan:team"]);

    await page.getByRole("button", { name: "Invalidate plan:team" }).click();
    assert.match((await page.getByRole("dialog").textContent()) ?? "", /plan:team.*cannot be undone/);
    await page.getByRole("dialog").getByRole("button", { name: "Evict" }).click();
    await page.getByText("2 of 2 entries").waitFor();
    await untilAnnounced(page, "Evicted: key plan:team.");
    await until(page, "document.activeElement?.id === 'page-title'");
    assert.deepEqual(await keys("plan:*"), ["plan:enterprise", "plan:free"]);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("name what a pattern and a tag reach before it goes, by keyboard alone", async () => {
    await millrace.cache.set("doomed:1", 1, { tags: ["both"] });
    await millrace.cache.set("doomed:2", 2, { tags: ["both"] });
    await millrace.cache.set("spared:1", 3, { tags: ["both"], ttl: "1h" });
    const { page, complaints } = await open("/cache/entries?pattern=doomed:**");
    await page.getByRole("button", { name: "Invalidate matches" }).focus();
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog", { name: "Invalidate by pattern" });
    await dialog.getByText("2 entries will go.").waitFor();
    assert.deepEqual(await dialog.locator(".doomed code").allTextContents(), ["doomed:1", "doomed:2"]);
    await until(page, "document.querySelector('dialog').contains(document.activeElement)");
    await tabTo(page, "Evict");
    await page.keyboard.press("Enter");
    await page.getByText("No key matches").waitFor();
    assert.deepEqual(await keys("doomed:**"), []);

    await page.goto(`${millrace.url}/cache/entries?pattern=spared:**`);
    await page.getByRole("button", { name: "spared:1", exact: true }).click();
    await page.getByRole("button", { name: "Invalidate the tag both" }).click();
    const byTag = page.getByRole("dialog", { name: "Invalidate by tag" });
    await byTag.getByText(/will go/).waitFor();
    assert.deepEqual(await byTag.locator(".doomed code").allTextContents(), ["spared:1"]);
    await byTag.getByLabel(/^Expire/).check();
    await byTag.getByRole("button", { name: "Expire" }).click();
    await byTag.waitFor({ state: "detached" });
    await untilAnnounced(page, "Expired: tag both.");
    assert.deepEqual(await millrace.cache.getOrSet("spared:1", () => 4), 4);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("run a loader from the page, and say when it fails", async () => {
    const { page, complaints } = await open("/cache");
    const before = (await get<CacheView>("/api/cache")).warming;
    await page.getByRole("button", { name: "Run now desk.plans" }).click();
    await untilAnnounced(page, "3 values made ahead.");
    await page
      .locator(".loaders li", { hasText: "desk.plans" })
      .getByText(`${(before[0]?.made ?? 0) + 3} values made since the start`)
      .waitFor();
    await page.getByRole("button", { name: "Run now desk.status" }).click();
    await untilAnnounced(page, "0 values made ahead, 1 failed.");
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("show pairs of questions side by side, and never give one again that was rejected", async () => {
    const { page, complaints } = await open("/cache/similar");
    const { items } = await get<{ readonly items: readonly SimilarHitView[] }>("/api/cache/similar");
    const hit = items.find(({ verdict }) => verdict === null);
    assert.ok(hit !== undefined, "no hit that could be rejected");
    const card = page.locator(`[aria-labelledby="hit-${hit.id}"]`);
    await card.waitFor();
    assert.deepEqual(await card.locator("dd").allTextContents(), [hit.asked, hit.matched]);
    assert.ok(((await card.textContent()) ?? "").includes(hit.similarity.toFixed(3)));
    await card.getByRole("button", { name: "Reject" }).click();
    const dialog = page.getByRole("dialog");
    assert.match((await dialog.textContent()) ?? "", /cannot be undone/);
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await dialog.waitFor({ state: "detached" });
    await card.getByRole("button", { name: "Reject" }).click();
    await dialog.getByRole("button", { name: "Reject" }).click();
    await card.getByText("Rejected: never given again").waitFor();
    await card.getByRole("button", { name: "Reject" }).waitFor({ state: "detached" });
    const later = await get<{ readonly items: readonly SimilarHitView[] }>("/api/cache/similar");
    assert.equal(later.items.find(({ id }) => id === hit.id)?.verdict, "rejected");
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("tell the truth when an invalidation does not get through", async () => {
    const { page } = await open("/cache/entries?pattern=plan:**");
    const before = await keys("plan:*");
    await page.getByRole("button", { name: "Invalidate matches" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByText(/will go/).waitFor();
    await page.context().setOffline(true);
    await dialog.getByRole("button", { name: "Evict" }).click();
    await dialog.getByText("Millrace does not answer").waitFor();
    await page.context().setOffline(false);
    assert.deepEqual(await keys("plan:*"), before);
    await page.close();
  });
});

/** The words of a chart once they are others. */
async function changed(chart: Locator, before: string | null): Promise<string> {
  await until(chart.page(), `document.activeElement.getAttribute("aria-valuetext") !== ${JSON.stringify(before)}`);
  return (await chart.getAttribute("aria-valuetext")) ?? "";
}

async function tile(page: Page, label: string, value: string): Promise<void> {
  await page.locator(".tile", { hasText: label }).getByText(value, { exact: true }).waitFor();
}

/** Presses Tab until what has the focus reads so. */
async function tabTo(page: Page, text: string): Promise<void> {
  for (let presses = 0; presses < 30; presses += 1) {
    const focused = String(await page.evaluate("document.activeElement?.textContent ?? ''"));
    if (focused.trim() === text) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`Tab never came to ${text}`);
}
