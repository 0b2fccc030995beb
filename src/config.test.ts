import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { z } from "zod";
import { defineApp } from "./app.ts";
import { loadConfig, type LoadConfigOptions } from "./config.ts";
import { MillraceError } from "./core/errors.ts";

let cwd = "";
let count = 0;

before(() => void (cwd = mkdtempSync(join(tmpdir(), "millrace-config-"))));
after(() => rmSync(cwd, { recursive: true, force: true }));

const load = (options: LoadConfigOptions = {}): ReturnType<typeof loadConfig> =>
  loadConfig({ environment: {}, cwd, ...options });

function configFile(content: string): { readonly config: string } {
  const config = join(cwd, `config-${++count}.ts`);
  writeFileSync(config, `import { automation, defineConfig } from "millrace";\n${content}`);
  return { config };
}

async function mistakes(options: LoadConfigOptions): Promise<readonly string[]> {
  const error = await load(options).then(
    () => assert.fail("the configuration was taken"),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof MillraceError && error.code === "CONFIG_INVALID", String(error));
  const listed = error.facts["mistakes"];
  return Array.isArray(listed) ? listed.map(String) : [error.message];
}

const garden = defineApp({
  name: "garden",
  config: z.strictObject({ beds: z.int().default(3) }),
  create: () => ({ automations: [], routes: [] }),
});

