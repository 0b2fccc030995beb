import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { DeploymentView, SuggestionView } from "../../apps/home/api.ts";
import type { Page } from "../../src/http/route.ts";
import { postgresForTests } from "../../src/store/postgres/test-server.ts";
import { missingBrowser } from "../browser/browser.ts";
import { startMillrace, waitForSuggestions } from "../browser/millrace.ts";
import { doorAndLamp } from "./door-and-lamp.ts";
import { startHomeProxy } from "./home-proxy.ts";
import { findHomeAssistant, VERSION } from "./install.ts";
import { oneLink } from "./one-link.ts";
import { pageJourney, stands } from "./page-journey.ts";
import { RealHome } from "./real-home.ts";
import { seedHistory } from "./seed-history.ts";

const installed = findHomeAssistant(process.env);
const skip = "missing" in installed ? `Home Assistant ${VERSION} is not here: ${installed.missing}` : false;

// They mostly wait, and are of no concern to each other.
describe(`processes with a real Home Assistant ${VERSION}`, { skip, timeout: 480_000, concurrency: 2 }, () => {
  let home: RealHome;
  let folder = "";

  before(async () => {
    if ("missing" in installed) return;
    folder = mkdtempSync(join(tmpdir(), "millrace-processes-"));
    home = await RealHome.start(installed.program);
    const { id } = await home.command<{ id: string }>("auth/current_user");
    await home.shutDown();
    seedHistory(home.databasePath, doorAndLamp(id));
    await home.boot();
  });
  after(async () => {
    await home.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function automationIds(): Promise<readonly string[]> {
    const states =
      await home.get<readonly { entity_id: string; state: string; attributes: { id?: string } }[]>("/api/states");
    return states
      .filter(({ entity_id: id, state }) => id.startsWith("automation.") && state !== "unavailable")
      .map(({ attributes }) => String(attributes.id));
  }

  it("is set up, previewed, deployed, seen edited and rolled back on the page; and goes on after a kill in the middle of a deployment", async (test) => {
    const noBrowser = missingBrowser();
    if (noBrowser !== undefined) return test.skip(noBrowser);
    const proxy = await startHomeProxy(home.url);
    try {
      await using millrace = await startMillrace({
        MILLRACE_HOME_ASSISTANT_URL: proxy.url,
        MILLRACE_HOME_ASSISTANT_TOKEN: home.token,
      });
      await waitForSuggestions(millrace);
      const { items } = await millrace.get<Page<SuggestionView>>("/api/home/suggestions");
      const draft = items.find(({ rule: { trigger, action } }) =>
        JSON.stringify([trigger, action.entity_ids]).match(/door_open.*light\.hall/),
      );
      assert.ok(draft !== undefined, JSON.stringify(items.map(({ sentence }) => sentence)));
      await pageJourney({ millrace, url: proxy.url, home, draft, pictures: process.env["MILLRACE_PICTURES"] });

      const path = `/api/home/suggestions/${draft.id}`;
      await millrace.post(`${path}/approve`);
      let killed: Promise<void> | undefined;
      proxy.onReply = async ({ method, path: asked }) => {
        if (method === "POST" && asked.includes("/config/automation/")) await (killed ??= millrace.kill());
      };
      await millrace.post(`${path}/deploy`);
      await home.until("it is killed", () => Promise.resolve(killed !== undefined));
      await killed;
      proxy.onReply = undefined;
      await millrace.restart();
      await home.until("the next process has deployed it", async () => {
        const { status } = await millrace.get<SuggestionView>(path);
        return status === "deployed";
      });
      const { version, versions } = await millrace.get<DeploymentView>(`${path}/versions`);
      assert.deepEqual([version, versions.length], [2, 2]);
      assert.deepEqual(await automationIds(), [`millrace_${draft.id}`]);
      await millrace.post(`${path}/rollback`);
      await home.until(
        "it is gone",
        async () => !(await stands(home, `/api/config/automation/config/millrace_${draft.id}`)),
      );
    } finally {
      await proxy.close();
    }
  });

  it("has one link from all processes of a database, which another takes over when its process is killed", async (test) => {
    const server = await postgresForTests(process.env);
    if (typeof server === "string") return test.skip(server);
    try {
      await oneLink({ home, folder, database: await server.database() });
    } finally {
      await server.close();
    }
  });
});
