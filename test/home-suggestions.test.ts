import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { RevisionView, SuggestionView } from "../apps/home/api.ts";
import type { RefineResult } from "../apps/home/suggestions/refine-automation.ts";
import type { Trial } from "../apps/home/suggestions/try-edits.ts";
import type { Host } from "../src/host.ts";
import type { Page } from "../src/http/route.ts";
import { createServer, type Server } from "../src/http/server.ts";
import { createSimulator } from "../simulator/index.ts";
import { openHomeHost } from "./home-host.ts";

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"];

describe("the life of a suggestion", () => {
  const folder = mkdtempSync(join(tmpdir(), "millrace-life-"));
  const simulator = createSimulator();
  let host: Host;
  let server: Server;
  let drafts: readonly SuggestionView[] = [];

  before(async () => {
    await simulator.start();
    host = await openHomeHost({ data: join(folder, "data") });
    const { runId } = await host.engine.trigger("home.daily");
    assert.equal((await host.engine.ended(runId)).status, "done");
    server = await serve(host);
    drafts = (await get<Page<SuggestionView>>("/api/home/suggestions?order=rank")).items;
    assert.ok(drafts.length >= 5);
  });
  after(async () => {
    await server.close();
    await host.close();
    await simulator.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  function serve(from: Host): Promise<Server> {
    const { store, engine, cache, routes, events, clock, ids, log, config } = from;
    return createServer({
      store,
      cache,
      engine,
      routes,
      events,
      clock,
      ids,
      log,
      host: "127.0.0.1",
      port: 0,
      version: "0",
      timezone: config.timezone,
      providers: [],
      role: () => from.role(),
      dashboard: join(folder, "none"),
    });
  }

  async function ask(method: "GET" | "POST", url: string, payload?: object) {
    const response = await server.inject({
      method,
      url,
      headers: { host: "127.0.0.1" },
      ...(payload === undefined ? {} : { payload }),
    });
    return { status: response.statusCode, body: response.json() as unknown };
  }

  async function get<T>(url: string): Promise<T> {
    const { status, body } = await ask("GET", url);
    assert.equal(status, 200, JSON.stringify(body));
    return body as T;
  }

  async function post<T>(url: string, payload: object, expected = 200): Promise<T> {
    const { status, body } = await ask("POST", url, payload);
    assert.equal(status, expected, JSON.stringify(body));
    return body as T;
  }

  /** The nth best draft by the clock, which each test has for itself. */
  function draftAt(index: number): SuggestionView {
    const found = drafts.filter(({ rule }) => rule.trigger.type === "time")[index];
    assert.ok(found !== undefined);
    return found;
  }

  async function wishFor(id: string, wish: string, from: Host = host): Promise<RefineResult> {
    const { runId } = await from.engine.trigger("home.refine", { suggestion: id, wish });
    const ended = await from.engine.ended(runId);
    assert.equal(ended.status, "done", JSON.stringify(ended.error));
    return JSON.parse(ended.output ?? "null") as RefineResult;
  }

  it("is tried on the history as it is: what it would have done adds up, week by week and firing by firing", async () => {
    const trial = await post<Trial>("/api/home/backtest", { suggestion: draftAt(0).id });
    assert.deepEqual(trial.before, trial.after);
    assert.deepEqual(trial.difference, []);
    const { fired, matched, wrong, noOp, weeks, firings, days } = trial.after;
    assert.ok(days >= 30 && matched >= 10, JSON.stringify({ days, matched }));
    assert.equal(fired, matched + wrong + noOp);
    assert.equal(
      weeks.reduce((sum, week) => sum + week.matched + week.wrong + week.noOp, 0),
      fired,
    );
    assert.equal(firings.length, Math.min(fired, 400));
    assert.match(trial.yaml.after ?? "", /triggers:/);
  });

  it("shows the effect of another threshold at once, and keeps nothing", async () => {
    const { id, rule, home } = draftAt(0);
    const edits = [{ edit: "shift", minutes: 300 }];
    const trial = await post<Trial>("/api/home/backtest", { suggestion: id, edits });
    assert.ok(trial.after.matched < trial.before.matched / 2, JSON.stringify(trial.after.perWeek));
    assert.deepEqual(
      trial.difference.map(({ part }) => part),
      ["trigger"],
    );
    const { kind, trigger, conditions, action, window_s } = rule;
    const free = await post<Trial>("/api/home/backtest", {
      home,
      rule: { kind, trigger, conditions, action, window_s },
      edits,
    });
    assert.deepEqual(free.after, trial.after);
    assert.equal((await get<SuggestionView>(`/api/home/suggestions/${id}`)).version, 1);
  });

  it("refuses what makes no sense, and names it", async () => {
    const { id, home } = draftAt(0);
    const unknown = { suggestion: id, edits: [{ edit: "while", entity_id: "lock.none", is: "on" }] };
    const refused = await post<{ code: string; detail: string }>("/api/home/backtest", unknown, 400);
    assert.equal(refused.code, "INPUT_INVALID");
    assert.match(refused.detail, /lock\.none/);
    await post("/api/home/backtest", { suggestion: id, edits: [{ edit: "act", entity_id: "lock.door" }] }, 400);
    await post("/api/home/backtest", { home }, 400);
    await post("/api/home/backtest", { suggestion: "none" }, 404);
    await post(`/api/home/suggestions/${id}/revise`, { version: 1, edits: [{ edit: "shift", minutes: 0 }] }, 400);
    await post(`/api/home/suggestions/${id}/refine`, { wish: " " }, 400);
  });

  it("is refined in words without a provider: proposed first, then a version of its own, on record", async () => {
    const { id, sentence, title } = draftAt(1);
    const proposal = await wishFor(id, "only on weekdays, and ten minutes later");
    assert.partialDeepStrictEqual(proposal, {
      suggestion: id,
      version: 1,
      edits: [
        { edit: "days", days: WEEKDAYS },
        { edit: "shift", minutes: 10 },
      ],
      rest: [],
      problem: null,
      source: "rules",
    });
    assert.equal((await get<SuggestionView>(`/api/home/suggestions/${id}`)).status, "draft");

    const refined = await post<SuggestionView>(`/api/home/suggestions/${id}/revise`, {
      version: 1,
      edits: proposal.edits,
      wish: "only on weekdays, and ten minutes later",
    });
    assert.partialDeepStrictEqual(refined, { status: "refined", version: 2, source: "rules" });
    assert.notEqual(refined.sentence, sentence);
    assert.match(refined.sentence, /^On weekdays/);
    assert.match(refined.rationale, /days on record/);
    const { items } = await get<{ items: readonly RevisionView[] }>(`/api/home/suggestions/${id}/revisions`);
    assert.deepEqual(
      items.map(({ version, wish }) => [version, wish]),
      [
        [2, "only on weekdays, and ten minutes later"],
        [1, null],
      ],
    );
    assert.deepEqual([items[1]?.sentence, items[1]?.title], [sentence, title]);
    const [entry] = (await host.audit.list({ action: "suggestion.refine" })).entries;
    assert.equal(entry?.subject, `suggestion:${id}`);
    assert.equal(entry.data["wish"], "only on weekdays, and ten minutes later");

    await post(`/api/home/suggestions/${id}/approve`, { version: 1 }, 409);
    assert.partialDeepStrictEqual(await post(`/api/home/suggestions/${id}/approve`, { version: 2 }), {
      status: "approved",
    });
    assert.partialDeepStrictEqual(await post(`/api/home/suggestions/${id}/retire`, { reason: "we moved" }), {
      status: "retired",
      reason: "we moved",
    });
    await post(`/api/home/suggestions/${id}/revise`, { version: 2, edits: [{ edit: "shift", minutes: 5 }] }, 409);
  });

  it("lets one of two people win who refine at once, and one who approves what is being refined lose", async () => {
    const id = drafts.find(({ rule }) => rule.trigger.type === "state")?.id ?? "";
    const revise = (...days: string[]) =>
      ask("POST", `/api/home/suggestions/${id}/revise`, { version: 1, edits: [{ edit: "days", days }] });
    const answers = await Promise.all([revise("mon"), revise("tue")]);
    assert.deepEqual(
      answers.map(({ status }) => status).toSorted((a, b) => a - b),
      [200, 409],
    );
    const { items } = await get<{ items: readonly RevisionView[] }>(`/api/home/suggestions/${id}/revisions`);
    assert.deepEqual(
      items.map(({ version }) => version),
      [2, 1],
    );
    await post(`/api/home/suggestions/${id}/approve`, { version: 1 }, 409);
    await post(`/api/home/suggestions/${id}/reject`, { version: 1 }, 409);
  });

  it("says what it did not understand instead of guessing", async () => {
    const proposal = await wishFor(draftAt(0).id, "and unlock the front door when I sing");
    assert.deepEqual(proposal.edits, []);
    assert.ok(proposal.rest.length > 0);
  });

  it("takes no edit of a model that names what the home does not have", async () => {
    // The simulator fills in the schema with what it likes: devices that are none, among others.
    const other = await openHomeHost({ data: join(folder, "model"), provider: simulator.url });
    try {
      const { runId } = await other.engine.trigger("home.daily");
      await other.engine.ended(runId);
      const row = await other.store.db.get("select id from home_suggestions order by id limit 1");
      const proposal = await wishFor(String(row?.["id"]), "only on weekdays", other);
      const isApplicable = proposal.problem === null;
      assert.ok(isApplicable);
      if (proposal.source === "rules") assert.deepEqual(proposal.edits, [{ edit: "days", days: WEEKDAYS }]);
    } finally {
      await other.close();
    }
  });

  it("is not suggested again once it was refined or retired", async () => {
    const before = (await get<Page<SuggestionView>>("/api/home/suggestions")).total;
    const { runId } = await host.engine.trigger("home.daily");
    assert.equal((await host.engine.ended(runId)).status, "done");
    assert.equal((await get<Page<SuggestionView>>("/api/home/suggestions")).total, before);
  });
});
