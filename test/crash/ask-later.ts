import { createLog } from "../../src/core/log.ts";
import { loadConfig } from "../../src/config.ts";
import { openHost } from "../../src/host.ts";

/** Asks for a batch with the data folder and the provider of its orders, and writes what became of it as JSON on a line. */
const { data, url, model, prompts } = JSON.parse(process.argv[2] ?? "{}") as {
  readonly data: string;
  readonly url: string;
  readonly model: string;
  readonly prompts: readonly string[];
};
const config = await loadConfig({
  cwd: data,
  flags: { data },
  environment: {
    OPENAI_API_KEY: "k",
    OPENAI_BASE_URL: `${url}/v1`,
    ANTHROPIC_API_KEY: "k",
    ANTHROPIC_BASE_URL: url,
  },
});
const host = await openHost({ config, log: createLog({ level: "silent" }) });
const ai = host.ai.forRun({ id: "run", signal: new AbortController().signal });
const items = prompts.map((prompt, index) => ({ id: `item ${index}`, prompt }));
const answer = await ai.later({ name: "sums", model, items, poll: "100ms" });
process.stdout.write(`${JSON.stringify(answer)}\n`);
await host.close();
