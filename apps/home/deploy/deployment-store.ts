import {
  type Database,
  json,
  jsonOrNull,
  MillraceError,
  number,
  numberOrNull,
  type Row,
  text,
  textOrNull,
} from "millrace";
import type { SuggestionStatus } from "../api.ts";
import type { AutomationConfig } from "./automation-config.ts";

/** What a person allowed when they approved. */
export interface Approval {
  /** Devices that may be acted on although they are locks, heaters and the like. */
  readonly optIn: readonly string[];
  /** Automations of the home that may go on contradicting it. */
  readonly accepts: readonly string[];
  /** Hash of what stands in the home and may be overwritten, for one that was edited there. */
  readonly replaces: string | null;
}

export type ClaimedFor = "deploy" | "rollback";

export interface Deployment {
  readonly suggestion: string;
  readonly home: string;
  /** What the home knows the automation by. */
  readonly automationId: string;
  readonly approval: Approval;
  readonly approvedBy: string;
  readonly approvedAt: number;
  readonly claim: { readonly id: string; readonly for: ClaimedFor; readonly at: number } | null;
  /** The version that stands in the home; 0: none. */
  readonly version: number;
  readonly entityId: string | null;
  readonly problem: DeploymentProblem | null;
  readonly countedUntil: number;
  readonly removalProposedAt: number | null;
}

export interface DeploymentProblem {
  readonly code: string;
  readonly message: string;
  readonly at: number;
}

export interface Version {
  readonly version: number;
  readonly config: AutomationConfig;
  readonly hash: string;
  readonly haVersion: string;
  readonly before: AutomationConfig | null;
  readonly approvedBy: string;
  readonly madeAt: number;
  readonly rolledBackAt: number | null;
}

/** After this time nobody waits for a run any more: longer than all its tries together take. */
const STALE_MS = 3_600_000;

const APPROVE = `
  update home_suggestions set status = 'approved', decided_at = :now, decided_by = :by, reason = null
  where id = :id and status = :seen and version = :version
    and status in ('draft', 'refined', 'approved', 'expired', 'rolled_back', 'removed', 'changed_outside', 'deployed')
  returning home`;
const PUT_APPROVAL = `
  insert into home_deployments
    (suggestion, home, automation_id, approval, approved_by, approved_at, updated_at)
  select id, home, :automation_id, :approval, :by, :now, :now from home_suggestions where id = :id
  on conflict (suggestion) do update set approval = excluded.approval, approved_by = excluded.approved_by,
    approved_at = excluded.approved_at, problem = null, updated_at = excluded.updated_at`;

const CLAIM_DEPLOY = "update home_suggestions set status = 'deploying' where id = :id and status = 'approved'";
const CLAIM_ROLLBACK =
  "update home_suggestions set status = 'deploying' where id = :id and status in ('deployed', 'changed_outside')";
/** A run that was canceled or lost leaves its claim behind. */
const FREE_STALE = `
  update home_suggestions set status = case
    (select claimed_for from home_deployments where suggestion = :id) when 'rollback' then 'deployed' else 'approved' end
  where id = :id and status = 'deploying'
    and exists (select 1 from home_deployments where suggestion = :id and claimed_at < :stale)`;
const DROP_STALE = `
  update home_deployments set claim = null, claimed_at = null, claimed_for = null
  where suggestion = :id and claim is not null and claimed_at < :stale`;
const PUT_CLAIM = `
  update home_deployments set claim = :claim, claimed_at = :now, claimed_for = :kind, problem = null,
    approval = coalesce(:approval, approval), updated_at = :now
  where suggestion = :id and claim is null`;

const SET_STATUS = "update home_suggestions set status = :status where id = :id and status = :from";
const SET_STATUS_OF_VERSION = `${SET_STATUS}
  and exists (select 1 from home_deployments where suggestion = :id and version = :version)`;
const RELEASE = `
  update home_deployments set claim = null, claimed_at = null, claimed_for = null, problem = :problem, updated_at = :now
  where suggestion = :id and claim = :claim`;
const SETTLE = `
  update home_deployments set claim = null, claimed_at = null, claimed_for = null, problem = null, version = :version,
    entity_id = :entity_id, removal_proposed_at = null, updated_at = :now
  where suggestion = :id and claim = :claim`;
