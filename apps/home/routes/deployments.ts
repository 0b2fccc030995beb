import {
  type AuditDraft,
  type AuditTrail,
  type Clock,
  type Database,
  type Engine,
  type Ids,
  MillraceError,
  type Route,
  route,
} from "millrace";
import { z } from "zod";
import type { DeploymentView, PreviewView, StartedDeploymentView } from "../api.ts";
import type { HomeConfig } from "../config.ts";
import {
  type ClaimedFor,
  findDeployment,
  freeStaleClaim,
  listVersions,
  putClaim,
  requireDeployment,
} from "../deploy/deployment-store.ts";
import { connectionOf, type Network } from "../home-assistant/network.ts";
import { linkedHome } from "../source.ts";
import { requireSuggestion } from "../suggestions/suggestion-store.ts";
import { IdParams } from "./query.ts";

const PreviewBody = z.strictObject({
  optIn: z.array(z.string().max(255)).max(100).optional(),
  accepts: z.array(z.string().max(255)).max(100).optional(),
});

const RollbackBody = z.strictObject({
  /** The hash (from the preview) of an edit in the home that may be overwritten. */
  replaces: z.string().max(64).optional(),
});

export interface DeploymentRoutesParams {
  /** Writes outdate the kept lists of suggestions. */
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly config: HomeConfig;
  readonly network: Network;
  readonly engine: Pick<Engine, "trigger">;
  /** Where it is recorded who had what written to a home, in the transaction of the claim. */
  readonly audit: Pick<AuditTrail, "beside">;
}

export function deploymentRoutes(params: DeploymentRoutesParams): readonly Route[] {
  const { db, clock, ids, config, network, engine, audit } = params;

  async function start(id: string, kind: ClaimedFor, request: StartRequest): Promise<StartedDeploymentView> {
    const { actor, replaces } = request;
    await requireSuggestion(db, id);
    const deployment = await requireDeployment(db, id);
    requireLinked(config, deployment.home);
    const { DEPLOY } = await import("../deploy/deploy-automation.ts");
    const claim = ids.next();
    const draft: AuditDraft = {
      actor,
      action: `suggestion.${kind}`,
      subject: `suggestion:${id}`,
      data: {
        home: deployment.home,
        automation: deployment.automationId,
        ...(replaces === undefined ? {} : { replaces }),
      },
    };
    const recorded: Database = {
      ...db,
      write: (statements) => audit.beside([draft], (beside) => db.write([...statements, ...beside])),
    };
    await freeStaleClaim(db, id, clock.now());
    const approval = replaces === undefined ? undefined : { ...deployment.approval, replaces };
    if (!(await putClaim(recorded, { id, claim, kind, approval, now: clock.now() })))
      throw notNow(await requireSuggestion(db, id), kind);
    // The claim is the run's key: a process that dies here leaves it to the next start.
    const { runId } = await engine.trigger(DEPLOY, { suggestion: id, claim }, { key: claim });
    return { runId, suggestion: await requireSuggestion(db, id) };
  }

  return [
    route({
      method: "POST",
      path: "/api/home/suggestions/:id/preview",
      summary: "Shows what would be written to the home, and what is known against it. Writes nothing.",
      params: IdParams,
      body: PreviewBody,
      async handle({ params: { id }, body, signal }): Promise<PreviewView> {
        const suggestion = await requireSuggestion(db, id);
        const settings = requireLinked(config, suggestion.home);
        const { makePlan } = await import("../deploy/plan.ts");
        const approved = (await findDeployment(db, id))?.approval;
        const approval = {
          optIn: body.optIn ?? approved?.optIn ?? [],
          accepts: body.accepts ?? approved?.accepts ?? [],
        };
        const connection = connectionOf(settings, network);
        const { safety, ...plan } = await makePlan({ connection, suggestion, approval, signal });
        const { problems, needsOptIn, isSafe } = safety;
        const isDeployable = isSafe && plan.conflicts.length === 0 && plan.missing.length === 0;
        return { ...plan, problems, needsOptIn, isDeployable };
      },
    }),
    route({
      method: "POST",
      path: "/api/home/suggestions/:id/deploy",
      summary: "Writes an approved suggestion to its home, in a run.",
      params: IdParams,
      status: 202,
      handle: ({ params: { id }, principal }) => start(id, "deploy", { actor: principal }),
    }),
    route({
      method: "POST",
      path: "/api/home/suggestions/:id/rollback",
      summary: "Takes the latest version back: the one before stands again, or none.",
      params: IdParams,
      body: RollbackBody,
      status: 202,
      handle: ({ params: { id }, body, principal }) => start(id, "rollback", { actor: principal, ...body }),
    }),
    route({
      method: "GET",
      path: "/api/home/suggestions/:id/versions",
      summary: "Tells what became of a suggestion in its home.",
      params: IdParams,
      async handle({ params: { id } }): Promise<DeploymentView> {
        const { status } = await requireSuggestion(db, id);
        const deployment = await requireDeployment(db, id);
        const [{ usefulnessOf }, { toYaml }] = await Promise.all([
          import("../deploy/watch.ts"),
          import("../deploy/yaml.ts"),
        ]);
        const { firings, reverts } = await usefulnessOf(db, id);
        const { automationId, entityId, approvedBy, version, approval, problem } = deployment;
        return {
          status,
          automationId,
          entityId,
          approvedBy,
          approvedAt: toIso(deployment.approvedAt),
          optIn: approval.optIn,
          accepts: approval.accepts,
          version,
          problem: problem === null ? null : { ...problem, at: toIso(problem.at) },
          firings,
          reverts,
          removalProposedAt: deployment.removalProposedAt === null ? null : toIso(deployment.removalProposedAt),
          versions: (await listVersions(db, id)).map((each) => ({
            version: each.version,
            yaml: toYaml(each.config),
            hash: each.hash,
            haVersion: each.haVersion,
            approvedBy: each.approvedBy,
            madeAt: toIso(each.madeAt),
            rolledBackAt: each.rolledBackAt === null ? null : toIso(each.rolledBackAt),
          })),
        };
      },
    }),
  ];
}

interface StartRequest {
  readonly actor: string;
  readonly replaces?: string | undefined;
}

function requireLinked(config: HomeConfig, home: string) {
  const linked = linkedHome(config, home);
  if (linked !== undefined) return linked;
  throw new MillraceError("HOME_ASSISTANT_MISSING", `The home "${home}" has no Home Assistant.`, { facts: { home } });
}

function notNow({ id, status }: { readonly id: string; readonly status: string }, kind: ClaimedFor): MillraceError {
  const words = kind === "deploy" ? "deployed: approve it first" : "rolled back: it does not stand in the home";
  return new MillraceError("SUGGESTION_STATE", `The suggestion is ${status} and cannot be ${words}.`, {
    facts: { id, status, asked: kind },
  });
}

function toIso(at: number): string {
  return new Date(at).toISOString();
}
