/* Uses a host over and over and says how large its heap is after each third, collected twice: run with --expose-gc, a data folder, and
   `leaking` to keep a part of each round. */
import { createServer } from "../../src/http/server.ts";
import { automation, loadConfig, on, openHost } from "../../src/index.ts";

const [data = "", how = ""] = process.argv.slice(2);
const ROUNDS = 30;
const config = await loadConfig({ content: { data, cache: { memory: { maxItems: 100 } } }, environment: {} });
const host = await openHost({
  config,
  automations: [automation("sum", { on: [on.manual()] }, ({ step }) => step.run("add", () => 1 + 1))],
});
const { store, engine, cache, audit, observe, routes, events, clock, ids, log } = host;
const server = await createServer({
  host: "127.0.0.1",
  port: 0,
  version: "0.0.0",
  timezone: "UTC",
  providers: [],
  dashboard: `${data}/none`,
  role: () => host.role(),
  store,
  engine,
  cache,
  audit,
  metrics: observe.metrics,
  routes,
  events,
  clock,
  ids,
  log,
});
await host.start();
const kept: unknown[] = [];

async function round(index: number): Promise<void> {
  const { runId } = await engine.trigger("sum", { index });
  await engine.ended(runId);
  await cache.cache.getOrSet(`k:${index}`, async () => ({ index, text: "x".repeat(2_000) }));
  const answer = await server.inject("/api/runs?limit=5");
  await server.inject("/metrics");
  await audit.record({ actor: "test", action: "round", subject: `${index}` });
  if (how === "leaking") kept.push(Buffer.from(answer.body).toString("latin1").repeat(20).split(","));
}

async function heapBytes(): Promise<number> {
  for (let turn = 0; turn < 4; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}

let index = 0;
const heaps: number[] = [];
// The first window warms up: it is not counted.
for (let window = 0; window < 5; window++) {
  for (let turn = 0; turn < ROUNDS; turn++) await round(index++);
  if (window > 0) heaps.push(await heapBytes());
}
process.stdout.write(JSON.stringify({ heaps, kept: kept.length, handles: process.getActiveResourcesInfo().length }));
await server.close();
await host.close();
