import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import type { CallActivity, CallsPage, UsageView } from "../../src/http/api.ts";
import { overhang, violations } from "./accessibility.ts";
import { missingBrowser, openBrowser, openPage, settled, untilEach, WIDE } from "./browser.ts";
import { type BusyMillrace, startBusyMillrace } from "./busy-millrace.ts";

const skip = missingBrowser() ?? false;

describe("the pages about calls", { skip }, () => {
  let millrace: BusyMillrace;
  let browser: Browser;

  before(async () => {
    [millrace, browser] = await Promise.all([startBusyMillrace({ minutes: 4 }), openBrowser()]);
  });

  after(async () => {
    await browser.close();
    await millrace[Symbol.asyncDispose]();
  });

  async function get<T>(path: string): Promise<T> {
    return (await (await fetch(millrace.url + path)).json()) as T;
  }

  async function open(path: string) {
    const opened = await openPage(browser, WIDE);
    await opened.page.goto(millrace.url + path);
    await settled(opened.page);
    return opened;
  }

  /** A call whose first request failed and whose second was answered. */
  async function retried() {
    const { items } = await get<CallsPage>("/api/calls?limit=200&source=provider");
    const call = items.find(({ requests }) => requests > 1);
    assert.ok(call !== undefined, "no call was tried again");
    return call;
  }

  for (const { width, scheme } of [WIDE, { width: 360, scheme: "dark" }] as const) {
    it(`have no accessibility fault and nothing that scrolls sideways, ${scheme} at ${width}`, async () => {
      const { page, complaints } = await openPage(browser, { width, scheme });
      for (const path of ["/calls", "/calls/all?source=similar", "/calls/cost", `/calls/${(await retried()).id}`]) {
        await page.goto(millrace.url + path);
        await settled(page);
        assert.deepEqual(await violations(page), [], `${path}, ${scheme} at ${width}`);
        assert.equal(await overhang(page), 0, `${path} is too wide`);
      }
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }

  it("tell the same figures as the API", async () => {
    const { page, complaints } = await open("/calls");
    const { minutes, models, times, routes } = await get<CallActivity>("/api/calls/activity");
    const counts = minutes.flatMap(({ sources }) => Object.values(sources));
    const calls = counts.reduce((sum, count) => sum + count, 0);
    await page.locator(".tile", { hasText: "Calls, last hour" }).getByText(String(calls), { exact: true }).waitFor();
    const sources = await page.getByRole("slider", { name: /^Share of each source/ }).getAttribute("aria-valuetext");
    for (const source of ["Memory", "Joined", "Similar", "Provider"]) assert.match(sources ?? "", new RegExp(source));
    const lengths = await page.getByRole("slider", { name: /^Percentiles/ }).getAttribute("aria-valuetext");
    assert.ok(times !== null);
    assert.match(lengths ?? "", /^Last hour: p99 \S+ m?s, p90 \S+ m?s, p50 \S+ m?s$/);
    for (const { model } of models) await page.getByRole("rowheader", { name: model }).waitFor();
    for (const { model } of routes) await page.locator(".level", { hasText: model }).getByText("In use").waitFor();
    await page.getByRole("meter", { name: "requests left" }).first().waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("show a call as soon as it ends, and where its answer came from", async () => {
    const { page, complaints } = await open("/calls");
    const first = page.locator("section", { hasText: "Latest calls" }).locator("tbody tr").first();
    await millrace.ask("desk.triage", "A ticket that nobody has sent before");
    await first.getByText("Provider").waitFor();
    await millrace.ask("desk.triage", "A ticket that nobody has sent before");
    await first.getByText("Memory").waitFor();
    await first.getByText(/saved \$/).waitFor();
    await first.locator("th a").click();
    await page.getByText("Memory held the answer").waitFor();
    await page.getByRole("link", { name: "in the cache" }).click();
    await page.getByText("1 of 1 entries").waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("follow a call stage by stage, the attempt that failed too", async () => {
    const call = await retried();
    const { page, complaints } = await open(`/calls/${call.id}`);
    await page.locator(".trail > li").first().waitFor();
    const stages = await page.locator(".trail > li").allTextContents();
    const providers = stages.filter((text) => text.startsWith("Provider"));
    assert.equal(providers.length, call.requests);
    assert.match(providers[0] ?? "", /attempt 1.*overloaded/);
    assert.match(providers.at(-1) ?? "", /from provider/);
    // Of the calls that were tried again some look for similar questions first.
    assert.match(stages.find((text) => !text.startsWith("Similar questions")) ?? "", /^Kept answers/);
    await page.getByRole("link", { name: call.automation ?? "?" }).click();
    await page.locator(".timeline").waitFor();
    assert.equal(new URL(page.url()).pathname, `/runs/${call.runId}`);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("sum up cost by automation and by model as the API does", async () => {
    const { page, complaints } = await open("/calls/cost");
    for (const by of ["automation", "model"] as const) {
      await page.getByRole("link", { name: `By ${by}` }).click();
      const { items } = await get<{ readonly items: readonly UsageView[] }>(`/api/usage?by=${by}`);
      await page.getByRole("columnheader", { name: by === "model" ? "Model" : "Automation" }).waitFor();
      for (const { group, calls } of items) {
        const row = page.locator("tbody tr", { hasText: group ?? "?" });
        await row.locator('[data-label="Calls"]').getByText(String(calls), { exact: true }).waitFor();
      }
    }
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("say that a model is left alone when it failed again and again, and list what failed", async () => {
    millrace.simulator.configure({ faultRate: 1, faults: ["server-error"], rules: [] });
    await millrace.ask("desk.triage", "A ticket in bad times", "Another ticket in bad times");
    const { page, complaints } = await open("/calls");
    const card = page.locator(".level", { hasText: "openai/gpt-5.4-nano" });
    await card.getByText("Breaker open").waitFor();
    await card.getByText(/a probe goes/).waitFor();
    await page.getByRole("link", { name: "All calls" }).first().click();
    await page.getByRole("link", { name: "Failed", exact: true }).click();
    await untilEach(page, "tbody tr", "CALL_FAILED", "BREAKER_OPEN");
    await untilEach(page, "tbody tr", "Failed");
    assert.deepEqual(complaints, []);
    await page.close();
  });
});
