import { type Clock, type Database, type Log, number, type Random } from "millrace";
import { exponentialBackoff } from "millrace/resilience";
import type { Held } from "../home-assistant/lease.ts";
import { connectMqtt, type MqttClient } from "./mqtt-client.ts";

const LOOK_EVERY_MS = 5_000;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;

const STATUS = "millrace/status";
const PENDING = "millrace/pending";
/** Home Assistant says `online` here when it has started, and wants to be told of everything again. */
const HOME_STATUS = "homeassistant/status";
const DISCOVERY = "homeassistant/sensor/millrace/pending/config";

/** What makes the sensor appear in Home Assistant: https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery. */
const SENSOR = {
  name: "Pending suggestions",
  unique_id: "millrace_pending",
  state_topic: PENDING,
  availability_topic: STATUS,
  icon: "mdi:water",
  state_class: "measurement",
  device: { identifiers: ["millrace"], name: "Millrace" },
};

const COUNT = "select count(*) as n from home_suggestions where status in ('draft', 'refined')";

export interface PendingSensorOptions {
  /** `mqtt://user:password@host:1883`. */
  readonly url: string;
  /** The same in every process that may take over: the broker then ends the connection of the one before, and says its last word before the first of the new one. */
  readonly clientId: string;
  readonly db: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Shows in Home Assistant, over its MQTT broker, how many suggestions wait for a person. Comes back by itself after a break, with growing pauses up to a minute. Closing says that Millrace is gone. */
export function startPendingSensor(options: PendingSensorOptions): Held {
  const stop = new AbortController();
  const running = stayConnected(options, stop.signal);
  return {
    async close() {
      stop.abort(new Error("Millrace is closing."));
      await running;
    },
  };
}

async function stayConnected(options: PendingSensorOptions, signal: AbortSignal): Promise<void> {
  const { clock, random, log } = options;
  const pause = exponentialBackoff({ random, baseMs: FIRST_PAUSE_MS, maxMs: LONGEST_PAUSE_MS, jitter: "equal" });
  for (let failures = 1; !signal.aborted; failures++) {
    try {
      await tell(options, signal, () => (failures = 0));
    } catch (error) {
      if (signal.aborted) return;
      if (failures === 1) log.warn({ error }, "the sensor of pending suggestions is not connected");
    }
    await clock.sleep(pause(Math.max(1, failures)), signal).catch(() => undefined);
  }
}

/** One connection, from its opening to its end. */
async function tell(options: PendingSensorOptions, signal: AbortSignal, connected: () => void): Promise<void> {
  const { url, clientId, db, clock } = options;
  const will = { topic: STATUS, payload: "offline" };
  const client = await connectMqtt({ url, clientId, will, clock, signal: new AbortController().signal });
  const over = new AbortController();
  const ended = client.closed.then(() => over.abort());
  try {
    connected();
    let shown: number | undefined;
    client.subscribe(HOME_STATUS, (payload) => {
      if (payload !== "online") return;
      introduce(client);
      shown = undefined;
    });
    introduce(client);
    const until = AbortSignal.any([signal, over.signal]);
    while (!until.aborted) {
      const row = await db.get(COUNT);
      const pending = row === undefined ? 0 : number(row, "n");
      if (pending !== shown) client.publish({ topic: PENDING, payload: String(pending) });
      shown = pending;
      await clock.sleep(LOOK_EVERY_MS, until).catch(() => undefined);
    }
    if (!over.signal.aborted) client.publish(will);
  } finally {
    client.close();
    await ended;
  }
}

function introduce(client: MqttClient): void {
  client.publish({ topic: DISCOVERY, payload: JSON.stringify(SENSOR) });
  client.publish({ topic: STATUS, payload: "online" });
}
