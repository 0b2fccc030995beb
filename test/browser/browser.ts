import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const PATH = process.env["MILLRACE_CHROMIUM"] ?? "/usr/bin/chromium";

/** Why no browser can be opened; undefined when one can. With CI=true a missing browser is an error, not a reason to skip. */
export function missingBrowser(): string | undefined {
  if (existsSync(PATH)) return undefined;
  const reason = `There is no browser at ${PATH}: install Chromium or set MILLRACE_CHROMIUM.`;
  if (process.env["CI"] === "true") throw new Error(reason);
  return reason;
}

/** Opens Chromium without a window. */
export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: PATH,
    args: [
      ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
      "--disable-gpu",
      "--disable-quic",
      "--disable-dev-shm-usage",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface PageOptions {
  readonly width: number;
  readonly scheme: "light" | "dark";
}

export const WIDE: PageOptions = { width: 1280, scheme: "light" };

/** A page, and what the browser complained about while it was open. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
}

/** A busy machine decides nothing. */
const LONGEST_WAIT_MS = 60_000;

/** Opens a page that notes every error: of the console and of scripts. */
export async function openPage(browser: Browser, { width, scheme }: PageOptions): Promise<WatchedPage> {
  const page = await browser.newPage({
    viewport: { width, height: 900 },
    colorScheme: scheme,
    reducedMotion: "reduce",
  });
  page.setDefaultTimeout(LONGEST_WAIT_MS);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
  });
  return { page, complaints };
}

/** Waits until the page shows content instead of places for it, and follows the live events. */
export async function settled(page: Page): Promise<void> {
  await page.locator("h1").waitFor();
  await page.locator(".skeleton").first().waitFor({ state: "detached" });
  await page.locator('[data-connection="open"]').waitFor({ state: "attached" });
}

/** Waits until an expression is true in the page. Playwright's own way needs eval, which the page's policy forbids. */
export async function until(page: Page, expression: string): Promise<void> {
  const deadline = AbortSignal.timeout(LONGEST_WAIT_MS);
  while ((await page.evaluate(expression)) !== true) {
    if (deadline.aborted) throw new Error(`It never came true: ${expression}`);
    await page.waitForTimeout(25);
  }
}

/** Waits until there are such elements, and the text of each holds one of the words. */
export async function untilEach(page: Page, selector: string, ...words: readonly string[]): Promise<void> {
  const texts = `Array.from(document.querySelectorAll(${JSON.stringify(selector)}), (each) => each.textContent)`;
  await until(
    page,
    `((texts) => texts.length > 0 && texts.every((text) => ${JSON.stringify(words)}.some((word) => text.includes(word))))(${texts})`,
  );
}

/** Waits until what has been announced to a screen reader is this. */
export async function untilAnnounced(page: Page, text: string): Promise<void> {
  await until(page, `document.querySelector("#announcer")?.textContent === ${JSON.stringify(text)}`);
}
