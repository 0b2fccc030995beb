import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Rule } from "../domain/rule.ts";
import { openHome } from "../events/homes.ts";
import { exampleRule } from "../patterns/example-rule.ts";
import { followRenames } from "../suggestions/follow-renames.ts";
import { decide, putDrafts, requireSuggestion } from "../suggestions/suggestion-store.ts";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import { keepEntities, type KeepEntitiesParams } from "./entity-names.ts";
import type { HomeEntity } from "./registries.ts";

function entity(entityId: string, registryId: string): HomeEntity {
  const facts = { name: null, area: null, device: null, deviceClass: null, isDisabled: false, isKept: true };
  return { entityId, registryId, ...facts };
}

const words = { title: "t", description: "d", rationale: "r", category: "comfort", priority: "low" } as const;
const rest = { sentence: "s", words, source: "rules", model: "m", degraded: null, runId: "r", createdAt: 1 } as const;

describe("a device that is renamed in the home", () => {
  it("is named anew in what was suggested and not deployed, whatever was decided about it", async () => {
    const clock = createManualClock(1);
    const store = await openSqliteStore({ directory: ":memory:", clock });
    try {
      const { db } = store;
      await db.migrate({ owner: "home", directory: new URL("../tables/", import.meta.url) });
      const home = await openHome({ db, clock, name: "main", timezone: "UTC" });
      const renamed: (readonly [string, string])[] = [];
      const meet = async (...entities: readonly HomeEntity[]) => {
        const follow: KeepEntitiesParams["follow"] = (names) => followRenames({ db, home, renamed: names });
        renamed.push(...(await keepEntities({ db, tables: db, home: home.key, entities, follow })));
      };
      await meet(entity("light.hall", "1"), entity("binary_sensor.door", "2"), entity("light.porch", "3"));
      const rule: Rule = exampleRule({
        trigger: { type: "state", entity_id: "binary_sensor.door", to: "on" },
        conditions: [{ type: "state", entity_id: "light.hall", is: "off" }],
        action: { entity_ids: ["light.hall", "light.porch"], to: "on" },
      });
      const other = exampleRule({ id: "r2", action: { entity_ids: ["light.porch"], to: "on" } });
      const rejected = exampleRule({ id: "r3", action: { entity_ids: ["light.hall"], to: "off" } });
      await putDrafts(db, [
        { id: "a", home: "main", rule, ...rest },
        { id: "b", home: "main", rule: other, ...rest },
        { id: "c", home: "main", rule: rejected, ...rest },
        { id: "d", home: "elsewhere", rule: rejected, ...rest },
      ]);
      await decide(db, { id: "c", status: "rejected", by: "ada", now: 2 });
      await decide(db, { id: "a", status: "approved", by: "ada", now: 2 });

      await meet(entity("light.corridor", "1"), entity("binary_sensor.door", "2"), entity("light.porch", "3"));
      assert.deepEqual(renamed, [["light.hall", "light.corridor"]]);
      const a = await requireSuggestion(db, "a");
      assert.deepEqual(a.rule.conditions, [{ type: "state", entity_id: "light.corridor", is: "off" }]);
      assert.deepEqual(a.rule.action.entity_ids, ["light.corridor", "light.porch"]);
      assert.match(a.sentence, /corridor/);
      assert.partialDeepStrictEqual(a, { status: "approved", version: 1, title: "t" });
      assert.deepEqual((await requireSuggestion(db, "b")).rule, other);
      assert.deepEqual((await requireSuggestion(db, "c")).rule.action.entity_ids, ["light.corridor"]);
      assert.deepEqual((await requireSuggestion(db, "d")).rule, rejected);
    } finally {
      await store.close();
    }
  });
});
