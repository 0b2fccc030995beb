import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type {
  ConnectionView,
  DeploymentView,
  HomeView,
  PreviewView,
  StartedDeploymentView,
  SuggestionView,
} from "../../apps/home/api.ts";
import type { DailyResult } from "../../apps/home/daily.ts";
import { CAUSES } from "../../apps/home/domain/series.ts";
import { readEvents } from "../../apps/home/ingest/read-events.ts";
import type { Rule } from "../../apps/home/domain/rule.ts";
import { openZone } from "../../apps/home/domain/zone.ts";
import { putDrafts } from "../../apps/home/suggestions/suggestion-store.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { Host } from "../../src/host.ts";
import type { Page } from "../../src/http/route.ts";
import { createServer, type Server } from "../../src/http/server.ts";
import { openHomeHost } from "../home-host.ts";
import { findHomeAssistant, VERSION } from "./install.ts";
import { RealHome } from "./real-home.ts";
import { doorAndLamp } from "./door-and-lamp.ts";
import { seedHistory } from "./seed-history.ts";

const DAY_MS = 86_400_000;
const installed = findHomeAssistant(process.env);
const skip = "missing" in installed ? `Home Assistant ${VERSION} is not here: ${installed.missing}` : false;

const LOCAL = { host: "127.0.0.1" };
/** Told of every reply of the home, once it is there. */
let onReply: ((request: { readonly method: string; readonly url: string }) => Promise<void>) | undefined;
const { fetch: plainFetch } = globalThis;
globalThis.fetch = async (input, init) => {
  const reply = await plainFetch(input, init);
  await onReply?.({ method: init?.method ?? "GET", url: typeof input === "string" ? input : "" });
  return reply;
};

interface Seen {
  readonly at: number;
  readonly entity: string;
  readonly state: string;
  readonly cause: string;
}

