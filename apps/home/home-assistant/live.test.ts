import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { describe, it } from "node:test";
import { createSeededRandom, type Database, number, text } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createLog, createManualClock, type ManualClock } from "millrace/testing";
import { backfill } from "./backfill.ts";
import type { HomeAssistantConfig } from "./config.ts";
import { type Live, startLive } from "./live.ts";
import type { Network } from "./network.ts";
import { openLinkedHome } from "./open-home.ts";

const MINUTE_MS = 60_000;
const LAMP = "light.hall";

interface Change {
  readonly at: number;
  readonly state: string;
}

/** The protocol of a home with one lamp, which a person uses. */
class ProtocolHome {
  readonly changes: Change[] = [];
  connections = 0;
  readonly #sockets = new Set<ProtocolSocket>();

  /** Changes the lamp: the history has it, and who is connected hears it. */
  change(at: number): void {
    const before = this.changes.at(-1)?.state ?? "off";
    const state = before === "on" ? "off" : "on";
    this.changes.push({ at, state });
    const context = { id: `c${this.changes.length}`, parent_id: null, user_id: "somebody" };
    const seen = { entity_id: LAMP, state, last_changed: iso(at), attributes: {}, context };
    const data = { entity_id: LAMP, old_state: { state: before }, new_state: seen };
    for (const socket of this.#sockets) socket.tell("state_changed", { data, context, time_fired: iso(at) });
  }

  /** Says to who is connected what else happens there. */
  say(type: string, data: object = {}): void {
    for (const socket of this.#sockets) socket.tell(type, { data, time_fired: iso(0) });
  }

  network(clock: ManualClock): Network {
    const [open, close] = [(socket: ProtocolSocket) => this.#sockets.add(socket), this.#sockets];
    const count = () => (this.connections += 1);
    class WebSocket extends ProtocolSocket {
      constructor() {
        super((socket) => close.delete(socket));
        open(this);
        count();
      }
    }
    const fetch = (address: string) => Promise.resolve(Response.json(this.#answer(new URL(address))));
    return { fetch: fetch as typeof globalThis.fetch, WebSocket: WebSocket as unknown as Network["WebSocket"], clock };
  }

  #answer({ pathname, searchParams }: URL): unknown {
    if (pathname === "/api/config") {
      return { version: "2024.3.3", time_zone: "Europe/Amsterdam", latitude: 52, longitude: 5, state: "RUNNING" };
    }
    const from = Date.parse(pathname.split("/").at(-1) ?? "");
    const until = Date.parse(searchParams.get("end_time") ?? "");
    const during = this.changes.filter(({ at }) => at > from && at < until);
    if (pathname.startsWith("/api/logbook/")) {
      return during.map(({ at }) => ({ entity_id: LAMP, when: iso(at), context_user_id: "somebody" }));
    }
    assert.ok(pathname.startsWith("/api/history/period/"), pathname);
    const before = this.changes.findLast(({ at }) => at <= from);
    const rows = [...(before === undefined ? [] : [{ ...before, at: from }]), ...during];
    return [rows.map(({ at, state }) => ({ entity_id: LAMP, state, last_changed: iso(at) }))];
  }
}

class ProtocolSocket extends EventTarget {
  readonly #subscriptions = new Map<string, number>();
  readonly #closed: (socket: ProtocolSocket) => void;

  constructor(closed: (socket: ProtocolSocket) => void) {
    super();
    this.#closed = closed;
    queueMicrotask(() => this.#say({ type: "auth_required" }));
  }

  send(message: string): void {
    const { id, type, event_type: event } = JSON.parse(message) as Record<"id" | "type" | "event_type", string>;
    if (type === "auth") return this.#say({ type: "auth_ok", ha_version: "2024.3.3" });
    if (type === "subscribe_events") this.#subscriptions.set(event, Number(id));
    const result = type === "get_states" ? [{ entity_id: LAMP, state: "off", attributes: {} }] : [];
    this.#say(type === "ping" ? { id, type: "pong" } : { id, type: "result", success: true, result });
  }

  tell(type: string, event: object): void {
    const id = this.#subscriptions.get(type);
    if (id !== undefined) this.dispatchEvent(toMessage({ id, type: "event", event }));
  }

  close(): void {
    this.#closed(this);
  }

  #say(message: object): void {
    queueMicrotask(() => this.dispatchEvent(toMessage(message)));
  }
}

function toMessage(message: object): MessageEvent {
  return new MessageEvent("message", { data: JSON.stringify(message) });
}

function iso(at: number): string {
  return new Date(at).toISOString();
}

describe("changes of a home as they happen", () => {
  const log = createLog({ level: "silent" });

  async function opened(clock: ManualClock, work: (db: Database) => Promise<void>): Promise<void> {
    const store = await openSqliteStore({ directory: ":memory:", clock });
    try {
      await store.db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
      await work(store.db);
    } finally {
      await store.close();
    }
  }

  function follow(
    home: ProtocolHome,
    name: string,
    db: Database,
    clock: ManualClock,
    onAutomations?: () => Promise<void>,
  ): Live {
    const network = home.network(clock);
    const url = `http://${name}`;
    const settings: HomeAssistantConfig = { url, token: "t", name, backfillDays: 1, live: true };
    const connection = { url, token: "t", fetch: network.fetch, clock };
    const rest = onAutomations === undefined ? {} : { onAutomations };
    return startLive({
      connection,
      settings,
      network,
      db,
      tables: db,
      clock,
      log,
      random: createSeededRandom(1),
      ...rest,
    });
  }

  /** The changes of the lamp that a home has stored, oldest first. */
  async function stored(db: Database, home: string): Promise<readonly (Change & { readonly cause: number })[]> {
    const rows = await db.all(
      "select e.at, e.state, e.cause from home_events e join homes h on h.key = e.home where h.name = :home order by e.at",
      { home },
    );
    return rows.map((row) => ({ at: number(row, "at"), state: text(row, "state"), cause: number(row, "cause") }));
  }

  async function until(clock: ManualClock, isSo: () => Promise<boolean>): Promise<void> {
    for (let turn = 0; !(await isSo()); turn++) {
      assert.ok(turn < 5_000, "it never came");
      // The database's threads work by their own time.
      await pause(2);
      await clock.advance(500);
    }
  }

  const linked = async (db: Database, count: number): Promise<boolean> => {
    const rows = await db.all("select l.state from home_links l join home_cursors c on c.home = l.home");
    return rows.length === count && rows.every((row) => text(row, "state") === "connected");
  };

  it("that are more than can wait are read from the history, and none is lost", async () => {
    const clock = createManualClock(Date.UTC(2026, 6, 1, 12));
    await opened(clock, async (db) => {
      const home = new ProtocolHome();
      const live = follow(home, "busy", db, clock);
      await until(clock, () => linked(db, 1));
      const began = clock.now();
      for (let index = 0; index < 20_500; index++) home.change(began + 1 + index);
      await until(clock, async () => home.connections > 1 && (await stored(db, "busy")).length >= 20_500);
      await live.close();
      const kept = await stored(db, "busy");
      assert.deepEqual(
        kept.map(({ at, state }) => ({ at, state })),
        home.changes,
      );
      assert.deepEqual(new Set(kept.map(({ cause }) => cause)).size, 1, "a person did all of it");
      assert.equal(home.connections, 2);
    });
  });

  it("of two homes at once stay apart", async () => {
    const clock = createManualClock(Date.UTC(2026, 6, 1, 12));
    await opened(clock, async (db) => {
      const homes = [new ProtocolHome(), new ProtocolHome()] as const;
      const lives = homes.map((home, index) => follow(home, `home${index}`, db, clock));
      await until(clock, () => linked(db, 2));
      for (let index = 0; index < 6; index++) homes[index % 3 === 0 ? 0 : 1].change(clock.now() + index * 1_000);
      await until(clock, async () => (await stored(db, "home0")).length + (await stored(db, "home1")).length >= 6);
      await Promise.all(lives.map((live) => live.close()));
      for (const [index, home] of homes.entries()) {
        const kept = await stored(db, `home${index}`);
        assert.deepEqual(
          kept.map(({ at, state }) => ({ at, state })),
          home.changes,
        );
      }
    });
  });

  it("tell at once that automations there are others: after a break, an edit, and a removal", async () => {
    const clock = createManualClock(Date.UTC(2026, 6, 1, 12));
    await opened(clock, async (db) => {
      const home = new ProtocolHome();
      let told = 0;
      const live = follow(home, "edited", db, clock, () => {
        told += 1;
        // What follows from it may fail: the link stays.
        return Promise.reject(new Error("nobody looks"));
      });
      await until(clock, () => Promise.resolve(told === 1));
      home.say("automation_reloaded");
      await until(clock, () => Promise.resolve(told === 2));
      home.say("entity_registry_updated", { action: "remove", entity_id: "automation.hall" });
      await until(clock, () => Promise.resolve(told === 3));
      home.say("entity_registry_updated", { action: "remove", entity_id: "light.hall" });
      await clock.advance(30_000);
      await live.close();
      assert.deepEqual([told, home.connections], [3, 1]);
    });
  });

  it("in the nights when the clocks change are read once each, at the instant when they were", async () => {
    // The clock shows 02:30 twice on 25 October, and never on 29 March.
    for (const night of [Date.UTC(2026, 9, 25), Date.UTC(2026, 2, 29)]) {
      const clock = createManualClock(night + 12 * 60 * MINUTE_MS);
      await opened(clock, async (db) => {
        const home = new ProtocolHome();
        for (const minute of [-30, 30, 59, 60, 90, 121]) home.change(night + minute * MINUTE_MS);
        const { fetch } = home.network(clock);
        const facts = {
          version: "2024.3.3",
          timezone: "Europe/Amsterdam",
          latitude: 52,
          longitude: 5,
          temperatureUnit: "°C",
          state: "RUNNING",
        } as const;
        const url = "http://home";
        const into = await openLinkedHome({ db, clock, log, name: "home", url, facts });
        const connection = { url, token: "t", fetch, clock };
        const read = () => backfill({ connection, db, clock, home: into, entityIds: [LAMP], days: 2 });
        assert.deepEqual(
          [await read(), await read()],
          [
            { added: 6, known: 0 },
            { added: 0, known: 0 },
          ],
        );
        const kept = await stored(db, "home");
        assert.deepEqual(
          kept.map(({ at, state }) => ({ at, state })),
          home.changes,
        );
        assert.deepEqual(await db.all("select * from home_gaps"), []);
      });
    }
  });
});
