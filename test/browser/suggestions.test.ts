import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { APIResponse, Browser, Page } from "playwright-core";
import type { SuggestionView } from "../../apps/home/api.ts";
import { missingBrowser, openBrowser, openPage, settled, until, WIDE } from "./browser.ts";
import { type Millrace, startMillrace, waitForSuggestions } from "./millrace.ts";

interface List {
  readonly items: readonly SuggestionView[];
  readonly total: number;
}

const skip = missingBrowser() ?? false;

describe("the suggestions page", { skip }, () => {
  let millrace: Millrace;
  let browser: Browser;

  before(async () => {
    millrace = await startMillrace();
    browser = await openBrowser();
    await waitForSuggestions(millrace);
  });

  after(async () => {
    await browser.close();
    await millrace[Symbol.asyncDispose]();
  });

  async function drafts(): Promise<readonly SuggestionView[]> {
    return (await millrace.get<List>("/api/home/suggestions?status=draft")).items;
  }

  async function statusOf(id: string): Promise<string | undefined> {
    const { items } = await millrace.get<List>("/api/home/suggestions?limit=200");
    return items.find((item) => item.id === id)?.status;
  }

  function cardOf(page: Page, { id }: SuggestionView) {
    return page.locator(`[data-suggestion="${id}"]`);
  }

  it("shows every draft of the sample home with its evidence, its source and why no model wrote it", async () => {
    const { page, complaints } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/home/suggestions`);
    await settled(page);
    const known = await drafts();
    assert.ok(known.length >= 5, `only ${known.length} drafts`);
    for (const draft of known) {
      const card = cardOf(page, draft);
      assert.equal(await card.getByRole("heading").textContent(), draft.title);
      assert.match((await card.getByRole("img").getAttribute("aria-label")) ?? "", /It happened on \d+ of \d+ days/);
      assert.ok((await card.locator(".ev-hit").count()) > 5);
      assert.match((await card.textContent()) ?? "", /written by rules/);
      assert.ok(((await card.textContent()) ?? "").includes(draft.degraded ?? "?"));
    }
    assert.match((await page.locator("main").textContent()) ?? "", /sample home, made up/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("draws one mark for each chance that it shows, and lists all of them as a table", async () => {
    const { page } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/home/suggestions`);
    await settled(page);
    const [draft] = await drafts();
    assert.ok(draft !== undefined);
    const card = cardOf(page, draft);
    const { occurrences } = draft.rule.evidence;
    // The key below the picture repeats the shapes.
    const hits = card.locator(".evidence-svg .ev-hit");
    assert.equal(await hits.count(), occurrences.filter(({ hit }) => hit).length);
    await card.getByText("As a table").click();
    await card.locator("tbody tr").first().waitFor();
    assert.equal(await card.locator("tbody tr").count(), occurrences.length);
    await page.close();
  });

  it("approves and rejects: the page says so, the API says so, and a reload keeps it", async () => {
    const { page, complaints } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/home/suggestions?status=draft`);
    await settled(page);
    const [first, second] = await drafts();
    assert.ok(first && second);
    const before = await drafts();

    await cardOf(page, first).getByRole("button", { name: "Approve" }).click();
    await cardOf(page, first).getByText("Approved", { exact: true }).waitFor();
    await cardOf(page, second).getByRole("button", { name: "Reject" }).click();
    await cardOf(page, second).getByText("Rejected", { exact: true }).waitFor();
    await page.getByRole("link", { name: `Drafts ${before.length - 2}` }).waitFor();
    assert.equal(await page.locator("#announcer").textContent(), `${second.title}: rejected.`);
    assert.equal(await statusOf(first.id), "approved");
    assert.equal(await statusOf(second.id), "rejected");

    await page.reload();
    await settled(page);
    assert.equal(await cardOf(page, first).count(), 0);
    await page.getByRole("link", { name: /^Approved/ }).click();
    await cardOf(page, first).waitFor();
    assert.equal(await cardOf(page, first).getByRole("button", { name: "Approve" }).count(), 0);
    assert.equal(await cardOf(page, second).count(), 0);
    await page.getByRole("link", { name: /^Rejected/ }).click();
    await cardOf(page, second).waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("can be used by keyboard alone", async () => {
    const { page, complaints } = await openPage(browser, WIDE);
    await page.goto(millrace.url);
    await settled(page);
    await page.keyboard.press("Tab");
    assert.equal(await focusedText(page), "Skip to the content");
    await tabTo(page, /^Suggestions$/);
    await page.keyboard.press("Enter");
    await page.locator(".suggestion").first().waitFor();
    assert.equal(await focusedText(page), "Suggestions");
    await tabTo(page, /^Drafts/);
    await page.keyboard.press("Enter");
    await page.locator(".filters [aria-current]", { hasText: "Drafts" }).waitFor();
    const [draft] = await drafts();
    assert.ok(draft !== undefined);
    await cardOf(page, draft).waitFor();
    await tabTo(page, new RegExp(`^Approve ${escapeForRegExp(draft.title)}$`));
    await page.keyboard.press("Space");
    await cardOf(page, draft).getByText("Approved", { exact: true }).waitFor();
    await until(page, "document.activeElement?.tagName === 'H2'");
    assert.equal(await focusedText(page), draft.title);
    assert.equal(await statusOf(draft.id), "approved");
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("shows what a rule would have done, the effect of other thresholds at once, and keeps what was asked for in words", async () => {
    const { page, complaints } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/home/suggestions?status=draft`);
    await settled(page);
    const draft = (await drafts()).find(
      ({ rule }) => rule.trigger.type === "time" && rule.trigger.weekdays === undefined,
    );
    assert.ok(draft !== undefined);
    const card = cardOf(page, draft);
    await card.getByText("Try it on the past").click();
    await card.locator(".backtest-svg .ev-hit").first().waitFor();
    const figures = card.locator(".backtest-figures");
    const right = figures.getByRole("row", { name: /^As people did/ });
    assert.equal(await right.getByRole("cell").count(), 1);

    await card.getByLabel("Later or earlier").fill("90");
    await figures.getByRole("columnheader", { name: "Changed" }).waitFor();
    const [before = "", after = ""] = await right.getByRole("cell").allTextContents();
    assert.ok(Number.parseInt(after, 10) < Number.parseInt(before, 10), `${before} to ${after}`);
    await card.getByRole("button", { name: "As it was" }).click();
    await figures.getByRole("columnheader", { name: "Changed" }).waitFor({ state: "detached" });

    await card.getByLabel("Or say it in words").fill("only on weekdays and ten minutes later, when I sing");
    await card.getByRole("button", { name: "Propose" }).click();
    await card.getByText("Not understood: “when i sing”").waitFor();
    await card.locator(".difference dd ins", { hasText: "on weekdays" }).waitFor();
    await card.getByText("As an automation").click();
    await card.locator(".yaml ins", { hasText: "weekday:" }).waitFor();
    assert.equal(await statusOf(draft.id), "draft");
    await card.getByRole("button", { name: "Keep this change" }).click();
    await card.getByText("Refined", { exact: true }).waitFor();
    assert.equal(await statusOf(draft.id), "refined");
    // Another run ends, and the drafts are read again: this is none any more, but somebody is at work on it.
    const reread = page.waitForResponse(/suggestions\?.*status=draft&order/);
    await millrace.post("/api/automations/home.daily/runs");
    await reread;
    assert.match((await card.locator(".suggestion-words .rule-sentence").textContent()) ?? "", /^On weekdays/);

    await card.getByRole("button", { name: "Approve" }).click();
    await card.getByText("Approved", { exact: true }).waitFor();
    await card.getByRole("button", { name: "Deploy" }).click();
    await card.getByText("HOME_ASSISTANT_MISSING").waitFor();
    await card.getByRole("button", { name: "Retire" }).click();
    await card.getByText("Retired", { exact: true }).waitFor();
    // The browser notes the refused request by itself.
    assert.deepEqual(
      complaints.filter((each) => !each.includes("409")),
      [],
    );
    await page.close();
  });

  it("tells the truth when the decision is refused because somebody else has decided", async () => {
    const { page } = await openPage(browser, WIDE);
    // The page does not hear of it: whatever it reads again is the list as it was.
    let list: Promise<APIResponse> | undefined;
    await page.route(/suggestions\?.*order=rank/, async (route) => {
      list ??= route.fetch();
      await route.fulfill({ response: await list });
    });
    await page.goto(`${millrace.url}/home/suggestions?status=draft`);
    await settled(page);
    const [draft] = await drafts();
    assert.ok(draft !== undefined);
    await millrace.post(`/api/home/suggestions/${draft.id}/reject`);
    const card = cardOf(page, draft);
    await card.getByRole("button", { name: "Approve" }).click();
    await card.getByRole("alert").waitFor();
    assert.match((await card.getByRole("alert").textContent()) ?? "", /SUGGESTION_STATE/);
    assert.equal(await card.getByText("Approved", { exact: true }).count(), 0);
    assert.equal(await statusOf(draft.id), "rejected");
    await page.close();
  });

  it("tells the truth when Millrace does not answer", async () => {
    const { page } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/home/suggestions?status=draft`);
    await settled(page);
    const [draft] = await drafts();
    assert.ok(draft !== undefined);
    const card = cardOf(page, draft);
    await page.context().setOffline(true);
    await card.getByRole("button", { name: "Approve" }).click();
    await card.getByText("Millrace does not answer").waitFor();
    assert.equal(await card.getByText("Draft", { exact: true }).count(), 1);
    await page.context().setOffline(false);
    await card.getByRole("button", { name: "Approve" }).click();
    await card.getByText("Approved", { exact: true }).waitFor();
    assert.equal(await statusOf(draft.id), "approved");
    await page.close();
  });
});

async function focusedText(page: Page): Promise<string> {
  const text = await page.evaluate("document.activeElement?.textContent ?? ''");
  return String(text).trim();
}

/** Presses Tab until what has the focus reads so. */
async function tabTo(page: Page, text: RegExp): Promise<void> {
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press("Tab");
    if (text.test(await focusedText(page))) return;
  }
  assert.fail(`Tab never came to ${text.source}`);
}

function escapeForRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
