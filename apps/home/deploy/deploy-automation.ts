import { type AppHost, automation, type ErrorRecord, on } from "millrace";
import { z } from "zod";
import type { HomeConfig } from "../config.ts";
import type { Network } from "../home-assistant/network.ts";
import { evictingTables, outdateTables } from "../tables.ts";
import {
  deployedStatements,
  findDeployment,
  nextVersion,
  releaseClaim,
  rolledBackStatements,
} from "./deployment-store.ts";

export const DEPLOY = "home.deploy";

const Input = z.strictObject({
  suggestion: z.string().min(1),
  /** Given out with the approval's claim: without it nothing is written. */
  claim: z.string().min(1),
});

/** What `home.deploy` returns. */
export interface DeployResult {
  readonly suggestion: string;
  readonly outcome: "deployed" | "rolled_back" | "not_claimed";
  /** The version that stands in the home; 0: none. */
  readonly version: number;
}

/** A home that restarts is back within a few minutes. */
const PATIENT = { attempts: 12, backoffMs: 1_000, maxBackoffMs: 30_000 };

/**
 * Defines the run that writes an approved automation to a home, or takes it back. It writes only what a person approved, under the claim
 * that the approval gave out; a crash between any two steps goes on with the next one.
 */
export function createDeploy(host: AppHost<HomeConfig>, network: Network) {
  const { db, clock, config: settings } = host;
  const tables = evictingTables(host);

  // Loaded late: a start without a deployment need not know how one is made.
  async function steps() {
    const { deploySteps } = await import("./deploy-steps.ts");
    return deploySteps({ db, clock, settings, network });
  }

  return automation(
    DEPLOY,
    {
      description: "Writes an approved automation to Home Assistant and sees that it is loaded, or takes it back.",
      on: [on.manual(Input)],
      retry: PATIENT,
      concurrency: { limit: 1, key: ({ data }) => data.suggestion },
      onFailure: ({ event, error }) => giveBack(event.data, error),
    },
    async ({ event, step }): Promise<DeployResult> => {
      const { suggestion: id, claim } = event.data;
      const owned = await step.run("claim", async () => {
        const found = await findDeployment(db, id);
        return found?.claim?.id === claim ? { ...found, for: found.claim.for } : null;
      });
      if (owned === null) return { suggestion: id, outcome: "not_claimed", version: 0 };
      const { automationId, home } = owned;

      if (owned.for === "deploy") {
        const { plan, before } = await step.run("check", async ({ signal }) =>
          (await steps()).check({ id, owned, signal }),
        );
        await step.run("post", async ({ signal }) => (await steps()).put(home, automationId, plan.config, signal), {
          compensate: async (_, { signal }) => (await steps()).put(home, automationId, before, signal),
        });
        const entityId = await step.run("verify", async ({ signal }) =>
          (await steps()).verify({ home, automationId, plan, signal }),
        );
        const version = await step.run("version", () => nextVersion(db, id));
        const { config, hash, haVersion } = plan;
        const { approvedBy: by } = owned;
        await step.tx("record", () => ({
          write: deployedStatements({
            id,
            claim,
            config,
            hash,
            haVersion,
            before,
            by,
            entityId,
            version,
            now: clock.now(),
          }),
        }));
        await step.run("show", () => outdateTables(host));
        return { suggestion: id, outcome: "deployed", version };
      }

      const undo = await step.run("find", async ({ signal }) => (await steps()).findUndo({ id, owned, signal }));
      await step.run("undo", async ({ signal }) => (await steps()).put(home, automationId, undo.before, signal));
      const entityId = await step.run("verify-undo", async ({ signal }) =>
        (await steps()).verifyUndo({ home, automationId, undo, signal }),
      );
      const { undone, version } = undo;
      await step.tx("record-undo", () => ({
        write: rolledBackStatements({ id, claim, undone, version, entityId, now: clock.now() }),
      }));
      await step.run("show-undo", () => outdateTables(host));
      return { suggestion: id, outcome: "rolled_back", version };
    },
  );

  async function giveBack(input: z.output<typeof Input>, error: ErrorRecord): Promise<void> {
    const { suggestion: id, claim } = input;
    const found = await findDeployment(db, id);
    if (found?.claim?.id !== claim) return;
    const now = clock.now();
    const problem = { code: error.code, message: error.message, at: now };
    const stands = error.code === "AUTOMATION_CONFLICT" ? "changed_outside" : "deployed";
    const status = found.claim.for === "rollback" ? stands : "approved";
    await releaseClaim(tables, { id, claim, status, problem, now });
  }
}
