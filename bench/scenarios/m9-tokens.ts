import { type Ai, loadConfig, openHost, type Turn } from "millrace";
import { createSimulator, type Simulator } from "millrace/simulator";
import { z } from "zod";
import { measurePaired, ratio } from "../harness/paired.ts";
import type { Scenario } from "../harness/scenario.ts";

const QUESTIONS = 40;
const TURNS = 60;
const KEPT_TOKENS = 1_000;
const MODEL = "claude-haiku-4-5";
const MOST = 0.5;

const RULES = `You sort notes of a household. ${"Write what it is about, how urgent it is, and who should see it. ".repeat(12)}`;
const HANDBOOK = `You answer from this handbook. ${"The mill opens at seven, and its gate is to be closed by whoever leaves last. ".repeat(400)}`;
const Note = z.object({ about: z.string(), urgency: z.number() });

/** M9 and M6: tokens and money that stable prefixes, trimmed histories and packed questions save. */
export const savedTokens: Scenario = {
  id: "M9",
  title: "tokens saved by stable prefixes, trimming and packing",
  description: `What the provider simulator, which keeps a prompt cache and accounts as Anthropic does, charges for the same questions. Prefix: ${QUESTIONS} questions about one handbook of 8,000 tokens, in dollars, sent as the wire format is without marks and by \`ai.text\`. Trimmed: ${QUESTIONS} questions at the end of a talk of ${TURNS} turns, in tokens read, with all of it and with \`maxInputTokens: ${KEPT_TOKENS}\`. Packed: ${QUESTIONS} short notes under one schema and system prompt, in tokens read, one by one and with \`pack\`. Counts, not times: the same on every machine.`,
  target: `at most ${MOST} of the money or the tokens, each`,
  async run({ directory, seed, log }) {
    const simulator = createSimulator({ seed });
    const url = await simulator.start();
    const environment = { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: url, MILLRACE_DATA: directory };
    const host = await openHost({ config: await loadConfig({ environment, cwd: directory }), log });
    const ai = host.ai.forRun({ id: "bench", signal: new AbortController().signal });
    try {
      const rows = await measurePaired(
        [
          { name: "prefix: no marks", unit: "$", measure: () => charged(simulator, () => askUnmarked(url)) },
          { name: "prefix: ai.text", unit: "$", measure: () => charged(simulator, () => askMarked(ai)) },
          { name: "history: all of it", unit: "tokens", measure: () => read(simulator, () => talk(ai, {})) },
          {
            name: "history: trimmed",
            unit: "tokens",
            measure: () => read(simulator, () => talk(ai, { maxInputTokens: KEPT_TOKENS })),
          },
          { name: "notes: one by one", unit: "tokens", measure: () => read(simulator, () => sort(ai, false)) },
          { name: "notes: packed", unit: "tokens", measure: () => read(simulator, () => sort(ai, true)) },
        ],
        { rounds: 1, warmUp: false },
      );
      const ratios = {
        "money with a stable prefix": ratio(rows, "prefix: ai.text", "prefix: no marks"),
        "tokens of a trimmed history": ratio(rows, "history: trimmed", "history: all of it"),
        "tokens of packed notes": ratio(rows, "notes: packed", "notes: one by one"),
      };
      return { rows, ratios, met: Object.values(ratios).every((value) => value <= MOST) };
    } finally {
      await host.close();
      await simulator.stop();
    }
  },
};

/** What the provider charged for some work, in US dollars. */
async function charged(simulator: Simulator, work: () => Promise<unknown>): Promise<number> {
  simulator.reset();
  await work();
  return simulator.ledger().reduce((sum, entry) => sum + entry.usd, 0);
}

async function read(simulator: Simulator, work: () => Promise<unknown>): Promise<number> {
  simulator.reset();
  await work();
  return simulator.stats().promptTokens;
}

async function inTurn(ask: (question: number) => Promise<unknown>): Promise<void> {
  for (let question = 0; question < QUESTIONS; question++) await ask(question);
}

/** As the wire format's own examples ask. */
function askUnmarked(url: string): Promise<void> {
  return inTurn(async (question) => {
    const messages = [{ role: "user", content: `Rule ${question}?` }];
    const reply = await fetch(`${url}/v1/messages`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "k", "anthropic-version": "2023-06-01" },
      body: JSON.stringify({ model: MODEL, max_tokens: 1_024, system: HANDBOOK, messages }),
    });
    if (!reply.ok) throw new Error(await reply.text());
    await reply.json();
  });
}

function askMarked(ai: Ai): Promise<void> {
  return inTurn((question) => ai.text({ system: HANDBOOK, prompt: `Rule ${question}?`, cache: false }));
}

function talk(ai: Ai, bound: { readonly maxInputTokens?: number }): Promise<void> {
  const history = Array.from({ length: TURNS }, (_, turn): Turn => ({
    role: turn % 2 === 0 ? "user" : "assistant",
    text: `Turn ${turn}: ${"and so it went on, as it had before. ".repeat(8)}`,
  }));
  return inTurn((question) => ai.text({ history, prompt: `And then, ${question}?`, cache: false, ...bound }));
}

async function sort(ai: Ai, pack: boolean): Promise<void> {
  const notes = Array.from({ length: QUESTIONS }, (_, note) => `Note ${note}: the light in room ${note} flickers.`);
  await Promise.all(notes.map((prompt) => ai.object({ system: RULES, schema: Note, prompt, pack, cache: false })));
}
