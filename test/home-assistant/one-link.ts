import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { commandsIn, type Running } from "../command.ts";
import { type HomeProxy, startHomeProxy } from "./home-proxy.ts";
import type { RealHome } from "./real-home.ts";

export interface OneLinkParams {
  readonly home: RealHome;
  /** Of the test, for working folders. */
  readonly folder: string;
  /** An empty database of Postgres. */
  readonly database: string;
}

interface Member {
  readonly running: Running;
  /** The only way to the home for this process. */
  readonly proxy: HomeProxy;
}

const LAMP_SINCE = `
  select count(*)::int as count from home_events e join home_entities n on n.key = e.entity
  where n.id = 'light.hall' and e.at >= $1`;

/** A web process and a worker on one database and one home: one of them is linked; that one is killed, and the other is. */
export async function oneLink({ home, folder, database }: OneLinkParams): Promise<void> {
  const client = new pg.Client({ connectionString: database });
  await client.connect();
  const members: Member[] = [];
  async function start(name: string, ...args: readonly string[]): Promise<Member> {
    const place = join(folder, name);
    mkdirSync(place);
    const proxy = await startHomeProxy(home.url);
    const running = commandsIn(place).begin(["start", ...args], {
      MILLRACE_DATABASE_URL: database,
      MILLRACE_HOME_ASSISTANT_URL: proxy.url,
      MILLRACE_HOME_ASSISTANT_TOKEN: home.token,
    });
    const member = { running, proxy };
    members.push(member);
    return member;
  }
  /** A lamp changed after this call reaches the store by the one link. */
  async function lampIsSeen(): Promise<void> {
    const since = Date.now();
    await home.call("light.toggle", "light.hall");
    await home.until("the lamp's change is stored", async () => {
      const { rows } = await client.query<{ count: number }>(LAMP_SINCE, [since]);
      return (rows[0]?.count ?? 0) > 0;
    });
  }
  const linked = (): readonly Member[] => members.filter(({ proxy }) => proxy.sockets() > 0);
  const rest = async (): Promise<boolean> => {
    // Runs open connections of their own for a moment: the first reading of the home.
    const { rows } = await client.query<{ count: number }>(
      "select count(*)::int as count from runs where status in ('queued', 'running')",
    );
    const links = await client.query("select 1 from home_links where state = 'connected'");
    return rows[0]?.count === 0 && links.rowCount === 1 && linked().length === 1;
  };
  try {
    const web = await start("one-web", "--role", "web", "--port", "0");
    await web.running.seen("Workers execute the runs");
    const worker = await start("one-worker", "--role", "worker");
    await worker.running.seen("Millrace executes runs");
    await home.until("one of two is linked", rest);
    await lampIsSeen();
    const [holder] = linked();
    assert.ok(holder !== undefined && linked().length === 1);
    assert.equal(holder.proxy.sockets(), 1);
    holder.running.child.kill("SIGKILL");
    await holder.running.ended;
    const next = holder === web ? worker : web;
    await home.until("the other one is linked", () => Promise.resolve(next.proxy.sockets() === 1));
    await lampIsSeen();
    const { rows } = await client.query("select epoch::int from home_leases where name = 'link home'");
    assert.deepEqual(rows, [{ epoch: 2 }]);
  } finally {
    for (const { running } of members) running.child.kill("SIGTERM");
    for (const { running, proxy } of members) {
      await running.ended;
      await proxy.close();
    }
    await client.end();
  }
}