const ADD_VERSION = `
  insert into home_versions (suggestion, version, config, hash, ha_version, before_config, approved_by, made_at)
  select :id, coalesce(max(version), 0) + 1, :config, :hash, :ha_version, :before, :by, :now
  from home_versions where suggestion = :id`;
const NEXT_VERSION = "select coalesce(max(version), 0) + 1 as next from home_versions where suggestion = :id";
const MARK_ROLLED_BACK =
  "update home_versions set rolled_back_at = :now where suggestion = :id and version = :version and rolled_back_at is null";

const GET = "select * from home_deployments where suggestion = :id";
const OF_STATUS = `
  select d.* from home_deployments d join home_suggestions s on s.id = d.suggestion where s.status = :status order by d.suggestion`;
const VERSIONS = "select * from home_versions where suggestion = :id order by version desc";

/** What the home knows the automation of a suggestion by, in every version. */
export function automationIdOf(suggestion: string): string {
  return `millrace_${suggestion}`;
}

/** Undefined: it was never approved. */
export async function findDeployment(db: Database, id: string): Promise<Deployment | undefined> {
  const row = await db.get(GET, { id });
  return row === undefined ? undefined : toDeployment(row);
}

export async function deploymentsOf(db: Database, status: SuggestionStatus): Promise<readonly Deployment[]> {
  return (await db.all(OF_STATUS, { status })).map(toDeployment);
}

/** All versions that were written, youngest first. */
export async function listVersions(db: Database, id: string): Promise<readonly Version[]> {
  return (await db.all(VERSIONS, { id })).map(toVersion);
}

export interface ApproveParams {
  readonly id: string;
  readonly by: string;
  readonly approval: Approval;
  /** As the person saw it: another state or version by now takes no approval. */
  readonly seen: SuggestionStatus;
  readonly version: number;
  readonly now: number;
}

/** Stores a person's approval. Gives false when the suggestion is in a state that takes none, or another than was seen. */
export async function putApproval(db: Database, params: ApproveParams): Promise<boolean> {
  const { id, by, approval, seen, version, now } = params;
  const written = await db.write([
    { sql: APPROVE, params: { id, by, now, seen, version }, atLeast: 1 },
    {
      sql: PUT_APPROVAL,
      params: { id, by, now, automation_id: automationIdOf(id), approval: JSON.stringify(approval) },
    },
  ]);
  return written !== undefined;
}

export interface ClaimParams {
  readonly id: string;
  /** Names the one run that may write to the home. */
  readonly claim: string;
  readonly kind: ClaimedFor;
  /** In place of the one there is; undefined: that stands. */
  readonly approval?: Approval | undefined;
  readonly now: number;
}

/** Frees a suggestion whose run was canceled or lost more than an hour ago. */
export async function freeStaleClaim(db: Database, id: string, now: number): Promise<void> {
  const params = { id, stale: now - STALE_MS };
  await db.write([
    { sql: FREE_STALE, params },
    { sql: DROP_STALE, params },
  ]);
}

/** Takes a suggestion for one run, in one write. Of two at once exactly one gets true. */
export async function putClaim(db: Database, params: ClaimParams): Promise<boolean> {
  const { id, claim, kind, now } = params;
  const approval = params.approval === undefined ? null : JSON.stringify(params.approval);
  const written = await db.write([
    { sql: kind === "deploy" ? CLAIM_DEPLOY : CLAIM_ROLLBACK, params: { id }, atLeast: 1 },
    { sql: PUT_CLAIM, params: { id, claim, kind, approval, now }, atLeast: 1 },
  ]);
  return written !== undefined;
}

export interface ReleaseParams {
  readonly id: string;
  readonly claim: string;
  readonly status: SuggestionStatus;
  readonly problem: DeploymentProblem;
  readonly now: number;
}

/** Gives a suggestion back whose run ended without success. */
export async function releaseClaim(db: Database, { id, claim, status, problem, now }: ReleaseParams): Promise<void> {
  await db.write([
    { sql: RELEASE, params: { id, claim, problem: JSON.stringify(problem), now }, atLeast: 1 },
    { sql: SET_STATUS, params: { id, status, from: "deploying" } },
  ]);
}

