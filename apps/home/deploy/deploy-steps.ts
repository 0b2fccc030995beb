import { type Clock, type Database, MillraceError } from "millrace";
import type { HomeConfig } from "../config.ts";
import type { Connection } from "../home-assistant/connection.ts";
import { connectionOf, type Network } from "../home-assistant/network.ts";
import { openSocket } from "../home-assistant/socket.ts";
import { linkedHome } from "../source.ts";
import { requireSuggestion } from "../suggestions/suggestion-store.ts";
import type { AutomationConfig } from "./automation-config.ts";
import { type Deployment, listVersions, type Version } from "./deployment-store.ts";
import { dialectOf } from "./dialect.ts";
import {
  awaitGone,
  awaitLoaded,
  notTaken,
  readAutomation,
  removeAutomation,
  writeAutomation,
} from "./home-automations.ts";
import { contentHash } from "./normal-form.ts";
import { makePlan, type Plan } from "./plan.ts";

export interface DeployStepsParams {
  readonly db: Database;
  readonly clock: Clock;
  readonly settings: HomeConfig;
  readonly network: Network;
}

/** What the steps of `home.deploy` do; each may be done again after a crash. */
export function deploySteps({ db, clock, settings, network }: DeployStepsParams) {
  function connect(home: string): Connection {
    const linked = linkedHome(settings, home);
    if (linked === undefined) throw notLinked(home);
    return connectionOf(linked, network);
  }

  return { check, put, verify, findUndo, verifyUndo };

  async function check(params: { id: string; owned: Deployment; signal: AbortSignal }) {
    const { id, owned, signal } = params;
    const connection = connect(owned.home);
    const suggestion = await requireSuggestion(db, id);
    const plan = await makePlan({ connection, suggestion, approval: owned.approval, signal });
    requireDeployable(plan);
    const before = await readAutomation(connection, owned.automationId, signal);
    await requireOurs({ id, owned, before });
    await validate(connection, plan, signal);
    return { plan, before };
  }

  /** What stands in the home must be what we wrote, or what the approval says may be overwritten. */
  async function requireOurs(params: {
    id: string;
    owned: Deployment;
    before: AutomationConfig | null;
  }): Promise<void> {
    const { id, owned, before } = params;
    if (before === null) return;
    const found = contentHash(before);
    if (found === owned.approval.replaces) return;
    const versions = await listVersions(db, id);
    if (versions.some(({ hash }) => hash === found)) return;
    throw new MillraceError(
      "AUTOMATION_CONFLICT",
      "The automation was edited in Home Assistant: it is not overwritten.",
      {
        facts: { conflicts: [], found },
        advice: "Look at the preview, and approve again with `replaces` set to the hash of what stands there.",
        isRetryable: false,
      },
    );
  }

  async function validate(connection: Connection, { config, haVersion }: Plan, signal: AbortSignal): Promise<void> {
    const socket = await openSocket(connection, { signal, WebSocket: network.WebSocket });
    try {
      const keys = dialectOf(haVersion).hasPluralKeys
        ? ["triggers", "conditions", "actions"]
        : ["trigger", "condition", "action"];
      const parts = Object.fromEntries(keys.map((key) => [key, config[key]]));
      const result = (await socket.command("validate_config", parts)) as Readonly<
        Record<string, { readonly valid?: boolean; readonly error?: string | null }>
      >;
      const wrong = Object.entries(result).find(([, { valid }]) => valid !== true);
      if (wrong !== undefined) throw notTaken(`${wrong[0]}: ${wrong[1].error ?? "not valid"}`);
    } finally {
      socket.close();
    }
  }

  /** Makes the home hold exactly this; null: nothing. Doing it twice is the same as once. */
  async function put(home: string, id: string, config: AutomationConfig | null, signal: AbortSignal): Promise<void> {
    const connection = connect(home);
    if (config === null) await removeAutomation(connection, id, signal);
    else await writeAutomation(connection, { id, config, signal });
  }

  async function verify(params: {
    home: string;
    automationId: string;
    plan: Plan;
    signal: AbortSignal;
  }): Promise<string> {
    const { home, automationId: id, plan, signal } = params;
    const connection = connect(home);
    const entityId = await awaitLoaded({ connection, clock, id, signal });
    const stored = await readAutomation(connection, id, signal);
    if (stored !== null && contentHash(stored) === plan.hash) return entityId;
    throw new MillraceError("HOME_ASSISTANT_FAILED", "Home Assistant holds something else than what was written.", {
      advice: "Look at automations.yaml: another program may have written it at the same time.",
    });
  }

  async function findUndo(params: { id: string; owned: Deployment; signal: AbortSignal }) {
    const { id, owned, signal } = params;
    const versions = await listVersions(db, id);
    const undone = versions.find(({ version }) => version === owned.version);
    if (undone === undefined)
      throw new MillraceError("NOT_FOUND", "No version stands in the home.", { isRetryable: false });
    const now = await readAutomation(connect(owned.home), owned.automationId, signal);
    await requireOurs({ id, owned, before: now });
    const { before } = undone;
    const version = before === null ? 0 : standing(versions, undone, contentHash(before));
    return { undone: undone.version, before, version };
  }

  async function verifyUndo(params: {
    home: string;
    automationId: string;
    undo: { readonly before: AutomationConfig | null };
    signal: AbortSignal;
  }): Promise<string | null> {
    const { home, automationId: id, undo, signal } = params;
    const connection = connect(home);
    if (undo.before !== null) return await awaitLoaded({ connection, clock, id, signal });
    await awaitGone({ connection, clock, id, signal });
    return null;
  }
}

/** The version whose content this is; a new number of none: 0 would say that nothing stands there. */
function standing(versions: readonly Version[], undone: Version, hash: string): number {
  return versions.find((each) => each.version < undone.version && each.hash === hash)?.version ?? undone.version;
}

/** Throws AUTOMATION_UNSAFE or AUTOMATION_CONFLICT. */
function requireDeployable({ safety, conflicts, missing }: Plan): void {
  if (missing.length > 0) {
    throw new MillraceError("AUTOMATION_CONFLICT", `The home has no ${missing.join(", ")} any more.`, {
      facts: { missing },
      advice: "Reject the suggestion, or bring the device back under its old name.",
      isRetryable: false,
    });
  }
  if (!safety.isSafe) {
    const worst = safety.problems.find(({ severity }) => severity !== "minor");
    const { needsOptIn, problems } = safety;
    throw new MillraceError("AUTOMATION_UNSAFE", worst?.message ?? "It is not safe.", {
      facts: { needsOptIn, problems },
      isRetryable: false,
    });
  }
  const [first] = conflicts;
  if (first === undefined) return;
  throw new MillraceError("AUTOMATION_CONFLICT", first.message, { facts: { conflicts }, isRetryable: false });
}

function notLinked(home: string): MillraceError {
  return new MillraceError("HOME_ASSISTANT_MISSING", `The home "${home}" has no Home Assistant.`, {
    facts: { home },
    isRetryable: false,
  });
}
