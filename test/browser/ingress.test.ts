import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as ask, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { toConfiguration, toEnvironment, toMqttUrl } from "../../addon/environment.ts";
import { createIngress } from "../../addon/ingress.ts";
import { home } from "../../apps/home/index.ts";
import { loadConfig } from "../../src/config.ts";
import { missingBrowser, openBrowser, openPage, settled, until, WIDE } from "./browser.ts";
import { startMillrace } from "./millrace.ts";

const PREFIX = "/api/hassio_ingress/a1-B2_c3";
const skip = missingBrowser() ?? false;

async function listening(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

/** What Home Assistant does before the add-on: takes the prefix away, and says which it was. */
function createHomeAssistantPage(port: number): Server {
  return createServer((incoming, outgoing) => {
    const { method, url = "", headers } = incoming;
    if (!url.startsWith(`${PREFIX}/`)) return void outgoing.writeHead(404).end();
    const passed = { ...headers, "x-ingress-path": PREFIX };
    const options = { host: "127.0.0.1", port, method, path: url.slice(PREFIX.length), headers: passed };
    const passing = ask(options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passing.on("error", () => outgoing.destroy());
    outgoing.on("close", () => passing.destroy());
    incoming.pipe(passing);
  });
}

describe("the add-on for Home Assistant", () => {
  const servers: Server[] = [];
  after(() => {
    for (const server of servers) {
      server.close();
      server.closeAllConnections();
    }
  });

  it("shows working pages below the path that Home Assistant gives it", { skip }, async () => {
    await using millrace = await startMillrace();
    const ingress = createIngress({ port: Number(new URL(millrace.url).port), from: "127.0.0.1" });
    servers.push(ingress);
    const page = createHomeAssistantPage(await listening(ingress));
    servers.push(page);
    const top = `http://127.0.0.1:${await listening(page)}${PREFIX}`;
    const browser = await openBrowser();
    try {
      const { page: tab, complaints } = await openPage(browser, WIDE);
      await tab.goto(`${top}/`);
      await settled(tab);
      await tab.getByRole("navigation").getByRole("link", { name: "Runs", exact: true }).click();
      await until(tab, `location.pathname === ${JSON.stringify(`${PREFIX}/runs`)}`);
      await tab.locator("tbody tr").first().waitFor();
      await tab.reload();
      await settled(tab);
      await tab.locator("tbody tr a").first().press("Enter");
      await until(tab, `location.pathname.startsWith(${JSON.stringify(`${PREFIX}/runs/`)})`);
      await tab.goBack();
      await until(tab, `location.pathname === ${JSON.stringify(`${PREFIX}/runs`)}`);
      const outside = await tab.locator(`a[href^="/"]:not([href^="${PREFIX}"])`).count();
      assert.deepEqual([outside, complaints], [0, []]);
      const started = await tab.evaluate(
        `fetch(${JSON.stringify(`${PREFIX}/api/automations/home.daily/runs`)}, { method: "POST" }).then(({ status }) => status)`,
      );
      assert.equal(started, 202, "what a page sends is taken");
    } finally {
      await browser.close();
    }
  });

  it("lets nobody in but the Supervisor, and says when Millrace does not answer yet", async () => {
    const [closed, open] = [
      createIngress({ port: 1, from: "172.30.32.2" }),
      createIngress({ port: 1, from: "127.0.0.1" }),
    ];
    servers.push(closed, open);
    assert.equal((await fetch(`http://127.0.0.1:${await listening(closed)}/`)).status, 403);
    assert.equal((await fetch(`http://127.0.0.1:${await listening(open)}/`)).status, 502);
  });

  it("reaches the home with the Supervisor's token, which stands in no file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "millrace-addon-"));
    try {
      const options = { home_name: "cabin", backfill_days: 20, openai_api_key: "", ollama_host: "http://ollama:11434" };
      const configuration = JSON.stringify(toConfiguration(options));
      assert.doesNotMatch(configuration, /secret/);
      writeFileSync(join(folder, "millrace.config.mjs"), `export default ${configuration};\n`);
      const broker = { host: "core-mosquitto", port: 1883, username: "addons", password: "a/b@c" };
      const environment = {
        ...toEnvironment(options, { SUPERVISOR_TOKEN: "secret", TZ: "Europe/Amsterdam" }),
        MILLRACE_HOME_MQTT_URL: toMqttUrl(broker),
      };
      assert.ok(!("OPENAI_API_KEY" in environment));
      const config = await loadConfig({ apps: [home], environment, cwd: folder });
      assert.partialDeepStrictEqual(config, {
        timezone: "Europe/Amsterdam",
        apps: {
          home: {
            sample: false,
            mqtt: "mqtt://addons:a%2Fb%40c@core-mosquitto:1883",
            homeAssistant: [{ url: "http://supervisor/core", token: "secret", name: "cabin", backfillDays: 20 }],
          },
        },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("has the package's version, and words in each language for every option", () => {
    const read = (name: string): string => readFileSync(new URL(`../../addon/${name}`, import.meta.url), "utf8");
    const config = read("config.yaml");
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as {
      version: string;
    };
    assert.match(config, new RegExp(`^version: "${version.replaceAll(".", String.raw`\.`)}"$`, "m"));
    const options = [...(config.split("\nschema:\n")[1] ?? "").matchAll(/^ {2}(\w+):/gm)].map(([, name]) => name);
    assert.ok(options.length > 5);
    for (const language of ["en", "de"]) {
      const words = [...read(`translations/${language}.yaml`).matchAll(/^ {2}(\w+):$/gm)].map(([, name]) => name);
      assert.deepEqual(words, options, language);
    }
  });
});
