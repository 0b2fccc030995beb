// A process that executes runs which mostly wait, on the Postgres database that it is told of.
import { argv } from "node:process";
import { loadConfig, openHost, systemClock } from "millrace";
import { createLog } from "millrace/testing";
import { SLOTS, waiting } from "./waiting-automation.ts";

const [, , url = "", data = ""] = argv;
const config = await loadConfig({
  environment: { MILLRACE_DATABASE_URL: url },
  cwd: data,
  flags: { data, role: "worker" },
});
const host = await openHost({ config, log: createLog({ level: "error" }), slots: SLOTS, automations: [waiting] });
await host.start();
process.stdout.write("ready\n");
process.once("SIGTERM", () => void host.close().then(() => process.exit(0)));
// Keeps the process until it is told to go.
await systemClock.sleep(3_600_000);
