import { type ChildProcess, fork, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createInterface } from "node:readline";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createSeededRandom } from "millrace";
import { floorsOf, isGrowing, type Point, slopeOf } from "../harness/growth.ts";
import { median } from "../harness/paired.ts";
import { RESULTS } from "../harness/result.ts";
import type { Row, Scenario } from "../harness/scenario.ts";
import { toPlot } from "../harness/soak-plot.ts";

const MAIN = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));
const SERVER = JSON.parse(readFileSync(new URL("../../bin/server.json", import.meta.url), "utf8")) as {
  readonly flags: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
};
const PROVIDER = fileURLToPath(new URL("../sides/fixed-provider.ts", import.meta.url));
const IDLE_SECONDS = 8;
/** An hour: MILLRACE_SOAK_SECONDS=3600. */
const SOAK_SECONDS = Number(process.env["MILLRACE_SOAK_SECONDS"] ?? 60);
const PACE_MS = 25;
const IDLE_MB = 120;
const LOAD_MB = 300;
/** The heap's floor may wander by so much between thirds of the soak. */
const NOISE = 0.1;

const CONFIG = (provider: string): string => `
import { automation, defineConfig, on } from "millrace";
export default defineConfig({
  apps: { home: { sample: false } },
  models: { fast: "local/fixed" },
  providers: { local: { kind: "openai-compatible", baseUrl: "${provider}/v1" } },
  gateway: { isOpen: true },
  automations: [
    automation("digest", { on: [on.manual()] }, async ({ event, step, ai, cache }) => {
      const facts = await step.map("ask", [1, 2, 3], async (n) =>
        (await ai.text({ model: "fast", prompt: \`What of \${event.data.about} is number \${n}?\` })).text);
      await step.run("keep", () => cache.set(\`digest:\${event.data.about}\`, facts));
      return { count: facts.done.length };
    }),
  ],
});
`;

/** B10: memory of a process at rest and under mixed load, and whether it grows. */
export const memory: Scenario = {
  id: "B10",
  title: "memory at rest, under load, and over time",
  description: `\`millrace start\` with a configuration in TypeScript: resident memory after ${IDLE_SECONDS} s at rest, of the first start in an empty folder, which loads Node's type stripper, and of the next one, which finds its work in the compile cache; then runs of three calls, calls over the gateway, pages and the cache by turns, ${1_000 / PACE_MS} requests a second for ${SOAK_SECONDS} s (MILLRACE_SOAK_SECONDS), with prompts of which few are asked often. The heap's floor is its smallest value in each third of the soak. [The plot](B10-soak.svg).`,
  target: `at rest under ${IDLE_MB} MB, under load under ${LOAD_MB} MB, no growth`,
  async run({ directory, seed, say }) {
    const provider = await startProvider();
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, "millrace.config.ts"), CONFIG(provider.url));
    let server = await startServer(directory);
    try {
      const firstStart = await atRestMb(server);
      await end(server.child);
      server = await startServer(directory);
      const idle = await atRestMb(server);
      say(`${firstStart.toFixed(0)} MB at rest, ${idle.toFixed(0)} MB after another start`);
      const samples = await soak(server, { seed, say, directory });
      return report({ firstStart, idle, samples });
    } finally {
      await end(server.child);
      await end(provider.child);
    }
  },
};

interface Sample {
  readonly at: number;
  readonly rssMb: number;
  readonly heapMb: number;
  readonly resources: number;
  readonly rows: Readonly<Record<string, number>>;
}

async function soak(
  { child, url }: Started,
  { seed, say, directory }: { readonly seed: number; readonly say: (text: string) => void; readonly directory: string },
): Promise<readonly Sample[]> {
  const random = createSeededRandom(seed);
  const samples: Sample[] = [];
  const startedAt = performance.now();
  const seconds = (): number => (performance.now() - startedAt) / 1_000;
  const stop = new AbortController();
  const underWay = new Set<Promise<void>>();
  let failed = 0;
  let asked = 0;
  const sampling = (async () => {
    while (!stop.signal.aborted) {
      // A sample whose connection the server has just closed for its rest is left out.
      const seen = await inside(url).catch(() => undefined);
      if (seen !== undefined) {
        samples.push({ at: seconds(), rssMb: residentMb(child), ...seen, rows: tableSizes(directory) });
      }
      await delay(Math.max(1_000, SOAK_SECONDS * 2));
    }
  })();
  while (seconds() < SOAK_SECONDS) {
    // A few are asked often, most once: drawn as the square of an even draw.
    const about = `topic ${Math.floor(random.next() ** 2 * 5_000)}`;
    const request = ask(url, asked++, about)
      .catch(() => void failed++)
      .finally(() => underWay.delete(request));
    underWay.add(request);
    if (underWay.size > 200) await Promise.race(underWay);
    await delay(PACE_MS);
  }
  await Promise.all(underWay);
  stop.abort();
  await sampling;
  samples.push({ at: seconds(), rssMb: residentMb(child), ...(await inside(url)), rows: tableSizes(directory) });
  say(`${asked} requests, ${failed} failed`);
  if (failed > asked / 100) throw new Error(`${failed} of ${asked} requests failed`);
  return samples;
}