describe("loadConfig", () => {
  it("needs nothing: data beside, loopback, 8018, no provider, the machine's time zone", async () => {
    const config = await load();
    assert.equal(config.data, join(cwd, "data"));
    assert.deepEqual([config.host, config.port], ["127.0.0.1", 8018]);
    assert.deepEqual(config.providers, {});
    assert.equal(config.timezone, Intl.DateTimeFormat().resolvedOptions().timeZone);
  });

  it("lets variables win over the file and flags over variables", async () => {
    const flags = configFile(`export default defineConfig({ port: 1, host: "127.0.0.2", data: "here" });`);
    const config = await load({
      flags: { ...flags, port: 3 },
      environment: { MILLRACE_PORT: "2", MILLRACE_HOST: "::1" },
    });
    assert.deepEqual([config.port, config.host, config.data], [3, "::1", join(cwd, "here")]);
  });

  it("takes the automations of a file that imports millrace by name", async () => {
    const flags = configFile(
      `export default defineConfig({ automations: [automation("mine", { on: [] }, async () => 1)] });`,
    );
    const config = await load({ flags });
    assert.deepEqual(
      config.automations.map(({ name }) => name),
      ["mine"],
    );
  });

  it("takes a file and its TypeScript where `npm init` made the project CommonJS, and leaves CommonJS what it is", async () => {
    const project = mkdtempSync(join(cwd, "project-"));
    const write = (name: string, text: string): void => writeFileSync(join(project, name), text);
    write("package.json", `{ "type": "commonjs" }`);
    write("old.ts", `import type { Automation } from "millrace";\nconst port: number = 4;\nmodule.exports = { port };`);
    write("ports.ts", `import old from "./old.ts";\nexport const port: number = old.port + 1;`);
    write("millrace.config.ts", `import { port } from "./ports.ts";\nexport default { port };`);
    assert.equal((await load({ cwd: project })).port, 5);
  });

  it("names every mistake with its place, the remedy and the nearest known name", async () => {
    const flags = configFile(
      `export default { prot: 1, log: { levl: "info" }, models: { fast: "haiku" }, apps: { gardn: {}, garden: { beds: "x" } }, timezone: "Europe/Amstredam" };`,
    );
    const all = await mistakes({ flags, apps: [garden], environment: { MILLRACE_PORT: "many", MILLRACE_HOTS: "x" } });
    const inFile = ["timezone", "log.levl", "models.fast", "prot", "apps.gardn", "apps.garden.beds"];
    const places = ["MILLRACE_HOTS", "MILLRACE_PORT", ...inFile];
    assert.deepEqual(new Set(all.map((mistake) => mistake.split(":")[0])), new Set(places));
    const text = all.join("\n");
    for (const meant of ["MILLRACE_HOST", "port", "level", "Europe/Amsterdam"]) {
      assert.match(text, new RegExp(`Did you mean "${meant}"`));
    }
  });

  it("takes any provider through its AI SDK package, and says so when the package is missing or out of place", async () => {
    const providers = (fields: string) => configFile(`export default { providers: { mistral: ${fields} } };`);
    const config = await load({ flags: providers(`{ kind: "ai-sdk", package: "@ai-sdk/mistral", apiKey: "k" }`) });
    const wanted = { kind: "ai-sdk", package: "@ai-sdk/mistral", apiKey: "k", baseUrl: undefined };
    assert.deepEqual(config.providers["mistral"], wanted);
    assert.match(
      (await mistakes({ flags: providers(`{ kind: "ai-sdk", apiKey: "k" }`) })).join(),
      /mistral.*needs a package/,
    );
    const stray = `{ package: "@ai-sdk/mistral", baseUrl: "http://x" }`;
    assert.match((await mistakes({ flags: providers(stray) })).join(), /mistral.*only the kind "ai-sdk" takes/);
  });

  it("checks the section of each app by the app's own schema", async () => {
    assert.deepEqual((await load({ apps: [garden] })).apps, { garden: { beds: 3 } });
    const flags = configFile(`export default { apps: { gardn: {}, garden: { beds: "x" } } };`);
    const all = await mistakes({ flags, apps: [garden] });
    assert.match(all.join("\n"), /^apps\.gardn: .*Did you mean "garden"\?\napps\.garden\.beds: /);
  });

  it("says what a file lacks that is missing, broken, or exports nothing", async () => {
    assert.match((await mistakes({ flags: { config: "absent.ts" } }))[0] ?? "", /no configuration file .*absent\.ts/);
    assert.match((await mistakes({ flags: configFile("export default {") }))[0] ?? "", /could not be imported/);
    for (const content of [
      "export const x = 1;",
      "export default [];",
      "export default () => ({});",
      "export default null;",
    ]) {
      assert.match((await mistakes({ flags: configFile(content) }))[0] ?? "", /default export/, content);
    }
  });

  it("reads a file whose object has no prototype, and refuses automations and sections that are none", async () => {
    assert.match(
      (await mistakes({ flags: configFile("export default { __proto__: null, prot: 1 };") }))[0] ?? "",
      /^prot: /,
    );
    const automations = "export default { automations: [{ name: 'x', run() {}, options: {} }, null] };";
    const places = (await mistakes({ flags: configFile(automations) })).map((mistake) => mistake.split(":")[0]);
    assert.deepEqual(places, ["automations.0", "automations.1"]);
    const section = configFile("export default { apps: { garden: null } };");
    assert.match((await mistakes({ flags: section, apps: [garden] }))[0] ?? "", /^apps\.garden: /);
  });

  it("finds providers by their usual variables and completes their addresses", async () => {
    const environment = {
      ANTHROPIC_BASE_URL: "http://127.0.0.1:8019",
      OPENAI_API_KEY: "sk-test",
      OLLAMA_HOST: "0.0.0.0",
      VLLM_BASE_URL: "http://gpu:8000/serve/",
      MILLRACE_MODEL_FAST: "ollama/qwen3",
    };
    const { providers, models } = await load({ environment });
    assert.deepEqual(providers, {
      anthropic: { kind: "anthropic", apiKey: "none", baseUrl: "http://127.0.0.1:8019/v1" },
      openai: { kind: "openai", apiKey: "sk-test", baseUrl: "https://api.openai.com/v1" },
      ollama: { kind: "openai-compatible", apiKey: undefined, baseUrl: "http://127.0.0.1:11434/v1" },
      vllm: { kind: "openai-compatible", apiKey: undefined, baseUrl: "http://gpu:8000/serve" },
    });
    assert.deepEqual(models, { fast: "ollama/qwen3" });
  });

  it("refuses an address that is none, by the variable that gave it", async () => {
    assert.match((await mistakes({ environment: { OPENAI_BASE_URL: "nowhere" } }))[0] ?? "", /^OPENAI_BASE_URL: /);
    const flags = configFile(`export default { providers: { mine: { apiKey: "k" } } };`);
    assert.match((await mistakes({ flags }))[0] ?? "", /^providers\.mine\.baseUrl: needs a baseUrl/);
  });
});

describe("the cache's configuration", () => {
  it("takes bounds and policies, and names what is wrong with them", async () => {
    const good = `{ memory: { maxItems: 500, policy: "lru" }, policies: { prices: { ttl: "1h", flight: "shared" } } }`;
    const { cache } = await load({ flags: configFile(`export default { cache: ${good} };`) });
    assert.deepEqual(cache, {
      memory: { maxItems: 500, policy: "lru" },
      policies: { prices: { ttl: "1h", flight: "shared" } },
    });
    const flags = configFile(
      `export default { cache: { memory: { maxItem: 5 }, policies: { prices: { ttl: "soon" } } } };`,
    );
    const [first, second] = await mistakes({ flags });
    assert.match(`${first}\n${second}`, /cache\.memory\.maxItem: is not a setting\. Did you mean "maxItems"\?/);
    assert.match(`${first}\n${second}`, /cache\.policies\.prices\.ttl: must be milliseconds/);
  });
});
