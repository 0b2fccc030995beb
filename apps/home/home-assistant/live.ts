import { type Clock, type Database, isErrorCode, type Log, type Random, toErrorRecord } from "millrace";
import type { HomeEvent } from "../domain/event.ts";
import { EntityKeys } from "../events/entities.ts";
import type { Home } from "../events/homes.ts";
import { nameCauses, storeEvents } from "../events/store-events.ts";
import { backfill } from "./backfill.ts";
import type { HomeAssistantConfig } from "./config.ts";
import { exponentialBackoff } from "millrace/resilience";
import type { Connection } from "./connection.ts";
import type { Held } from "./lease.ts";
import { type LinkState, moveReadUntil, setLinkState } from "./link.ts";
import { LiveEvents } from "./live-events.ts";
import type { Network } from "./network.ts";
import { openSocket, type Socket } from "./socket.ts";
import { keptIds, meetHome } from "./sync-home.ts";

/** How long changes gather before they are stored. */
const GATHER_MS = 1_000;
/** A home writes its history some seconds after it happened: what happened just before the connection is read once more after this time. */
const COMMITTED_MS = 10_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** A bad token is not tried often: Home Assistant may ban the address that does. */
const REFUSED_PAUSE_MS = 3_600_000;

export interface LiveOptions {
  readonly connection: Connection;
  readonly settings: HomeAssistantConfig;
  readonly network: Network;
  readonly db: Database;
  /** Writes that the kept lists are told of. */
  readonly tables: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Told when automations of the home may be others than before: they were edited there, or nobody listened for a while. */
  readonly onAutomations?: () => Promise<void>;
}

/** Takes the changes of a home as they happen. Closing stores what has come and disconnects. */
export type Live = Held;

/**
 * Connects to a home and stays connected: after a break it comes back by itself, with growing pauses up to a minute, and reads from the
 * history what it missed. More changes than can be stored end the connection, so that they are read from the history too.
 */
export function startLive(options: LiveOptions): Live {
  const stop = new AbortController();
  const running = stayConnected(options, stop.signal);
  return {
    async close({ isTakenOver = false } = {}) {
      stop.abort(new Error("Millrace is closing."));
      const link = await running;
      if (!isTakenOver) await link.note("closed", null);
    },
  };
}

/** Gives the last connection. */
async function stayConnected(options: LiveOptions, signal: AbortSignal): Promise<OpenLink> {
  const { clock, random, log, connection } = options;
  const pause = exponentialBackoff({ random, baseMs: FIRST_PAUSE_MS, maxMs: LONGEST_PAUSE_MS, jitter: "equal" });
  let failures = 0;
  for (;;) {
    const link = new OpenLink(options);
    const ended: unknown = await link.run(signal).catch((error: unknown) => error);
    if (signal.aborted) return link;
    failures = link.wasUp ? 1 : failures + 1;
    const isRefused = isErrorCode(ended, "HOME_ASSISTANT_REFUSED");
    const { message } = toErrorRecord(ended);
    await link.note(isRefused ? "refused" : "unreachable", message);
    if (failures === 1 || isRefused)
      log.warn({ error: ended, url: connection.url }, "the connection to the home ended");
    await clock.sleep(isRefused ? REFUSED_PAUSE_MS : pause(failures), signal).catch(() => undefined);
  }
}

interface TakeParams {
  readonly socket: Socket;
  readonly queue: LiveEvents;
  readonly home: Home;
  /** Reads from the history what was missed. */
  readonly fill: () => Promise<unknown>;
  readonly signal: AbortSignal;
}

/** One connection, from its opening to its end. */
class OpenLink {
  readonly #options: LiveOptions;
  #home: Home | undefined;
  wasUp = false;

  constructor(options: LiveOptions) {
    this.#options = options;
  }

  /** Gives, or throws, why it ended. */
  async run(signal: AbortSignal): Promise<unknown> {
    const { connection, settings, network, db, tables, clock, log } = this.#options;
    const socket = await openSocket(connection, { signal, WebSocket: network.WebSocket });
    try {
      // What happens from here on is in the queue; what happened before is in the registries and the history.
      const events = new LiveEvents();
      await events.subscribe(socket);
      const { home, entities } = await meetHome({ connection, settings, db, tables, clock, log, socket, signal });
      this.#home = home;
      const entityIds = keptIds(entities);
      const fill = () => backfill({ connection, db, clock, home, entityIds, days: settings.backfillDays, signal });
      await fill();
      this.wasUp = true;
      log.info({ home: home.name, version: socket.version, entities: entityIds.length }, "the home is connected");
      await this.#tellOfAutomations();
      return await this.#take({ socket, queue: events, home, fill, signal });
    } finally {
      socket.close();
    }
  }

  async note(state: LinkState, problem: string | null): Promise<void> {
    const { db, clock, log } = this.#options;
    if (this.#home === undefined) return;
    await setLinkState(db, { home: this.#home.key, state, problem, now: clock.now() }).catch((error: unknown) =>
      log.warn({ error }, "the state of the connection could not be noted"),
    );
  }

  async #take({ socket, queue, home, fill, signal }: TakeParams): Promise<unknown> {
    const { db, clock, log } = this.#options;
    const filledAgainAt = clock.monotonic() + COMMITTED_MS;
    let isFilledAgain = false;
    const entities = await EntityKeys.open(db, home.key);
    let ended: { readonly reason: unknown } | undefined;
    const over = new AbortController();
    const watching = socket.closed.then((reason) => {
      ended = { reason };
      return over.abort();
    });
    for (;;) {
      const isOver = ended !== undefined;
      const { events, renamed, hasOtherAutomations, isFull } = queue.take();
      await this.#store(entities, home, events);
      if (isOver) {
        await watching;
        return ended?.reason;
      }
      // Up to here everything is stored: a later gap begins no earlier.
      await moveReadUntil(db, home.key, clock.now());
      if (isFull || renamed) {
        log.info({ isFull, renamed }, "the home is read anew");
        return new Error(isFull ? "more changes came than could be stored" : "an entity was renamed");
      }
      if (hasOtherAutomations) await this.#tellOfAutomations();
      if (!isFilledAgain && clock.monotonic() >= filledAgainAt) {
        isFilledAgain = true;
        await fill();
      }
      await clock.sleep(GATHER_MS, AbortSignal.any([signal, over.signal])).catch(() => undefined);
    }
  }

  async #tellOfAutomations(): Promise<void> {
    const { onAutomations, log } = this.#options;
    await onAutomations?.().catch((error: unknown) => log.warn({ error }, "what was deployed could not be looked at"));
  }

  async #store(entities: EntityKeys, home: Home, events: readonly HomeEvent[]): Promise<void> {
    const kept = events.filter(({ at }) => at >= home.keptSince);
    const params = { db: this.#options.db, home: home.key, entities, events: kept };
    // What the history told first it may have told without its cause.
    if ((await storeEvents(params)) < kept.length) await nameCauses(params);
  }
}