/** By turns: a run, a call over the gateway, a page of runs, what the cache holds, what calls cost. */
async function ask(url: string, turn: number, about: string): Promise<void> {
  const json = (body: object) => ({
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const requests = [
    () => fetch(`${url}/api/automations/digest/runs`, json({ input: { about } })),
    () =>
      fetch(
        `${url}/v1/chat/completions`,
        json({ model: "fast", messages: [{ role: "user", content: `Tell me of ${about}.` }] }),
      ),
    () => fetch(`${url}/api/runs?limit=50`),
    () => fetch(`${url}/api/cache`),
    () => fetch(`${url}/api/calls?limit=50`),
  ];
  const response = await requests[turn % requests.length]?.();
  await response?.arrayBuffer();
  if (response?.ok !== true) throw new Error(`it answered ${response?.status}`);
}

interface Measured {
  /** At rest, in MB: after the first start, and after the next one. */
  readonly firstStart: number;
  readonly idle: number;
  readonly samples: readonly Sample[];
}

function report({ firstStart, idle, samples }: Measured) {
  const points = (valueOf: (sample: Sample) => number): Point[] =>
    samples.map((sample) => ({ at: sample.at, value: valueOf(sample) }));
  const rss = points(({ rssMb }) => rssMb);
  const heap = points(({ heapMb }) => heapMb);
  const resources = points((sample) => sample.resources);
  writeFileSync(
    new URL("B10-soak.svg", RESULTS),
    toPlot({
      title: "Memory of millrace under mixed load",
      unit: "MB",
      lines: [
        { name: "resident", colour: "#b4552d", points: rss },
        { name: "heap, garbage included", colour: "#2d6cb4", points: heap },
      ],
    }),
  );
  const floors = floorsOf(heap, 3);
  const later = (all: readonly Point[]): Point[] => all.filter(({ at }) => at > (all.at(-1)?.at ?? 0) / 2);
  const peak = Math.max(...rss.map(({ value }) => value));
  const row = (side: string, unit: string, values: readonly number[], value = median(values)): Row => ({
    side,
    unit,
    value,
    spread: [Math.min(...values), Math.max(...values)],
  });
  const [first, last] = [samples[0]?.rows ?? {}, samples.at(-1)?.rows ?? {}];
  const rows: Row[] = [
    row("resident, at rest", "MB", [idle]),
    row("resident, at rest after the first start", "MB", [firstStart]),
    row(
      "resident, under load",
      "MB",
      rss.map(({ value }) => value),
      peak,
    ),
    row("heap's floor by thirds", "MB", floors),
    row(
      "handles that keep the loop going",
      "",
      resources.map(({ value }) => value),
    ),
    ...Object.entries(last).map(([table, count]) => row(`rows of ${table}`, "", [first[table] ?? 0, count], count)),
  ];
  return {
    rows,
    ratios: {
      "resident in the second half, MB a minute": 60 * slopeOf(later(rss)),
      "handles in the second half, a minute": 60 * slopeOf(later(resources)),
      "heap's floor, last third to the one before": (floors[2] ?? 0) / (floors[1] ?? 1),
    },
    met: idle < IDLE_MB && peak < LOAD_MB && !isGrowing(floors, NOISE),
  };
}

async function atRestMb({ child }: Started): Promise<number> {
  await delay(IDLE_SECONDS * 1_000);
  return residentMb(child);
}

function residentMb({ pid }: ChildProcess): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kilobytes) * 1_024) / 1e6;
}

async function inside(url: string): Promise<Pick<Sample, "heapMb" | "resources">> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const all = (name: string): number[] =>
    [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].map(([, value]) => Number(value));
  return {
    heapMb: (all("millrace_heap_used_bytes")[0] ?? 0) / 1e6,
    resources: all("millrace_active_resources").reduce((sum, value) => sum + value, 0),
  };
}

const TABLES = new Set(["runs", "steps", "calls", "events", "audit", "metrics", "cache_entries"]);

function tableSizes(directory: string): Readonly<Record<string, number>> {
  const database = new DatabaseSync(join(directory, "data", "millrace.db"), { readOnly: true, timeout: 5_000 });
  try {
    const known = database.prepare("select name from sqlite_schema where type = 'table'").all();
    const tables = known.map(({ name }) => String(name)).filter((name) => TABLES.has(name));
    return Object.fromEntries(
      tables.map((name) => [name, Number(database.prepare(`select count(*) as n from "${name}"`).get()?.["n"])]),
    );
  } finally {
    database.close();
  }
}

interface Started {
  readonly child: ChildProcess;
  readonly url: string;
}

async function startServer(directory: string): Promise<Started> {
  const args = [...SERVER.flags, MAIN, "start", "--port", "0", "--data", join(directory, "data"), "--json"];
  const child = spawn(process.execPath, args, {
    cwd: directory,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...SERVER.environment, PATH: process.env["PATH"], MILLRACE_LOG_LEVEL: "error" },
  });
  for await (const line of createInterface({ input: child.stdout })) {
    child.stdout.resume();
    return { child, url: (JSON.parse(line) as { readonly url: string }).url };
  }
  throw new Error("millrace ended before it answered");
}

async function startProvider(): Promise<Started> {
  const child = fork(PROVIDER, { stdio: ["ignore", "pipe", "inherit", "ipc"] });
  if (child.stdout === null) throw new Error("the provider's output is not piped");
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  return { child, url: `http://127.0.0.1:${port.toString().trim()}` };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill("SIGTERM");
  await once(child, "exit");
}
