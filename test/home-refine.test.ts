import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { SuggestionView } from "../apps/home/api.ts";
import type { RefineResult } from "../apps/home/suggestions/refine-automation.ts";
import { revise } from "../apps/home/suggestions/revise.ts";
import type { RuleEdit } from "../apps/home/suggestions/rule-edit.ts";
import { requireSuggestion } from "../apps/home/suggestions/suggestion-store.ts";
import { tryEdits } from "../apps/home/suggestions/try-edits.ts";
import type { Host } from "../src/host.ts";
import { createSimulator } from "../simulator/index.ts";
import { openHomeHost } from "./home-host.ts";

/** A model of the simulator that says what it was told to. */
const MODEL = "openai/fb-ok";
const TV = "media_player.living_room_tv";

describe("a wish that a model reads", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-refine-"));
  const simulator = createSimulator({ failoverTimings: "fast" });
  let host: Host;
  let draft: SuggestionView;

  before(async () => {
    await simulator.start();
    host = await openHomeHost({
      data: join(folder, "data"),
      provider: simulator.url,
      section: { model: MODEL, maxSuggestions: 10 },
    });
    const { runId } = await host.engine.trigger("home.daily");
    assert.equal((await host.engine.ended(runId)).status, "done");
    const rows = await host.store.db.all("select id from home_suggestions order by id");
    const all = await Promise.all(rows.map(({ id }) => requireSuggestion(host.store.db, String(id))));
    const found = all.find(
      ({ rule: { trigger, action } }) => trigger.type === "time" && !action.entity_ids.includes(TV),
    );
    assert.ok(found !== undefined);
    draft = found;
  });
  after(async () => {
    await host.close();
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What comes of a wish when the model answers so. */
  async function read(wish: string, answer: object): Promise<RefineResult> {
    simulator.configure({ failoverAnswer: JSON.stringify(answer) });
    const { runId } = await host.engine.trigger("home.refine", { suggestion: draft.id, wish });
    const ended = await host.engine.ended(runId);
    assert.equal(ended.status, "done", JSON.stringify(ended.error));
    return JSON.parse(ended.output ?? "null") as RefineResult;
  }

  it("becomes edits, shown as a difference and tried on the history, and a version once it is kept", async () => {
    const { db } = host.store;
    const wish = "not when the TV is on; half an hour earlier at weekends";
    const edits: readonly RuleEdit[] = [
      { edit: "while", entity_id: TV, is: "off" },
      { edit: "shift", minutes: -30 },
      { edit: "days", days: ["sat", "sun"] },
    ];
    const proposal = await read(wish, { edits, rest: [] });
    assert.deepEqual(proposal, {
      suggestion: draft.id,
      version: 1,
      edits,
      rest: [],
      problem: null,
      source: "provider",
      model: MODEL,
      degraded: null,
    });
    assert.deepEqual(await requireSuggestion(db, draft.id), draft, "nothing is kept by asking");

    const trial = await tryEdits({ db, home: draft.home, rule: draft.rule, edits });
    assert.deepEqual(
      trial.difference.map(({ part }) => part),
      ["trigger", "days", "condition"],
    );
    assert.match(trial.difference.at(-1)?.after ?? "", /TV is off/i);
    assert.ok(trial.after.fired > 0 && trial.after.fired < trial.before.fired, JSON.stringify(trial.after.perWeek));
    assert.match(trial.yaml.after ?? "", new RegExp(`entity_id: "${TV}"\\n\\s+state: "off"`));

    const kept = await revise({ db, audit: host.audit, id: draft.id, version: 1, edits, wish, by: "ada", now: 1 });
    assert.partialDeepStrictEqual(kept, { status: "refined", version: 2, sentence: trial.sentence.after });
    assert.ok(kept.rationale.includes(`${trial.after.days} days on record`));
    draft = kept;
  });

  it("is read by rules, and says why, when the model names a device that the home does not have", async () => {
    const wish = "only on weekdays, when my neighbour is in";
    const foreign: RuleEdit = { edit: "while", entity_id: "person.neighbour", is: "home" };
    const proposal = await read(wish, { edits: [foreign], rest: [] });
    assert.partialDeepStrictEqual(proposal, { source: "rules", problem: null });
    assert.match(proposal.degraded ?? "", /the home has no person\.neighbour/);
    assert.deepEqual(proposal.edits, [{ edit: "days", days: ["mon", "tue", "wed", "thu", "fri"] }]);
    assert.match(proposal.rest.join(), /neighbour/);
  });

  it("never makes the rule do something else: an act that a model adds is refused, and that is said", async () => {
    for (const act of [
      { edit: "act", entity_id: "lock.front_door", to: "unlocked" },
      { edit: "shift", minutes: -5, action: { entity_ids: ["lock.front_door"], to: "unlocked" } },
    ]) {
      const proposal = await read(`and unlock the front door (${act.edit})`, { edits: [act], rest: [] });
      assert.equal(proposal.source, "rules", JSON.stringify(proposal));
      assert.deepEqual(proposal.edits, []);
      assert.notEqual(proposal.degraded, null);
      assert.match(proposal.rest.join(), /unlock the front door/);
    }
    const { rule } = await requireSuggestion(host.store.db, draft.id);
    assert.deepEqual(rule.action, draft.rule.action);
  });
});
