import { type Clock, type Database, isErrorCode, type Log } from "millrace";
import { findHome, type Home } from "../events/homes.ts";
import { beginReading } from "../events/reading.ts";
import { backfill } from "./backfill.ts";
import type { HomeAssistantConfig } from "./config.ts";
import type { Connection } from "./connection.ts";
import { keepEntities } from "./entity-names.ts";
import { readHomeFacts } from "./home-config.ts";
import { setLinkState } from "./link.ts";
import type { Network } from "./network.ts";
import { openLinkedHome } from "./open-home.ts";
import { type HomeEntity, readEntities } from "./registries.ts";
import { forgetOlder } from "./retention.ts";
import { openSocket, type Socket } from "./socket.ts";

export interface SyncHomeParams {
  readonly connection: Connection;
  readonly settings: HomeAssistantConfig;
  readonly network: Network;
  readonly db: Database;
  /** Writes that the kept lists are told of. */
  readonly tables: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly runId: string;
  readonly signal: AbortSignal;
}

export interface SyncedHome {
  readonly home: string;
  readonly timezone: string;
  /** Events that were not known before. */
  readonly events: number;
  readonly known: number;
  readonly skipped: number;
}

/**
 * Reads what is new in a home. When Home Assistant cannot be reached or refuses the token, that is noted and logged, and what is known of
 * the home stands: the next reading goes on from there. Throws the connection's error for a home that was never read.
 */
export async function syncHome(params: SyncHomeParams): Promise<SyncedHome> {
  const { connection, settings, db, clock, log, signal } = params;
  try {
    return await readHome(params);
  } catch (error) {
    const isRefused = isErrorCode(error, "HOME_ASSISTANT_REFUSED");
    if (signal.aborted || !(isRefused || isErrorCode(error, "HOME_ASSISTANT_UNREACHABLE"))) throw error;
    const home = await findHome(db, settings.name);
    if (home === undefined) throw error;
    log.warn({ error, url: connection.url }, "the home cannot be read: what is known of it is used");
    const state = isRefused ? "refused" : "unreachable";
    await setLinkState(db, { home: home.key, state, problem: error.message, now: clock.now() });
    return { home: home.name, timezone: home.timezone, events: 0, known: 0, skipped: 0 };
  }
}

async function readHome(params: SyncHomeParams): Promise<SyncedHome> {
  const { connection, settings, network, db, tables, clock, log, runId, signal } = params;
  const socket = await openSocket(connection, { signal, WebSocket: network.WebSocket });
  try {
    const { home, entities } = await meetHome({ connection, settings, db, tables, clock, log, socket, signal });
    const reading = await beginReading({ db, home: home.key, runId });
    const { backfillDays: days } = settings;
    const entityIds = keptIds(entities);
    const { added, known } = await backfill({ connection, db, clock, home, entityIds, days, signal });
    const events = await reading.added(added);
    if (settings.keepDays !== undefined)
      await forgetOlder({ db, home: home.key, now: clock.now(), days: settings.keepDays });
    return { home: home.name, timezone: home.timezone, events, known, skipped: 0 };
  } finally {
    socket.close();
  }
}

export interface MeetHomeParams {
  readonly connection: Connection;
  readonly settings: HomeAssistantConfig;
  readonly db: Database;
  /** Writes that the kept lists are told of. */
  readonly tables: Database;
  readonly clock: Clock;
  readonly log: Log;
  readonly socket: Socket;
  readonly signal: AbortSignal;
}

/** Takes over what the home says about itself and its devices. */
export async function meetHome(
  params: MeetHomeParams,
): Promise<{ readonly home: Home; readonly entities: readonly HomeEntity[] }> {
  const { connection, settings, db, tables, clock, log, socket, signal } = params;
  const facts = await readHomeFacts(connection, signal);
  const home = await openLinkedHome({ db, clock, log, name: settings.name, url: connection.url, facts });
  const entities = await readEntities(socket);
  const follow = async (renamed: readonly (readonly [string, string])[]) => {
    const { followRenames } = await import("../suggestions/follow-renames.ts");
    return await followRenames({ db, home, renamed });
  };
  const renamed = await keepEntities({ db, tables, home: home.key, entities, follow });
  for (const [before, now] of renamed)
    log.info({ before, now }, "an entity was renamed: its history goes on under the new name");
  return { home, entities };
}

/** The entities whose changes are kept. */
export function keptIds(entities: readonly HomeEntity[]): readonly string[] {
  return entities.filter(({ isKept, isDisabled }) => isKept && !isDisabled).map(({ entityId }) => entityId);
}
