import assert from "node:assert/strict";
import type { Locator, Page } from "playwright-core";
import type { SuggestionView } from "../../apps/home/api.ts";
import { openBrowser, openPage, settled, WIDE } from "../browser/browser.ts";
import type { Millrace } from "../browser/millrace.ts";
import type { RealHome } from "./real-home.ts";

export interface JourneyParams {
  readonly millrace: Millrace;
  /** The address by which Millrace reaches the home. */
  readonly url: string;
  readonly home: RealHome;
  /** A draft: the hall's lamp with the door. */
  readonly draft: SuggestionView;
  /** Pictures are laid there when it is given. */
  readonly pictures?: string | undefined;
}

/** What a person does from a token to a rollback, in a browser. The home is left as it was. */
export async function pageJourney(params: JourneyParams): Promise<void> {
  const browser = await openBrowser();
  try {
    const { page, complaints } = await openPage(browser, WIDE);
    page.setDefaultTimeout(60_000);
    await setUp(page, params);
    await throughTheHome(page, params);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
}

async function setUp(page: Page, params: JourneyParams): Promise<void> {
  const { millrace, url, home } = params;
  await page.goto(`${millrace.url}/home/setup`);
  await settled(page);
  await page.locator("main li", { hasText: url }).filter({ hasText: "connected" }).waitFor();
  await page.getByRole("textbox", { name: "Address" }).fill(url);
  await page.getByRole("textbox", { name: "Token" }).fill("not-a-token");
  await page.getByRole("button", { name: "Test it" }).click();
  await page.locator("main").getByText("refuses the token").waitFor();
  await page.getByRole("textbox", { name: "Token" }).fill(home.token);
  await page.getByRole("button", { name: "Test it" }).click();
  await page.locator("main").getByText(`${url} answers (2024.3.3`).waitFor();
  await picture(page, params, "setup");
}

async function throughTheHome(page: Page, params: JourneyParams): Promise<void> {
  const { millrace, home, draft } = params;
  const automation = `/api/config/automation/config/millrace_${draft.id}`;
  await home.post("/api/config/automation/config/dark_hall", {
    id: "dark_hall",
    alias: "Dark hall",
    trigger: [{ platform: "state", entity_id: "binary_sensor.door_open", to: "on" }],
    action: [{ service: "light.turn_off", target: { entity_id: "light.hall" } }],
  });
  await home.until("it is loaded", async () => (await home.stateOf("automation.dark_hall")) === "on");

  await page.goto(`${millrace.url}/home/suggestions`);
  await settled(page);
  const card = page.locator(`[data-suggestion="${draft.id}"]`);
  const press = (name: string): Promise<void> => card.getByRole("button", { name }).first().click();
  await press("Approve");
  await card.getByText("Approved", { exact: true }).waitFor();
  await press("Preview");
  await card
    .getByText(/Dark hall/)
    .first()
    .waitFor();
  await card.getByText("It would not be let through as it is:").waitFor();
  await picture(page, params, "conflict", card);
  await home.delete("/api/config/automation/config/dark_hall");
  await press("Preview");
  await card.getByText("Nothing speaks against it.").waitFor();
  assert.match((await card.locator(".yaml").first().textContent()) ?? "", /platform: "state"/);
  await picture(page, params, "preview", card);

  await press("Deploy");
  await card.getByText("Deployed", { exact: true }).waitFor();
  await card.getByText(/Version 1 stands in the home as/).waitFor();
  const ours = await home.get<object>(automation);
  await picture(page, params, "deployed", card);

  // Nobody asks for it: the home says that its automations were edited, and the page follows.
  await home.post(automation, { ...ours, alias: "Mine now" });
  await card.getByText("Somebody edited it in the home").waitFor();
  await card.getByText("Edited in the home", { exact: true }).waitFor();
  await press("Show the edit");
  await card.locator(".yaml ins", { hasText: "Mine now" }).waitFor();
  await picture(page, params, "edited", card);
  await press("Roll back, and drop the edit");
  await card.getByText("Rolled back", { exact: true }).waitFor();
  await home.until("it is gone", async () => !(await stands(home, automation)));
  await picture(page, params, "rolled-back", card);
}

export async function stands(home: RealHome, automation: string): Promise<boolean> {
  return await home.get(automation).then(
    () => true,
    () => false,
  );
}

async function picture(page: Page, { pictures }: JourneyParams, name: string, part?: Locator): Promise<void> {
  if (pictures !== undefined) await (part ?? page).screenshot({ path: `${pictures}/${name}.png` });
}
