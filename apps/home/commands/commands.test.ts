import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { type CommandAnswer, type CommandFlags, isErrorCode, MillraceError } from "millrace";
import { createManualClock } from "millrace/testing";
import { z } from "zod";
import { RuleSchema } from "../domain/rule-schema.ts";
import { liveDays, useAtRandom, ZONE } from "../mine/made-up-home.test.ts";
import { evaluateCommand } from "./evaluate-command.ts";
import { mineCommand } from "./mine-command.ts";

const Mined = z.strictObject({
  rules: z.array(RuleSchema),
  events: z.int(),
  days: z.int(),
  seconds: z.number(),
});

describe("the commands of the home app", () => {
  let folder: string;
  let file: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "millrace-mine-"));
    file = join(folder, "events.csv");
    const events = liveDays({ days: 60, seed: 60 }, (day) => {
      // The light is a habit of the first forty days, the kettle of all.
      if (day.index < 40) day.put(day.about(420, 6), "light.kitchen", "on");
      else day.put(day.about(700, 250), "light.kitchen", "on");
      day.put(day.about(1_100, 100), "light.kitchen", "off");
      day.put(day.about(480, 6), "switch.kettle", "on");
      day.put(day.about(900, 100), "switch.kettle", "off");
      useAtRandom(day, "light.hall", 2);
    });
    const lines = events
      .toSorted((a, b) => b.at - a.at)
      .map(({ at, entityId, state }) => `${new Date(at).toISOString()},${entityId},${state}`);
    writeFileSync(file, ["time,entity_id,state", ...lines].join("\n"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  function run(command: typeof mineCommand, flags: CommandFlags): Promise<CommandAnswer> {
    return command.run(
      { events: file, timezone: ZONE, ...flags },
      {
        clock: createManualClock(),
        signal: new AbortController().signal,
      },
    );
  }
  async function mined(flags: CommandFlags = {}): Promise<z.output<typeof Mined>> {
    return Mined.parse((await run(mineCommand, flags)).json);
  }

  it("mine a file in any order and answer in the published form and no other", async () => {
    const { rules, events, days } = await mined();
    assert.ok(events > 300 && days >= 60);
    const kettle = rules.find(({ action }) => action.entity_ids.includes("switch.kettle"));
    assert.deepEqual(kettle?.trigger, { type: "time", at: "08:00" });
  });

  it("learn only from what came before, in the home's own time", async () => {
    const early = await mined({ until: "2026-10-17" });
    assert.ok(early.events < (await mined()).events);
    assert.ok(early.rules.some(({ action }) => action.entity_ids.includes("light.kitchen")));
    assert.deepEqual((await mined({ until: "2026-10-16T22:00:00Z" })).rules, early.rules);
  });

  it("keep to the entities and the number of rules that were asked for", async () => {
    const { rules } = await mined({ targets: "switch.*, light.none", "max-rules": "1" });
    assert.deepEqual(
      rules.map(({ action }) => action.entity_ids),
      [["switch.kettle"]],
    );
    assert.deepEqual((await mined({ targets: "light.none" })).rules, []);
  });

  it("say a rule in words without --json", async () => {
    const { text } = await run(mineCommand, {});
    assert.match(
      text,
      /Every day at about 08:00, the kitchen kettle turns on|Every day at about 08:00, the kettle turns on/,
    );
  });

  it("judge the miner and its rivals on the last days", async () => {
    const { json, text } = await run(evaluateCommand, {});
    const { scores, folds, gate } = z
      .object({
        scores: z.array(z.object({ side: z.string(), view: z.string(), f1: z.number(), false_per_day: z.number() })),
        folds: z.array(z.object({ train_days: z.int() })),
        gate: z.object({ raw: z.array(z.string()), debounced: z.array(z.string()) }),
      })
      .parse(json);
    assert.equal(scores.length, 10);
    assert.equal(folds.length, 3);
    assert.ok(scores.every(({ side, f1 }) => side !== "millrace" || f1 > 0.1));
    assert.ok(Array.isArray(gate.raw));
    assert.match(text, /hour frequency/);
  });

  it("refuse what cannot be meant before anything is read, naming the flag and the remedy", async () => {
    const wrong: readonly (readonly [CommandFlags, RegExp])[] = [
      [{ timezone: "Mars/Base" }, /--timezone/],
      [{ until: "yesterday" }, /--until/],
      [{ "max-rules": "1.5" }, /--max-rules/],
      [{ "max-false-per-day": "-1" }, /--max-false-per-day/],
      [{ latitude: "52" }, /--longitude/],
      [{ latitude: "152", longitude: "4" }, /--latitude/],
    ];
    for (const [flags, message] of wrong) {
      await assert.rejects(run(mineCommand, flags), (error) => {
        assert.ok(error instanceof MillraceError && isErrorCode(error, "INPUT_INVALID") && error.advice !== "");
        assert.match(error.message, message);
        return true;
      });
    }
    await assert.rejects(run(mineCommand, { events: join(folder, "none.csv") }), (error) =>
      isErrorCode(error, "EVENTS_UNREADABLE"),
    );
  });
});
