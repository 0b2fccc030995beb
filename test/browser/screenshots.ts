/* Takes the pictures of the documents, some from a running server and some from a busy one that it starts itself:
   node --conditions=millrace-source test/browser/screenshots.ts http://127.0.0.1:8018 [FOLDER [NAME…]] */
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { openBrowser, openPage, settled } from "./browser.ts";
import { startBusyMillrace } from "./busy-millrace.ts";

interface Shot {
  readonly name: string;
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: "light" | "dark";
  /** What is opened first. */
  readonly open?: string;
}

const WIDE = { width: 1280, height: 900, scheme: "light" } as const;
const NARROW = { width: 390, height: 844, scheme: "light" } as const;

async function take(browser: Browser, base: string, folder: string, shot: Shot): Promise<void> {
  const { page } = await openPage(browser, shot);
  await page.setViewportSize({ width: shot.width, height: shot.height });
  await page.goto(base + shot.path);
  await settled(page);
  if (shot.open !== undefined) {
    await page.locator(shot.open).first().click();
    await settled(page);
  }
  await page.screenshot({ path: join(folder, `${shot.name}.png`) });
  await page.close();
}

async function newestRun(base: string): Promise<string> {
  const response = await fetch(`${base}/api/runs?limit=1`);
  const page = (await response.json()) as { items: { id: string }[] };
  return page.items[0]?.id ?? "";
}

const [base, folder = fileURLToPath(new URL("../../docs/images", import.meta.url)), ...names] = process.argv.slice(2);
if (base === undefined) throw new Error("Give the address of a running Millrace, for example http://127.0.0.1:8018.");
mkdirSync(folder, { recursive: true });
const isWanted = ({ name }: Pick<Shot, "name">): boolean => names.length === 0 || names.includes(name);
const shots: readonly Shot[] = [
  { name: "overview", path: "/", ...WIDE },
  { name: "runs", path: "/runs", ...WIDE },
  { name: "run", path: isWanted({ name: "run" }) ? `/runs/${await newestRun(base)}` : "", ...WIDE },
  { name: "suggestions", path: "/home/suggestions", ...WIDE },
  { name: "suggestions-dark", path: "/home/suggestions", ...WIDE, scheme: "dark" },
  { name: "suggestions-390", path: "/home/suggestions", ...NARROW },
  { name: "home-trial", path: "/home/suggestions?status=draft", open: ".trial > summary", ...WIDE, height: 1500 },
  { name: "home-explore", path: "/home/explore", ...WIDE },
  { name: "home-setup", path: "/home/setup", ...WIDE },
  { name: "patterns", path: "/home/patterns", open: ".row-toggle", ...WIDE },
];
const busyShots: readonly Shot[] = [
  { name: "cache", path: "/cache", ...WIDE, height: 1500 },
  { name: "cache-entries", path: "/cache/entries", open: ".row-toggle", ...WIDE },
  { name: "cache-similar", path: "/cache/similar", ...WIDE, height: 1500, scheme: "dark" },
  { name: "calls", path: "/calls", ...WIDE, height: 1560 },
  { name: "performance", path: "/performance", ...WIDE, height: 2300 },
  { name: "audit", path: "/audit", ...WIDE },
  { name: "call", path: "/calls/all?source=provider", open: "tbody tr th a", ...WIDE, height: 1160 },
];
const browser = await openBrowser();
for (const shot of shots.filter(isWanted)) await take(browser, base, folder, shot);
if (busyShots.some(isWanted)) {
  await using busy = await startBusyMillrace({ minutes: 60 });
  for (const shot of busyShots.filter(isWanted)) await take(browser, busy.url, folder, shot);
}
await browser.close();
