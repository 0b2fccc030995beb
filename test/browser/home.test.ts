import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import { after, before, describe, it } from "node:test";
import type { Browser } from "playwright-core";
import { overhang, violations } from "./accessibility.ts";
import { missingBrowser, openBrowser, openPage, settled, WIDE } from "./browser.ts";
import { type Millrace, startMillrace, waitForSuggestions } from "./millrace.ts";

const skip = missingBrowser() ?? false;

describe("the pages of the home app", { skip }, () => {
  let millrace: Millrace;
  let browser: Browser;
  let other: Server;

  before(async () => {
    millrace = await startMillrace();
    browser = await openBrowser();
    other = createServer((_, response) => response.writeHead(401).end("401: Unauthorized"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    await waitForSuggestions(millrace);
  });
  after(async () => {
    await browser.close();
    await new Promise((resolve) => other.close(resolve));
    await millrace[Symbol.asyncDispose]();
  });

  it("show when each device is used, and which follows which", async () => {
    const { page, complaints } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/home/explore`);
    await settled(page);
    const cells = page.locator(".heat td[data-level]");
    await cells.first().waitFor();
    assert.equal(await cells.count(), 7 * 24);
    const first = await cells.allTextContents();
    assert.ok(first.some((count) => Number(count) > 0));
    await page.getByLabel("Device").selectOption({ index: 1 });
    await page.getByRole("region", { name: /^Heat map/ }).waitFor();
    await cells.first().waitFor();
    const graph = page.locator(".pair-graph");
    await graph.locator(".pair-link").nth(2).waitFor({ state: "attached" });
    assert.match((await graph.getAttribute("aria-label")) ?? "", / follows .*\d+ ?%/);
    assert.deepEqual(complaints, []);
    await page.close();
  });

  for (const [scheme, width] of [
    ["light", 1280],
    ["dark", 390],
  ] as const) {
    it(`have no accessibility fault, no error and nothing that scrolls sideways, ${scheme} at ${width}`, async () => {
      const { page, complaints } = await openPage(browser, { scheme, width });
      for (const path of ["/home/explore", "/home/history", "/home/setup", "/home/suggestions"]) {
        await page.goto(millrace.url + path);
        await settled(page);
        if (path === "/home/suggestions") {
          await page.locator(".trial > summary").first().click();
          await page.locator(".backtest-svg").first().waitFor();
        }
        assert.deepEqual(await violations(page), [], path);
        assert.equal(await overhang(page), 0, path);
      }
      assert.deepEqual(complaints, []);
      await page.close();
    });
  }

  it("list the runs with what they cost", async () => {
    const { page, complaints } = await openPage(browser, WIDE);
    await page.goto(`${millrace.url}/home/history`);
    await settled(page);
    await page.getByRole("cell", { name: "$0" }).first().waitFor();
    await page.getByRole("link", { name: "Refined in words" }).click();
    await page.getByText("There was no such run yet").waitFor();
    assert.deepEqual(complaints, []);
    await page.close();
  });

  it("look for a Home Assistant only when asked, and say why a token does not do, without keeping it", async () => {
    const { page, complaints } = await openPage(browser, WIDE);
    const asked: string[] = [];
    page.on("request", (request) => void asked.push(request.url()));
    await page.goto(`${millrace.url}/home/setup`);
    await settled(page);
    assert.ok(!asked.some((url) => url.includes("/setup/")), asked.join(" "));
    await page.getByRole("button", { name: "Look for Home Assistant" }).click();
    await page.getByText("http://127.0.0.1:8123").first().waitFor();

    const address = other.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    await page.getByRole("textbox", { name: "Address" }).fill(`http://127.0.0.1:${port}`);
    await page.getByRole("textbox", { name: "Token" }).fill("secret-token");
    await page.getByRole("button", { name: "Test it" }).click();
    await page.locator("main").getByText("refuses the token (401)").waitFor();
    await page.getByRole("textbox", { name: "Address" }).fill("http://127.0.0.1:1");
    await page.getByRole("button", { name: "Test it" }).click();
    await page.locator("main").getByText("There is no Home Assistant at http://127.0.0.1:1").waitFor();
    assert.ok(!((await page.locator("main").textContent()) ?? "").includes("secret-token"));
    assert.deepEqual((await millrace.get<{ items: unknown[] }>("/api/home/connections")).items, []);
    assert.deepEqual(complaints, []);
    await page.close();
  });
});
