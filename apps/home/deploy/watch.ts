import { type Clock, type Database, type Log, number, numberOrNull } from "millrace";
import { CAUSES } from "../domain/series.ts";
import { ask, type Connection } from "../home-assistant/connection.ts";
import { toInstant } from "../home-assistant/instant.ts";
import { wilsonBound } from "../mine/binomial.ts";
import { requireSuggestion } from "../suggestions/suggestion-store.ts";
import { type Deployment, deploymentsOf, listVersions, moveStatus, requireDeployment } from "./deployment-store.ts";
import { readAutomation } from "./home-automations.ts";
import { contentHash } from "./normal-form.ts";

/** Who changes a device back within this time did not want what the automation did. */
const REVERT_MS = 600_000;
/** A deployed automation is proposed for removal when the 95 % Wilson interval of how often it was let be lies below this. */
const LEAST_USEFUL = 0.6;

const ADD_FIRING = `
  insert into home_firings (suggestion, at) values (:suggestion, :at) on conflict (suggestion, at) do nothing`;
const OPEN_FIRINGS = `
  select at from home_firings where suggestion = :suggestion and reverted_at is null and at >= :since order by at`;
const REVERTED = "update home_firings set reverted_at = :reverted where suggestion = :suggestion and at = :at";
const FIRST_UNDO = `
  select min(e.at) as at from home_events e join home_entities n on n.key = e.entity join homes h on h.key = e.home
  where h.name = :home and n.home = e.home and n.id = :entity and e.state <> :to and e.cause in (:user, :physical)
    and e.at > :at and e.at <= :until`;
const COUNT =
  "select count(*) as firings, count(reverted_at) as reverts from home_firings where suggestion = :suggestion";
const COUNTED = `
  update home_deployments set counted_until = :until,
    removal_proposed_at = case when :is_proposed = 0 then null else coalesce(removal_proposed_at, :until) end
  where suggestion = :suggestion`;

export interface WatchParams {
  readonly connection: Connection;
  readonly db: Database;
  /** Writes that the kept lists are told of. */
  readonly tables: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly home: string;
  readonly signal: AbortSignal;
}

export interface Watched {
  readonly changed: number;
  readonly removed: number;
  readonly firings: number;
  readonly reverts: number;
  /** Deployed automations that are now proposed for removal. */
  readonly proposed: number;
}

/** How often an automation fired, and how often a person undid what it did. */
export interface Usefulness {
  readonly firings: number;
  readonly reverts: number;
}

/**
 * Looks after what was deployed to a home: notices what was edited or removed there, counts firings and what people undid, and proposes
 * to remove what is surely not wanted. Changes nothing in the home.
 */
export async function watchDeployed(params: WatchParams): Promise<Watched> {
  const { db, tables, log, home } = params;
  const all = [...(await deploymentsOf(db, "deployed")), ...(await deploymentsOf(db, "changed_outside"))];
  const sum = { changed: 0, removed: 0, firings: 0, reverts: 0, proposed: 0 };
  for (const { suggestion: id } of all.filter((each) => each.home === home)) {
    const { status } = await requireSuggestion(db, id);
    // Somebody decided about it, or a run writes it, since the list was read.
    if (status !== "deployed" && status !== "changed_outside") continue;
    const deployment = await requireDeployment(db, id);
    const found = await lookAt(params, deployment);
    if (found !== status) {
      const { version } = deployment;
      if (!(await moveStatus(tables, { id, from: status, status: found, version }))) continue;
      log.info({ suggestion: id, before: status, now: found }, "a deployed automation was changed in the home");
      if (found === "changed_outside") sum.changed += 1;
      if (found === "removed") sum.removed += 1;
    }
    if (found === "removed") continue;
    const { firings, reverts, isProposed } = await count(params, deployment);
    sum.firings += firings;
    sum.reverts += reverts;
    if (isProposed) sum.proposed += 1;
  }
  return sum;
}

async function lookAt(
  { connection, db, signal }: WatchParams,
  { suggestion, automationId, version }: Deployment,
): Promise<"deployed" | "changed_outside" | "removed"> {
  const found = await readAutomation(connection, automationId, signal);
  if (found === null) return "removed";
  const ours = (await listVersions(db, suggestion)).find((each) => each.version === version);
  return ours?.hash === contentHash(found) ? "deployed" : "changed_outside";
}

/** Firings and undos since the last count, and what they say together. */
async function count(
  params: WatchParams,
  deployment: Deployment,
): Promise<Usefulness & { readonly isProposed: boolean }> {
  const { db, clock } = params;
  const { suggestion, countedUntil, approvedAt } = deployment;
  const until = clock.now();
  const from = Math.max(countedUntil - REVERT_MS, approvedAt);
  const fired = await readFirings(params, { deployment, from, until });
  if (fired.length > 0) await db.write(fired.map((at) => ({ sql: ADD_FIRING, params: { suggestion, at } })));
  await noteReverts(params, { deployment, since: from - REVERT_MS });
  const { firings, reverts } = await usefulnessOf(db, suggestion);
  const isProposed = firings > 0 && 1 - wilsonBound(reverts, firings) < LEAST_USEFUL;
  await params.tables.write([{ sql: COUNTED, params: { suggestion, until, is_proposed: isProposed ? 1 : 0 } }]);
  return { firings, reverts, isProposed };
}

/** When an automation ran, by the logbook of its home. */
async function readFirings(
  { connection, signal }: WatchParams,
  span: { readonly deployment: Deployment; readonly from: number; readonly until: number },
): Promise<readonly number[]> {
  const { entityId } = span.deployment;
  if (entityId === null) return [];
  const query = new URLSearchParams({ entity: entityId, end_time: new Date(span.until + 1_000).toISOString() });
  const path = `/api/logbook/${new Date(span.from).toISOString()}?${query.toString()}`;
  const { status, body } = await ask(connection, path, { signal, expects: [404] });
  const entries = status === 200 && Array.isArray(body) ? (body as readonly Readonly<Record<string, unknown>>[]) : [];
  // Its state (on, off) is written there too: only what it says it did counts.
  return entries
    .filter((entry) => entry["domain"] === "automation" && entry["state"] === undefined)
    .flatMap(({ when }) => toInstant(when) ?? []);
}

async function noteReverts(
  { db, home }: WatchParams,
  { deployment, since }: { readonly deployment: Deployment; readonly since: number },
): Promise<void> {
  const { suggestion } = deployment;
  const { action } = (await requireSuggestion(db, suggestion)).rule;
  const [user, physical] = [CAUSES.indexOf("user"), CAUSES.indexOf("physical")];
  for (const row of await db.all(OPEN_FIRINGS, { suggestion, since })) {
    const at = number(row, "at");
    for (const entity of action.entity_ids) {
      const span = { home, entity, to: action.to, user, physical, at, until: at + REVERT_MS };
      const undo = await db.get(FIRST_UNDO, span);
      const reverted = undo === undefined ? null : numberOrNull(undo, "at");
      if (reverted !== null) await db.write([{ sql: REVERTED, params: { suggestion, at, reverted } }]);
    }
  }
}

export async function usefulnessOf(db: Database, suggestion: string): Promise<Usefulness> {
  const row = await db.get(COUNT, { suggestion });
  return row === undefined
    ? { firings: 0, reverts: 0 }
    : { firings: number(row, "firings"), reverts: number(row, "reverts") };
}
