import { type Clock, MillraceError } from "millrace";
import { ask, type Connection, messageOf } from "../home-assistant/connection.ts";
import { type StateNow, toStateNow } from "../home-assistant/registries.ts";
import { type AutomationConfig, isObject } from "./automation-config.ts";
import type { ExistingAutomation } from "./conflicts.ts";

const LOOK_EVERY_MS = 100;
const PATIENCE_MS = 10_000;

/** The states of a home by entity. */
export async function readStates(connection: Connection, signal?: AbortSignal): Promise<ReadonlyMap<string, StateNow>> {
  const { body } = await ask(connection, "/api/states", { signal });
  const states = Array.isArray(body) ? (body as readonly Readonly<Record<string, unknown>>[]).map(toStateNow) : [];
  return new Map(states.map((state) => [state.entityId, state]));
}

/** Reads one stored automation; null when the home has none under this id. */
export async function readAutomation(
  connection: Connection,
  id: string,
  signal?: AbortSignal,
): Promise<AutomationConfig | null> {
  const { status, body } = await ask(connection, pathOf(id), { signal, expects: [404] });
  return status === 404 || !isObject(body) ? null : body;
}

/** Reads every automation of a home, one by one: Home Assistant has no list of them. */
export async function readAutomations(
  connection: Connection,
  states: ReadonlyMap<string, StateNow>,
  signal?: AbortSignal,
): Promise<readonly ExistingAutomation[]> {
  const found: ExistingAutomation[] = [];
  for (const { entityId, state, attributes } of states.values()) {
    if (!entityId.startsWith("automation.")) continue;
    const id = attributes["id"];
    const config = typeof id === "string" ? await readAutomation(connection, id, signal) : null;
    const name = attributes["friendly_name"];
    const alias = typeof name === "string" ? name : entityId;
    found.push({ entityId, alias, config: config ?? undefined, isOn: state === "on" });
  }
  return found;
}

/** Stores an automation under its id, in place of one that is there. Throws AUTOMATION_UNSAFE with the home's words when it does not take it. */
export async function writeAutomation(
  connection: Connection,
  { id, config, signal }: { readonly id: string; readonly config: AutomationConfig; readonly signal: AbortSignal },
): Promise<void> {
  const reply = await ask(connection, pathOf(id), { method: "POST", body: config, signal, expects: [400] });
  if (reply.status === 400) throw notTaken(messageOf(reply.body));
}

/** Removes an automation; one that is gone already is fine. */
export async function removeAutomation(connection: Connection, id: string, signal: AbortSignal): Promise<void> {
  await ask(connection, pathOf(id), { method: "DELETE", signal, expects: [400, 404] });
}

export function notTaken(reason: string): MillraceError {
  return new MillraceError("AUTOMATION_UNSAFE", `Home Assistant does not take the automation: ${reason}`, {
    facts: { reason },
    isRetryable: false,
  });
}

export interface AwaitLoadedParams {
  readonly connection: Connection;
  readonly clock: Clock;
  readonly id: string;
  readonly signal: AbortSignal;
}

/**
 * Waits until the home has loaded an automation, and gives its entity. Found by its id: Home Assistant makes the entity's name from the
 * alias. Throws HOME_ASSISTANT_FAILED when it does not come, or could not be set up.
 */
export async function awaitLoaded({ connection, clock, id, signal }: AwaitLoadedParams): Promise<string> {
  let state: StateNow | undefined;
  for (let waited = 0; waited <= PATIENCE_MS; waited += LOOK_EVERY_MS) {
    state = await findAutomation(connection, id, signal);
    if (state?.state === "on" || state?.state === "off") return state.entityId;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  if (state !== undefined) {
    throw failed(
      `Home Assistant could not set up the automation (${state.state}).`,
      "Look at Home Assistant's own log.",
    );
  }
  throw failed(
    "Home Assistant stored the automation and did not load it.",
    "Its configuration needs `automation: !include automations.yaml`, and the file must be writable.",
  );
}

/** Waits until the home has unloaded an automation. */
export async function awaitGone({ connection, clock, id, signal }: AwaitLoadedParams): Promise<void> {
  for (let waited = 0; waited <= PATIENCE_MS; waited += LOOK_EVERY_MS) {
    const state = await findAutomation(connection, id, signal);
    // What a registry remembers of a removed automation is unavailable.
    if (state === undefined || state.state === "unavailable") return;
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  throw failed("Home Assistant removed the automation and still runs it.", "Reload the automations in Home Assistant.");
}

async function findAutomation(connection: Connection, id: string, signal: AbortSignal): Promise<StateNow | undefined> {
  const states = await readStates(connection, signal);
  return [...states.values()].find(
    ({ entityId, attributes }) => entityId.startsWith("automation.") && attributes["id"] === id,
  );
}

function failed(message: string, advice: string): MillraceError {
  return new MillraceError("HOME_ASSISTANT_FAILED", message, { advice, isRetryable: true });
}

function pathOf(id: string): string {
  return `/api/config/automation/config/${encodeURIComponent(id)}`;
}