export interface DeployedParams {
  readonly id: string;
  readonly claim: string;
  readonly config: AutomationConfig;
  readonly hash: string;
  readonly haVersion: string;
  readonly before: AutomationConfig | null;
  readonly by: string;
  readonly entityId: string;
  readonly version: number;
  readonly now: number;
}

/** The number of the version that would be written next. */
export async function nextVersion(db: Database, id: string): Promise<number> {
  const row = await db.get(NEXT_VERSION, { id });
  return row === undefined ? 1 : number(row, "next");
}

/** What records that a version stands in the home. */
export function deployedStatements(params: DeployedParams) {
  const { id, claim, config, hash, haVersion: ha_version, before, by, entityId: entity_id, version, now } = params;
  return [
    { sql: SETTLE, params: { id, claim, version, entity_id, now }, atLeast: 1 },
    {
      sql: ADD_VERSION,
      params: {
        id,
        config: JSON.stringify(config),
        hash,
        ha_version,
        by,
        now,
        before: before === null ? null : JSON.stringify(before),
      },
      atLeast: 1,
    },
    { sql: SET_STATUS, params: { id, status: "deployed", from: "deploying" }, atLeast: 1 },
  ];
}

export interface RolledBackParams {
  readonly id: string;
  readonly claim: string;
  /** The version that was undone. */
  readonly undone: number;
  /** The version that stands in the home now; 0: none. */
  readonly version: number;
  readonly entityId: string | null;
  readonly now: number;
}

/** What records that a version was taken back. */
export function rolledBackStatements({ id, claim, undone, version, entityId: entity_id, now }: RolledBackParams) {
  return [
    { sql: SETTLE, params: { id, claim, version, entity_id, now }, atLeast: 1 },
    { sql: MARK_ROLLED_BACK, params: { id, version: undone, now } },
    {
      sql: SET_STATUS,
      params: { id, status: version === 0 ? "rolled_back" : "deployed", from: "deploying" },
      atLeast: 1,
    },
  ];
}

export interface MoveStatusParams {
  readonly id: string;
  readonly from: SuggestionStatus;
  readonly status: SuggestionStatus;
  /** The version that stood in the home when it was looked at. */
  readonly version: number;
}

/** Moves a suggestion from one state to another; false when it was not in it any more, or another version stands in the home by now. */
export async function moveStatus(db: Database, params: MoveStatusParams): Promise<boolean> {
  return (await db.write([{ sql: SET_STATUS_OF_VERSION, params: { ...params }, atLeast: 1 }])) !== undefined;
}

/** Throws NOT_FOUND for a suggestion that was never approved. */
export async function requireDeployment(db: Database, id: string): Promise<Deployment> {
  const found = await findDeployment(db, id);
  if (found !== undefined) return found;
  throw new MillraceError("NOT_FOUND", `The suggestion ${id} was never approved.`, {
    advice: "Approve it first: POST /api/home/suggestions/ID/approve.",
    isRetryable: false,
  });
}

function toDeployment(row: Row): Deployment {
  const claim = textOrNull(row, "claim");
  return {
    suggestion: text(row, "suggestion"),
    home: text(row, "home"),
    automationId: text(row, "automation_id"),
    approval: json<Approval>(row, "approval"),
    approvedBy: text(row, "approved_by"),
    approvedAt: number(row, "approved_at"),
    claim:
      claim === null ? null : { id: claim, for: text(row, "claimed_for") as ClaimedFor, at: number(row, "claimed_at") },
    version: number(row, "version"),
    entityId: textOrNull(row, "entity_id"),
    problem: jsonOrNull<DeploymentProblem>(row, "problem"),
    countedUntil: number(row, "counted_until"),
    removalProposedAt: numberOrNull(row, "removal_proposed_at"),
  };
}

function toVersion(row: Row): Version {
  return {
    version: number(row, "version"),
    config: json<AutomationConfig>(row, "config"),
    hash: text(row, "hash"),
    haVersion: text(row, "ha_version"),
    before: jsonOrNull<AutomationConfig>(row, "before_config"),
    approvedBy: text(row, "approved_by"),
    madeAt: number(row, "made_at"),
    rolledBackAt: numberOrNull(row, "rolled_back_at"),
  };
}
