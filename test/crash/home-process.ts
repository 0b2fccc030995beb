import { movedClock, openHomeHost } from "../home-host.ts";

/* A process that does what `millrace start` does with the home app, for tests that kill it. Arguments: data folder, address of a
   provider, offset of the clock in milliseconds. */

const [data = "", provider = "", offset = "0"] = process.argv.slice(2);
const host = await openHomeHost({ data, provider, clock: movedClock(Number(offset)) });
await host.started();
const [run] = (await host.store.runs.list({ limit: 1 })).runs;
if (run === undefined) throw new Error("no run was started");
const ended = await host.engine.ended(run.id);
process.stdout.write(`${JSON.stringify({ id: run.id, status: ended.status, output: ended.output })}\n`);
await host.close();