describe(`with a real Home Assistant ${VERSION}`, { skip, timeout: 480_000 }, () => {
  let home: RealHome;
  let folder = "";
  let userId = "";
  const hosts: Host[] = [];
  const servers: Server[] = [];

  before(async () => {
    if ("missing" in installed) return;
    folder = mkdtempSync(join(tmpdir(), "millrace-with-home-"));
    home = await RealHome.start(installed.program);
    const user = await home.command<{ id: string }>("auth/current_user");
    userId = user.id;
  });
  after(async () => {
    for (const server of servers) await server.close();
    for (const host of hosts) await host.close();
    await home.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  async function open(name: string, section: object = {}): Promise<Host> {
    const host = await openHomeHost({
      data: join(folder, name, "data"),
      clock: systemClock,
      section: { sample: false, homeAssistant: { url: home.url, token: home.token, live: false, ...section } },
    });
    hosts.push(host);
    return host;
  }

  async function daily(host: Host): Promise<DailyResult> {
    const { runId } = await host.engine.trigger("home.daily");
    const ended = await host.engine.ended(runId);
    assert.equal(ended.status, "done", JSON.stringify(ended.error));
    return JSON.parse(ended.output ?? "null") as DailyResult;
  }

  async function seen(host: Host): Promise<readonly Seen[]> {
    const rows = await host.store.db.all(
      "select e.at, n.id, e.state, e.cause from home_events e join home_entities n on n.key = e.entity order by e.at, n.id",
    );
    return rows.map((row) => ({
      at: Number(row["at"]),
      entity: String(row["id"]),
      state: String(row["state"]),
      cause: CAUSES[Number(row["cause"])] ?? "",
    }));
  }

  function serve(host: Host): Promise<Server> {
    const { store, engine, cache, routes, events, clock, ids, log } = host;
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
      timezone: host.config.timezone,
      providers: [],
      role: () => host.role(),
      dashboard: join(folder, "none"),
    });
  }

  async function get<T>(url: string): Promise<T> {
    const response = await server.inject({ method: "GET", url, headers: LOCAL });
    assert.equal(response.statusCode, 200, response.body);
    return response.json() as T;
  }

  async function post<T>(url: string, payload?: object): Promise<T> {
    const headers = payload === undefined ? LOCAL : { ...LOCAL, "content-type": "application/json" };
    const response = await server.inject({
      method: "POST",
      url,
      headers,
      ...(payload === undefined ? {} : { payload }),
    });
    assert.ok(response.statusCode < 300, response.body);
    return response.json() as T;
  }

  function runOf({ runId }: StartedDeploymentView) {
    return host.engine.ended(runId);
  }

  /** Deploys, and waits until it is done. */
  async function deployed(url: string): Promise<void> {
    const run = await runOf(await post<StartedDeploymentView>(`${url}/deploy`));
    assert.equal(run.status, "done", JSON.stringify(run.error));
  }

  async function automationIds(): Promise<readonly string[]> {
    const states =
      await home.get<readonly { entity_id: string; state: string; attributes: { id?: string } }[]>("/api/states");
    return states
      .filter(({ entity_id: id, state }) => id.startsWith("automation.") && state !== "unavailable")
      .map(({ attributes }) => String(attributes.id))
      .toSorted();
  }

  /** A draft of a made-up habit: the door opens, a device goes to a state. */
  async function addDraft({ entity, to }: { entity: string; to: string }): Promise<readonly string[]> {
    const id = host.ids.next();
    const action = { entity_ids: [entity], to };
    const rule: Rule = { ...suggestion.rule, id: `test-${entity}`, action };
    const words = {
      title: `${entity} ${to}`,
      description: "d",
      rationale: "r",
      category: "comfort",
      priority: "low",
    } as const;
    await putDrafts(host.store.db, [
      {
        id,
        home: "home",
        rule,
        sentence: "s",
        words,
        source: "rules",
        model: "m",
        degraded: null,
        runId: "r",
        createdAt: 1,
      },
    ]);
    return [id];
  }

  async function isConnected(host: Host): Promise<boolean> {
    const link = await host.store.db.get(
      "select l.state, c.read_until from home_links l left join home_cursors c on c.home = l.home",
    );
    return link?.["state"] === "connected" && link["read_until"] !== null;
  }

  it("takes changes as they happen, each with who did it, and reads the same from history and from the database", async () => {
    const live = await open("live", { live: true });
    await live.started();
    await home.until("the home is connected", () => isConnected(live));
    await home.post("/api/config/automation/config/fan_with_door", {
      id: "fan_with_door",
      alias: "Fan with door",
      trigger: [{ platform: "state", entity_id: "binary_sensor.door_open", to: "on" }],
      action: [{ service: "input_boolean.turn_on", target: { entity_id: "input_boolean.fan" } }],
    });
    await home.until("the automation is loaded", async () => (await home.stateOf("automation.fan_with_door")) === "on");
    const since = Date.now();
    await home.call("light.turn_on", "light.hall");
    await home.call("input_boolean.turn_on", "input_boolean.door_raw");
    const fresh = async (host: Host) => (await seen(host)).filter(({ at }) => at >= since);
    // The history may be read a moment before the events are stored, and does not say yet who did it.
    const known = async () => (await fresh(live)).filter(({ cause }) => cause !== "unknown");
    await home.until("all changes are stored", async () => (await known()).length >= 6);
    const told = await fresh(live);
    assert.deepEqual(told.map(({ entity, state, cause }) => `${entity} ${state} ${cause}`).toSorted(), [
      "binary_sensor.door_open on derived",
      "input_boolean.door_raw on user",
      "input_boolean.fan on automation",
      "input_boolean.hall_raw on derived",
      "light.hall on user",
      "lock.front_door locked automation",
    ]);
    const read = await open("read");
    assert.ok((await daily(read)).events >= 6);
    const all = await fresh(live);
    assert.deepEqual(await fresh(read), all);
    assert.equal((await daily(read)).events, 0);

    const fromDatabase: string[] = [];
    for await (const item of readEvents({ path: home.databasePath, zone: openZone("UTC") })) {
      if (item.kind === "event") fromDatabase.push(`${item.event.at} ${item.event.entityId} ${item.event.state}`);
    }
    const missing = all.filter(({ at, entity, state }) => !fromDatabase.includes(`${at} ${entity} ${state}`));
    assert.deepEqual(missing, []);
  });

  it("comes back by itself after a restart of the home, and misses nothing of what happened meanwhile", async () => {
    const [live, away] = hosts;
    assert.ok(live !== undefined);
    await home.shutDown();
    seedHistory(home.databasePath, doorAndLamp(userId));
    await home.boot();
    const since = Date.now();
    await home.call("light.toggle", "light.hall");
    await home.command("config/entity_registry/update", {
      entity_id: "lock.front_door",
      new_entity_id: "lock.main_door",
    });
    await home.until("it is connected again", () => isConnected(live));
    await home.until("what happened meanwhile is there", async () =>
      (await seen(live)).some(({ at, entity, cause }) => at > since && entity === "light.hall" && cause === "user"),
    );
    const isRenamed = async (host: Host) => {
      const names = new Set((await seen(host)).map(({ entity }) => entity));
      return names.has("lock.main_door") && !names.has("lock.front_door");
    };
    await home.until("the lock's history goes on under its new name", () => isRenamed(live));
    assert.ok(away !== undefined && !(await isRenamed(away)));
    await daily(away);
    assert.ok(await isRenamed(away), "who was away sees it by the registry");
  });

  let server: Server;
  let host: Host;
  let suggestion: SuggestionView;

  it("finds the habit in the home's history", async () => {
    host = await open("whole");
    server = await serve(host);
    const result = await daily(host);
    assert.ok(result.events > 100, JSON.stringify(result));
    const { items } = await get<Page<SuggestionView>>("/api/home/suggestions");
    const found = items.find(
      ({ rule }) =>
        rule.trigger.type === "state" && rule.trigger.to === "on" && rule.action.entity_ids.includes("light.hall"),
    );
    assert.ok(found !== undefined, JSON.stringify(items.map(({ sentence }) => sentence)));
    suggestion = found;
    assert.deepEqual(found.rule.trigger, { type: "state", entity_id: "binary_sensor.door_open", to: "on" });
    const connections = await get<{ readonly items: readonly ConnectionView[] }>("/api/home/connections");
    assert.partialDeepStrictEqual(connections.items, [{ home: "home", state: "connected", version: VERSION }]);
    assert.ok(!JSON.stringify(connections).includes(home.token));
  });

  it("shows what would be written, and writes nothing before a person approved", async () => {
    const preview = await post<PreviewView>(`/api/home/suggestions/${suggestion.id}/preview`);
    assert.equal(preview.haVersion, VERSION);
    assert.match(preview.yaml, /platform: "state"/);
    assert.deepEqual([preview.isDeployable, preview.conflicts, preview.missing], [true, [], []]);
    const early = await server.inject({
      method: "POST",
      url: `/api/home/suggestions/${suggestion.id}/deploy`,
      headers: LOCAL,
    });
    assert.equal(early.statusCode, 404, early.body);
    assert.deepEqual(await automationIds(), ["fan_with_door"]);
  });

  it("deploys what was approved, once, and sees it loaded, fire and change the lamp", async () => {
    const url = `/api/home/suggestions/${suggestion.id}`;
    await post(`${url}/approve`);
    const answers = await Promise.all(
      [1, 2].map(() => server.inject({ method: "POST", url: `${url}/deploy`, headers: LOCAL })),
    );
    assert.deepEqual(
      answers.map(({ statusCode }) => statusCode).toSorted((a, b) => a - b),
      [202, 409],
    );
    assert.match(answers.find(({ statusCode }) => statusCode === 409)?.body ?? "", /SUGGESTION_STATE/);
    const started = answers.find(({ statusCode }) => statusCode === 202)?.json() as StartedDeploymentView;
    assert.equal((await host.engine.ended(started.runId)).status, "done");
    const deployed = await get<DeploymentView>(`${url}/versions`);
    assert.partialDeepStrictEqual(deployed, { status: "deployed", version: 1, problem: null, approvedBy: "loopback" });
    const { entityId } = deployed;
    const recorded: string[] = [];
    for await (const { action, actor } of host.audit.entries()) recorded.push(`${actor} ${action}`);
    assert.deepEqual(
      recorded.filter((entry) => entry.includes("suggestion.")),
      ["loopback suggestion.approve", "loopback suggestion.deploy"],
    );
    assert.equal(await home.stateOf(entityId ?? ""), "on");

    await home.call("input_boolean.turn_off", "input_boolean.door_raw");
    await home.call("light.turn_off", "light.hall");
    await home.call("input_boolean.turn_on", "input_boolean.door_raw");
    await home.until("the lamp is on", async () => (await home.stateOf("light.hall")) === "on");
    const traces = await home.command<readonly { state: string }[]>("trace/list", {
      domain: "automation",
      item_id: `millrace_${suggestion.id}`,
    });
    assert.equal(traces.length, 1);

    await home.call("light.turn_off", "light.hall");
    // The home writes its history a moment later.
    await home.until("the firing and its undoing are read", async () => {
      await daily(host);
      const ofLamp = (await seen(host)).filter(({ entity }) => entity === "light.hall").slice(-2);
      return (
        JSON.stringify(ofLamp.map(({ state, cause }) => [state, cause])) === '[["on","automation"],["off","user"]]'
      );
    });
    await daily(host);
    assert.partialDeepStrictEqual(await get<DeploymentView>(`${url}/versions`), { firings: 1, reverts: 1 });
  });

  it("notices an edit in the home, does not overwrite it, and takes it back when it is allowed to by name", async () => {
    const url = `/api/home/suggestions/${suggestion.id}`;
    const path = `/api/config/automation/config/millrace_${suggestion.id}`;
    const ours = await home.get<object>(path);
    await home.post(path, { ...ours, alias: "Mine now" });
    await daily(host);
    assert.equal((await get<SuggestionView>(url)).status, "changed_outside");
    const refused = await runOf(await post<StartedDeploymentView>(`${url}/rollback`));
    assert.deepEqual([refused.status, refused.error?.code], ["failed", "AUTOMATION_CONFLICT"]);
    assert.partialDeepStrictEqual(await get<DeploymentView>(`${url}/versions`), {
      problem: { code: "AUTOMATION_CONFLICT" },
    });
    assert.deepEqual(await home.get<{ alias: string }>(path).then(({ alias }) => alias), "Mine now");

    const { current } = await post<PreviewView>(`${url}/preview`);
    await post(`${url}/approve`, { replaces: current?.hash });
    await deployed(url);
    assert.partialDeepStrictEqual(await get<DeploymentView>(`${url}/versions`), { status: "deployed", version: 2 });
    assert.deepEqual(await home.get(path), ours);
    await home.delete(path);
    await daily(host);
    assert.equal((await get<SuggestionView>(url)).status, "removed");
  });

  it("goes on when the home is killed between the writing and the reading back", async () => {
    const url = `/api/home/suggestions/${suggestion.id}`;
    await post(`${url}/approve`);
    let isKilled = false;
    let rebooted: Promise<void> | undefined;
    onReply = async (request) => {
      if (isKilled || request.method !== "POST" || !request.url.includes("/config/automation/")) return;
      isKilled = true;
      await home.shutDown("SIGKILL");
      rebooted = home.boot();
    };
    await deployed(url);
    await rebooted;
    onReply = undefined;
    assert.equal(isKilled, true);
    assert.partialDeepStrictEqual(await get<DeploymentView>(`${url}/versions`), { status: "deployed", problem: null });
    assert.deepEqual(await automationIds(), ["fan_with_door", `millrace_${suggestion.id}`]);
  });

  it("goes on in the next process when this one ends between the writing and the reading back", async () => {
    const url = `/api/home/suggestions/${suggestion.id}`;
    await post(`${url}/approve`);
    let closing: Promise<unknown> | undefined;
    onReply = (request) => {
      if (request.method === "POST" && request.url.includes("/config/automation/")) closing ??= host.close();
      return Promise.resolve();
    };
    const { runId } = await post<StartedDeploymentView>(`${url}/deploy`);
    await home.until("the process ends", () => Promise.resolve(closing !== undefined));
    await server.close();
    await closing;
    onReply = undefined;
    host = await open("whole");
    server = await serve(host);
    await host.started();
    const run = await host.engine.ended(runId);
    assert.equal(run.status, "done", JSON.stringify(run.error));
    const { status, version, versions } = await get<DeploymentView>(`${url}/versions`);
    assert.deepEqual([status, version, versions.length], ["deployed", 4, 4]);
    assert.deepEqual(await automationIds(), ["fan_with_door", `millrace_${suggestion.id}`]);
  });

  it("rolls back to the version before, and the first one by removing it", async () => {
    const url = `/api/home/suggestions/${suggestion.id}`;
    const again = await runOf(await post<StartedDeploymentView>(`${url}/rollback`));
    assert.equal(again.status, "done", JSON.stringify(again.error));
    assert.partialDeepStrictEqual(await get<DeploymentView>(`${url}/versions`), { status: "deployed", version: 3 });
    assert.deepEqual(await automationIds(), ["fan_with_door", `millrace_${suggestion.id}`]);
    const run = await runOf(await post<StartedDeploymentView>(`${url}/rollback`));
    assert.equal(run.status, "done", JSON.stringify(run.error));
    assert.partialDeepStrictEqual(await get<DeploymentView>(`${url}/versions`), { status: "rolled_back", version: 0 });
    assert.deepEqual(await automationIds(), ["fan_with_door"]);
  });

  it("refuses to undo what another automation does, and names it", async () => {
    await home.post("/api/config/automation/config/dark_hall", {
      id: "dark_hall",
      alias: "Dark hall",
      trigger: [{ platform: "state", entity_id: "binary_sensor.door_open", to: "on" }],
      action: [{ service: "light.turn_off", target: { entity_id: "light.hall" } }],
    });
    await home.until("it is loaded", async () => (await home.stateOf("automation.dark_hall")) === "on");
    const url = `/api/home/suggestions/${suggestion.id}`;
    const { conflicts, isDeployable } = await post<PreviewView>(`${url}/preview`);
    assert.deepEqual(
      conflicts.map(({ kind, automation }) => [kind, automation]),
      [["contrary", "automation.dark_hall"]],
    );
    assert.equal(isDeployable, false);
    await post(`${url}/approve`);
    const run = await runOf(await post<StartedDeploymentView>(`${url}/deploy`));
    assert.equal(run.status, "failed");
    assert.partialDeepStrictEqual(await get<SuggestionView>(url), { status: "approved" });
    await home.delete("/api/config/automation/config/dark_hall");
  });

  it("acts on a lock only when it is allowed by name, also one that was renamed since, and says what the home refuses", async () => {
    // The kill above came before the home had saved the lock's new name.
    const before = (await home.stateOf("lock.main_door")) === undefined ? "lock.front_door" : "lock.main_door";
    const lock = "lock.side_door";
    const [pattern] = await addDraft({ to: "locked", entity: before });
    const url = `/api/home/suggestions/${pattern}`;
    await home.command("config/entity_registry/update", { entity_id: before, new_entity_id: lock });
    await home.until("the lock has its new name", async () => (await home.stateOf(lock)) !== undefined);
    await daily(host);
    assert.deepEqual((await get<SuggestionView>(url)).rule.action.entity_ids, [lock]);
    await post(`${url}/approve`);
    assert.equal((await runOf(await post<StartedDeploymentView>(`${url}/deploy`))).status, "failed");
    assert.deepEqual((await post<PreviewView>(`${url}/preview`)).needsOptIn, [lock]);
    await post(`${url}/approve`, { optIn: [lock] });
    await deployed(url);
    assert.partialDeepStrictEqual(await get<DeploymentView>(`${url}/versions`), {
      status: "deployed",
      optIn: [lock],
    });

    const [gone] = await addDraft({ to: "on", entity: "light.sold" });
    await post(`/api/home/suggestions/${gone}/approve`);
    assert.deepEqual((await post<PreviewView>(`/api/home/suggestions/${gone}/preview`)).missing, ["light.sold"]);
    assert.equal(
      (await runOf(await post<StartedDeploymentView>(`/api/home/suggestions/${gone}/deploy`))).status,
      "failed",
    );
  });

  it("remembers as a gap what the home forgot before it was read", async () => {
    await home.call("recorder.purge", "", { keep_days: 0 });
    await host.store.db.write([
      { sql: "update home_cursors set read_until = read_until - :ms", params: { ms: 5 * DAY_MS } },
    ]);
    await home.until("the gap is noted", async () => {
      await home.call("light.toggle", "light.hall");
      await daily(host);
      const gaps = await host.store.db.all("select * from home_gaps where reason = 'purged'");
      if (gaps.length === 0) {
        await host.store.db.write([
          { sql: "update home_cursors set read_until = read_until - :ms", params: { ms: 5 * DAY_MS } },
        ]);
      }
      return gaps.length > 0;
    });
    assert.ok((await seen(host)).length > 100, "what was read before is still there");
  });

  /** The token goes between the writing and the reading back: what was written cannot be taken back, and that is said, with the reason. */
  async function revokeWhileDeploying(): Promise<void> {
    const url = `/api/home/suggestions/${suggestion.id}`;
    await post(`${url}/approve`);
    let revoking: Promise<void> | undefined;
    onReply = async ({ method, url: asked }) => {
      if (method === "POST" && asked.includes("/config/automation/")) await (revoking ??= home.revoke());
    };
    const run = await runOf(await post<StartedDeploymentView>(`${url}/deploy`));
    onReply = undefined;
    assert.ok(revoking !== undefined);
    assert.deepEqual([run.status, run.error?.code], ["failed", "UNDO_FAILED"]);
    assert.match(JSON.stringify(run.error), /refuses the token/);
    assert.partialDeepStrictEqual(await get<DeploymentView>(`${url}/versions`), {
      status: "approved",
      version: 0,
      problem: { code: "HOME_ASSISTANT_REFUSED" },
    });
    assert.ok(!JSON.stringify(run).includes(home.token));
  }

  it("takes over a new time zone, and says that a token is revoked while the job goes on with what is known", async () => {
    const text = readFileSync(join(home.folder, "configuration.yaml"), "utf8");
    await home.shutDown();
    writeFileSync(join(home.folder, "configuration.yaml"), text.replace("Europe/Amsterdam", "Pacific/Auckland"));
    await home.boot();
    await daily(host);
    const homes = await get<{ readonly items: readonly HomeView[] }>("/api/home/homes");
    assert.partialDeepStrictEqual(homes.items, [{ name: "home", timezone: "Pacific/Auckland" }]);

    const before = await seen(host);
    await revokeWhileDeploying();
    assert.deepEqual(await daily(host).then(({ events, failed }) => [events, failed]), [0, 0]);
    assert.deepEqual(await seen(host), before);
    const connections = await get<{ readonly items: readonly ConnectionView[] }>("/api/home/connections");
    assert.partialDeepStrictEqual(connections.items, [
      { state: "refused", problem: `Home Assistant at ${home.url} refuses the token (auth_invalid).` },
    ]);
    const checks = await host.checks();
    assert.partialDeepStrictEqual(checks, [{ name: "Home Assistant home", state: "broken" }]);
    const preview = await server.inject({
      method: "POST",
      url: `/api/home/suggestions/${suggestion.id}/preview`,
      headers: LOCAL,
    });
    assert.equal(preview.statusCode, 502);
    assert.match(preview.body, /HOME_ASSISTANT_REFUSED/);
    for (const said of [JSON.stringify(connections), JSON.stringify(checks), preview.body]) {
      assert.ok(!said.includes(home.token));
    }
  });
});
