import { createLog } from "../../src/core/log.ts";
import { loadConfig } from "../../src/config.ts";
import { openHost } from "../../src/host.ts";

/** Asks questions with the data folder and the provider of its orders, and says each answer's source on a line. Then it waits to be killed. */
const { data, url, prompts, ends } = JSON.parse(process.argv[2] ?? "{}") as {
  readonly data: string;
  readonly url: string;
  readonly prompts: readonly string[];
  readonly ends: boolean;
};
const config = await loadConfig({
  cwd: data,
  flags: { data },
  environment: { OPENAI_API_KEY: "k", OPENAI_BASE_URL: `${url}/v1` },
});
const host = await openHost({ config, log: createLog({ level: "silent" }) });
const ai = host.ai.forRun({ id: "run", signal: new AbortController().signal });
for (const prompt of prompts) {
  const { source } = await ai.text({ prompt, similar: true });
  process.stdout.write(`${source}\n`);
}
if (ends) await host.close();
else setInterval(() => undefined, 60_000);
