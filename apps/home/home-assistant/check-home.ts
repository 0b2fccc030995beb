import { type AppCheck, toErrorRecord } from "millrace";
import type { HomeAssistantConfig } from "./config.ts";
import { ask } from "./connection.ts";
import { toHomeFacts } from "./home-config.ts";
import { connectionOf, type Network } from "./network.ts";

const PATIENCE_MS = 5_000;

/** What `millrace doctor` says about a Home Assistant: whether it answers, takes the token, and lets it write automations. */
export async function checkHome(settings: HomeAssistantConfig, network: Network): Promise<AppCheck> {
  const name = `Home Assistant ${settings.name}`;
  const connection = connectionOf(settings, network);
  try {
    const { body } = await ask(connection, "/api/config", { timeoutMs: PATIENCE_MS });
    const { version, timezone } = toHomeFacts(body);
    // An id that no automation has: 404 tells that the token may look at them, which needs an administrator.
    await ask(connection, "/api/config/automation/config/millrace_check", { timeoutMs: PATIENCE_MS, expects: [404] });
    return { name, state: "fine", detail: `${settings.url} answers (${version}, ${timezone}).` };
  } catch (error) {
    const { message, advice } = toErrorRecord(error);
    return { name, state: "broken", detail: message, ...(advice === undefined ? {} : { advice }) };
  }
}
