import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { after, before, describe, it } from "node:test";
import type { Log } from "millrace";
import { openSqliteStore } from "millrace/sqlite";
import { createManualClock } from "millrace/testing";
import type { HomeEvent } from "../domain/event.ts";
import { EntityKeys } from "../events/entities.ts";
import { openHome } from "../events/homes.ts";
import { storeEvents } from "../events/store-events.ts";
import { exampleRule } from "../patterns/example-rule.ts";
import { decide, putDrafts, requireSuggestion } from "../suggestions/suggestion-store.ts";
import {
  deployedStatements,
  findDeployment,
  freeStaleClaim,
  listVersions,
  putClaim,
  releaseClaim,
} from "./deployment-store.ts";
import { contentHash } from "./normal-form.ts";
import { watchDeployed } from "./watch.ts";

const tables = new URL("../tables/", import.meta.url);
const START = Date.parse("2026-03-01T12:00:00Z");
const MINUTE = 60_000;
const CONFIG = { alias: "A", trigger: [], condition: [], action: [], mode: "single" };
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };

describe("what was deployed", () => {
  const clock = createManualClock(START);
  let store: Awaited<ReturnType<typeof openSqliteStore>>;
  let server: Server;
  let url = "";
  /** What the home holds, and when its automation fired. */
  let held: object | null = CONFIG;
  let firings: readonly number[] = [];
  /** What happens here before the home answers. */
  let meanwhile: () => Promise<unknown> = () => Promise.resolve();

  before(async () => {
    store = await openSqliteStore({ directory: ":memory:", clock });
    await store.db.migrate({ owner: "home", directory: tables });
    await openHome({ db: store.db, clock, name: "main", timezone: "UTC" });
    server = createServer((request, response) => void answer(request, response));
    async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
      await meanwhile();
      const isLogbook = request.url?.startsWith("/api/logbook/") === true;
      const body = isLogbook
        ? firings.map((at) => ({ when: new Date(at).toISOString(), domain: "automation", entity_id: "automation.a" }))
        : held;
      response.writeHead(body === null ? 404 : 200, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    }
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  });
  after(async () => {
    await new Promise((resolve) => server.close(resolve));
    await store.close();
  });

  async function deploy(id: string): Promise<void> {
    const rule = exampleRule({ id: `rule-${id}`, action: { entity_ids: ["light.hall"], to: "on" } });
    const words = { title: id, description: "d", rationale: "r", category: "comfort", priority: "low" } as const;
    const draft = {
      id,
      home: "main",
      rule,
      sentence: "s",
      words,
      source: "rules",
      model: "m",
      degraded: null,
    } as const;
    await putDrafts(store.db, [{ ...draft, runId: "r", createdAt: clock.now() }]);
    await decide(store.db, { id, status: "approved", by: "ada", now: clock.now() });
    assert.equal(await putClaim(store.db, { id, claim: `claim-${id}`, kind: "deploy", now: clock.now() }), true);
    const about = { id, claim: `claim-${id}`, config: CONFIG, hash: contentHash(CONFIG), haVersion: "2024.3.3" };
    await store.db.write(
      deployedStatements({ ...about, before: null, by: "ada", entityId: "automation.a", version: 1, now: clock.now() }),
    );
  }

  async function events(...list: readonly HomeEvent[]): Promise<void> {
    const entities = await EntityKeys.open(store.db, 1);
    await storeEvents({ db: store.db, home: 1, entities, events: list });
  }

  function watch() {
    const connection = { url, token: "t", fetch: globalThis.fetch, clock };
    const signal = new AbortController().signal;
    return watchDeployed({ connection, db: store.db, tables: store.db, clock, log: silent, home: "main", signal });
  }

  it("is proposed for removal once people undo most of what it does, and not before", async () => {
    await deploy("useful");
    firings = Array.from({ length: 10 }, (_, index) => START + (index + 1) * 60 * MINUTE);
    const undo = (at: number, cause: HomeEvent["cause"]): HomeEvent => ({
      at,
      entityId: "light.hall",
      state: "off",
      cause: cause ?? "unknown",
    });
    const [first = 0, second = 0, third = 0, ...rest] = firings;
    await events(
      undo(first + 5 * MINUTE, "user"),
      undo(second + 11 * MINUTE, "user"),
      undo(third + 5 * MINUTE, "automation"),
    );
    await clock.advance(11 * 60 * MINUTE);
    assert.partialDeepStrictEqual(await watch(), { firings: 10, reverts: 1, proposed: 0 });
    assert.equal((await findDeployment(store.db, "useful"))?.removalProposedAt, null);

    await store.db.write([{ sql: "update home_deployments set counted_until = 0" }]);
    await events(...rest.map((at) => undo(at + MINUTE, "physical")));
    assert.partialDeepStrictEqual(await watch(), { firings: 10, reverts: 8, proposed: 1 });
    assert.equal((await findDeployment(store.db, "useful"))?.removalProposedAt, clock.now());
    assert.partialDeepStrictEqual(await watch(), { firings: 10, reverts: 8, proposed: 1 });
  });

  it("is noticed when it was edited, put back, or removed in the home", async () => {
    const status = async () => (await requireSuggestion(store.db, "useful")).status;
    held = { ...CONFIG, alias: "Mine" };
    assert.equal((await watch()).changed, 1);
    assert.equal(await status(), "changed_outside");
    held = CONFIG;
    await watch();
    assert.equal(await status(), "deployed");
    held = null;
    assert.equal((await watch()).removed, 1);
    assert.equal(await status(), "removed");
    held = CONFIG;
  });

  it("keeps what was decided or written while the home was asked", async () => {
    const status = async (id: string) => (await requireSuggestion(store.db, id)).status;
    await deploy("again");
    await deploy("other");
    held = { ...CONFIG, alias: "Mine" };
    meanwhile = async () => {
      meanwhile = () => Promise.resolve();
      for (const id of ["again", "other"]) {
        await decide(store.db, { id, status: "approved", by: "ada", now: clock.now() });
        assert.equal(await putClaim(store.db, { id, claim: id, kind: "deploy", now: clock.now() }), true);
      }
      const about = { id: "again", claim: "again", config: CONFIG, hash: contentHash(CONFIG), haVersion: "2024.3.3" };
      const facts = { before: CONFIG, by: "ada", entityId: "automation.a", version: 2, now: clock.now() };
      await store.db.write(deployedStatements({ ...about, ...facts }));
    };
    assert.partialDeepStrictEqual(await watch(), { changed: 0, removed: 0 });
    assert.deepEqual([await status("again"), await status("other")], ["deployed", "deploying"]);
    await store.db.write([{ sql: "delete from home_suggestions where id in ('again', 'other')" }]);
    await store.db.write([{ sql: "delete from home_deployments where suggestion in ('again', 'other')" }]);
    held = CONFIG;
  });

  it("is taken by one run at a time, and given back by nobody else", async () => {
    await decide(store.db, { id: "useful", status: "approved", by: "bo", now: clock.now() });
    const now = clock.now();
    const claims = await Promise.all(
      ["a", "b"].map((claim) => putClaim(store.db, { id: "useful", claim, kind: "deploy", now })),
    );
    assert.equal(claims.filter(Boolean).length, 1);
    const owner = claims[0] === true ? "a" : "b";
    const problem = { code: "HOME_ASSISTANT_UNREACHABLE", message: "away", at: now };
    await releaseClaim(store.db, { id: "useful", claim: owner === "a" ? "b" : "a", status: "approved", problem, now });
    assert.equal((await requireSuggestion(store.db, "useful")).status, "deploying");
    await releaseClaim(store.db, { id: "useful", claim: owner, status: "approved", problem, now });
    assert.equal((await requireSuggestion(store.db, "useful")).status, "approved");
    assert.deepEqual((await findDeployment(store.db, "useful"))?.problem, problem);
    assert.equal((await listVersions(store.db, "useful")).length, 1);
  });

  it("is free again when the run that took it is gone for an hour", async () => {
    const take = async (claim: string) => {
      await freeStaleClaim(store.db, "useful", clock.now());
      return await putClaim(store.db, { id: "useful", claim, kind: "deploy", now: clock.now() });
    };
    assert.equal(await take("lost"), true);
    await clock.advance(59 * MINUTE);
    assert.equal(await take("early"), false);
    await clock.advance(2 * MINUTE);
    assert.equal(await take("late"), true);
  });
});
