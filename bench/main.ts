import { mkdtempSync, rmSync } from "node:fs";
import { parseArgs } from "node:util";
import { createLog } from "millrace/testing";
import { writeReport } from "./harness/report.ts";
import { writeResult } from "./harness/result.ts";
import { SCENARIOS } from "./scenarios/index.ts";

const SEED = 20_260_124;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false }, list: { type: "boolean", default: false } },
});
const known = SCENARIOS.map(({ id }) => id);
const unknown = positionals.filter((id) => !known.includes(id));
if (unknown.length > 0) {
  console.error(`error: there is no scenario ${unknown.join(", ")}. There are: ${known.join(", ")}.`);
  process.exit(2);
}
if (values.list) {
  for (const { id, title } of SCENARIOS) console.log(`${id}\t${title}`);
  process.exit(0);
}

for (const scenario of SCENARIOS) {
  if (positionals.length > 0 && !positionals.includes(scenario.id)) continue;
  const say = (text: string): void => console.error(`${scenario.id}: ${text}`);
  say(scenario.title);
  const directory = mkdtempSync(new URL("./.scratch-", import.meta.url).pathname);
  try {
    const outcome = await scenario.run({ seed: SEED, directory, log: createLog({ level: "warn" }), say });
    const { id, rows, ratios, target, met } = writeResult(scenario, outcome, SEED);
    if (values.json) console.log(JSON.stringify({ id, rows, ratios, target, met }));
    else
      console.table(
        rows.map(({ side, value, unit, spread }) => ({ side, value, unit, from: spread[0], to: spread[1] })),
      );
    say(
      `${Object.entries(ratios)
        .map(([name, value]) => `${name} ${value.toFixed(3)}`)
        .join(", ")}; target ${target}: ${met ? "met" : "NOT met"}`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
writeReport();
