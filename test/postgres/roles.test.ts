import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { postgresForTests } from "../../src/store/postgres/test-server.ts";
import { commandsIn, type Running } from "../command.ts";
import { freePort } from "../free-port.ts";

const INDEX = fileURLToPath(new URL("../../src/index.ts", import.meta.url));
const CONFIG = `
import { automation, on } from ${JSON.stringify(INDEX)};
const slow = automation("slow", { on: [on.manual()] }, async ({ step }) => {
  await step.run("first", () => 1);
  await step.run("second", () => new Promise((resolve) => setTimeout(resolve, 300, 2)));
  return "made by " + process.pid;
});
export default { automations: [slow], apps: { home: { sample: false } } };
`;

const server = await postgresForTests(process.env);
if (typeof server !== "string") after(() => server.close());
const folder = mkdtempSync(join(tmpdir(), "millrace-roles-"));
after(() => rmSync(folder, { recursive: true, force: true }));
writeFileSync(join(folder, "millrace.config.ts"), CONFIG);

/** The names of the events of a run that a dashboard hears, until it has ended. */
async function eventsUntilEnd(stream: Response, runId: string): Promise<readonly string[]> {
  assert.ok(stream.body);
  const names: string[] = [];
  let rest = "";
  for await (const chunk of stream.body.pipeThrough(new TextDecoderStream())) {
    const frames = (rest + chunk).split("\n\n");
    rest = frames.pop() ?? "";
    for (const frame of frames) {
      const name = /^event: (.*)$/m.exec(frame)?.[1];
      if (name === undefined || !frame.includes(runId)) continue;
      names.push(name);
      if (name === "run-end") return names;
    }
  }
  return names;
}

describe(
  "a web process and a worker on one Postgres",
  { skip: typeof server === "string" ? server : false, timeout: 180_000 },
  () => {
    it("shows in the web process what the worker does as it happens; the worker says how it is, and ends its run before it goes", async () => {
      assert.ok(typeof server !== "string");
      const environment = { MILLRACE_DATABASE_URL: await server.database() };
      const { begin } = commandsIn(folder);
      const [webPort, workerPort] = [await freePort(), await freePort()];
      const started: Running[] = [];
      const start = (...args: readonly string[]): Running => {
        const running = begin(["start", ...args], environment);
        started.push(running);
        return running;
      };
      try {
        const web = start("--role", "web", "--port", `${webPort}`);
        const worker = start("--role", "worker", "--worker-port", `${workerPort}`);
        await Promise.all([web.seen("Workers execute the runs"), worker.seen("/api/health")]);
        const get = async (port: number, path: string): Promise<Response> =>
          await fetch(`http://127.0.0.1:${port}${path}`);

        const ready = await get(workerPort, "/api/ready");
        assert.equal(ready.status, 200, await ready.text());
        assert.match(await (await get(workerPort, "/api/health")).text(), /"mode":"share"/);
        assert.match(await (await get(workerPort, "/metrics")).text(), /^# HELP /m);
        assert.equal((await get(workerPort, "/api/runs")).status, 404);

        const stream = await get(webPort, "/api/events/stream");
        const asked = await fetch(`http://127.0.0.1:${webPort}/api/automations/slow/runs`, { method: "POST" });
        const { id: runId } = (await asked.json()) as { id: string };
        assert.ok(runId, "no run was started");
        const names = await eventsUntilEnd(stream, runId);
        assert.deepEqual(
          names.filter((name) => name.startsWith("run-")),
          ["run-queued", "run-start", "run-end"],
        );
        assert.deepEqual(
          names.filter((name) => name === "step-end"),
          ["step-end", "step-end"],
        );
        assert.match(
          await (await get(webPort, `/api/runs/${runId}`)).text(),
          new RegExp(`made by ${worker.child.pid}`),
        );

        const again = await fetch(`http://127.0.0.1:${webPort}/api/automations/slow/runs`, { method: "POST" });
        const { id } = (await again.json()) as { id: string };
        worker.child.kill("SIGTERM");
        await worker.ended;
        // It had begun, and was ended; or it had not, and waits for another worker.
        assert.match(await (await get(webPort, `/api/runs/${id}`)).text(), /"status":"(?:done|queued)"/);
      } finally {
        for (const { child } of started) child.kill("SIGTERM");
        const ended = await Promise.all(started.map((each) => each.ended));
        for (const { code, stderr } of ended) assert.equal(code, 0, stderr);
      }
    });
  },
);
