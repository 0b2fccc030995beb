import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddonOptions, type MqttService, toConfiguration, toEnvironment, toMqttUrl } from "./environment.ts";
import { createIngress } from "./ingress.ts";

/* The add-on's process: Millrace on loopback, and the way to it from Home Assistant's page. */

const PORT = 8018;
const INGRESS_PORT = 8099;
const SUPERVISOR = "172.30.32.2";
const FOLDER = "/data/millrace";

const options = JSON.parse(readFileSync("/data/options.json", "utf8")) as AddonOptions;
mkdirSync(FOLDER, { recursive: true });
writeFileSync(`${FOLDER}/millrace.config.mjs`, `export default ${JSON.stringify(toConfiguration(options))};\n`);

/** Empty where the home has no broker. */
async function mqttEnvironment(): Promise<Record<string, string>> {
  const headers = { authorization: `Bearer ${process.env["SUPERVISOR_TOKEN"] ?? ""}` };
  const reply = await fetch("http://supervisor/services/mqtt", { headers }).catch(() => undefined);
  if (reply?.ok !== true) return {};
  const { data } = (await reply.json()) as { readonly data: MqttService };
  return { MILLRACE_HOME_MQTT_URL: toMqttUrl(data) };
}

const ingress = createIngress({ port: PORT, from: SUPERVISOR }).listen(INGRESS_PORT);
const millrace = spawn("millrace", ["start", "--port", String(PORT)], {
  cwd: FOLDER,
  stdio: "inherit",
  env: { ...process.env, ...toEnvironment(options, process.env), ...(await mqttEnvironment()) },
});
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => millrace.kill(signal));
millrace.on("exit", (code) => {
  process.exitCode = code ?? 1;
  ingress.close();
  ingress.closeAllConnections();
});
