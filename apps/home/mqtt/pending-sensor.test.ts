import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { after, before, describe, it } from "node:test";
import { createSeededRandom, isErrorCode, systemClock } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createLog } from "millrace/testing";
import { exampleRule } from "../patterns/example-rule.ts";
import { putDrafts } from "../suggestions/suggestion-store.ts";
import { connectMqtt, type MqttClient } from "./mqtt-client.ts";
import { startPendingSensor } from "./pending-sensor.ts";

const BROKER = process.env["MILLRACE_MOSQUITTO"] ?? "/usr/sbin/mosquitto";
const skip = existsSync(BROKER) ? false : `There is no broker at ${BROKER}: install mosquitto.`;

async function freePort(): Promise<number> {
  const trial = createServer().listen(0, "127.0.0.1");
  await once(trial, "listening");
  const address = trial.address();
  trial.close();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    assert.ok(turn < 3_000, "it never came");
    await pause(20);
  }
}

describe("the sensor of pending suggestions, at a real broker", { skip }, () => {
  let broker: ChildProcess;
  let folder = "";
  let url = "";
  const signal = new AbortController().signal;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "millrace-mqtt-"));
    const port = await freePort();
    url = `mqtt://127.0.0.1:${port}`;
    const file = join(folder, "mosquitto.conf");
    writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\n`);
    broker = spawn(BROKER, ["-c", file], { stdio: "ignore" });
    await until(() => broker.pid !== undefined);
  });
  after(() => {
    broker.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  async function connected(clientId: string): Promise<MqttClient> {
    for (let turn = 0; ; turn++) {
      const will = { topic: `will/${clientId}`, payload: "" };
      const client = await connectMqtt({ url, clientId, will, clock: systemClock, signal }).catch(() => undefined);
      if (client !== undefined) return client;
      assert.ok(turn < 3_000, "the broker does not answer");
      await pause(20);
    }
  }

  it("introduces itself, follows the number of drafts, comes back when Home Assistant does, and says when it goes", async () => {
    const clock = systemClock;
    const store = await openSqliteStore({ directory: ":memory:", clock });
    const watcher = await connected("watcher");
    try {
      const { db } = store;
      await db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
      const heard = new Map<string, string[]>();
      for (const topic of ["homeassistant/sensor/millrace/pending/config", "millrace/status", "millrace/pending"]) {
        heard.set(topic, []);
        watcher.subscribe(topic, (payload) => heard.get(topic)?.push(payload));
      }
      const of = (topic: string): readonly string[] => heard.get(topic) ?? [];
      const words = { title: "t", description: "d", rationale: "r", category: "comfort", priority: "low" } as const;
      const rest = {
        sentence: "s",
        words,
        source: "rules",
        model: "m",
        degraded: null,
        runId: "r",
        createdAt: 1,
      } as const;
      await putDrafts(db, [{ id: "s1", home: "home", rule: exampleRule({ id: "a" }), ...rest }]);
      const log = createLog({ level: "silent" });
      const sensor = startPendingSensor({ url, clientId: "millrace", db, clock, random: createSeededRandom(1), log });
      await until(() => of("millrace/pending").length === 1);
      assert.deepEqual(of("millrace/pending"), ["1"]);
      assert.deepEqual(of("millrace/status"), ["online"]);
      const [config = ""] = of("homeassistant/sensor/millrace/pending/config");
      assert.partialDeepStrictEqual(JSON.parse(config), {
        unique_id: "millrace_pending",
        state_topic: "millrace/pending",
        availability_topic: "millrace/status",
      });
      watcher.publish({ topic: "homeassistant/status", payload: "online" });
      await until(() => of("homeassistant/sensor/millrace/pending/config").length === 2);
      await sensor.close();
      await until(() => of("millrace/status").at(-1) === "offline");
    } finally {
      watcher.close();
      await watcher.closed;
      await store.close();
    }
  });

  it("says of a broker that is not there that it does not answer, and no password", async () => {
    const away = `mqtt://me:hush@127.0.0.1:${await freePort()}`;
    const will = { topic: "w", payload: "" };
    const error = await connectMqtt({ url: away, clientId: "c", will, clock: systemClock, signal }).catch(
      (e: unknown) => e,
    );
    assert.ok(isErrorCode(error, "HOME_ASSISTANT_UNREACHABLE"));
    assert.doesNotMatch(JSON.stringify([error.message, error.facts]), /hush/);
  });
});
