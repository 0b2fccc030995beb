import assert from "node:assert/strict";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it, type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import type { Command } from "./child.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

class Peer {
  readonly child: ChildProcess;
  #id = 0;
  constructor(directory: string) {
    this.child = fork(CHILD, [directory], { execArgv: ["--conditions=millrace-source"] });
  }
  /** Waits for a message that it sends of itself. */
  async hears(result: string): Promise<void> {
    for (;;) {
      const [message] = (await once(this.child, "message")) as [{ readonly id: number; readonly result: unknown }];
      if (message.id === 0 && message.result === result) return;
    }
  }
  async do(kind: Command["kind"], rest: Partial<Command> = {}): Promise<unknown> {
    const id = ++this.#id;
    const answer = Promise.withResolvers<unknown>();
    const listen = (message: { readonly id: number; readonly result: unknown }): void => {
      if (message.id === id) answer.resolve(message.result);
    };
    this.child.on("message", listen);
    this.child.send({ id, kind, key: "k", value: "v", isStrict: false, factoryMs: 0, ...rest });
    return await answer.promise.finally(() => this.child.off("message", listen));
  }
}

async function start(t: TestContext, count: number): Promise<readonly Peer[]> {
  const directory = await mkdtemp(join(tmpdir(), "millrace-two-"));
  const peers: Peer[] = [];
  t.after(async () => {
    for (const { child } of peers) if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  });
  for (let index = 0; index < count; index++) {
    const peer = new Peer(directory);
    peers.push(peer);
    await peer.hears("ready");
  }
  return peers;
}

describe("processes on one database", () => {
  it("run a shared factory once, however many of them ask", { timeout: 30_000 }, async (t) => {
    const peers = await start(t, 2);
    const [a, b] = peers;
    assert.ok(a !== undefined && b !== undefined);
    const asked = Array.from({ length: 20 }, (_, index) =>
      (index % 2 === 0 ? a : b).do("ask", { value: `v${index}`, factoryMs: 300 }),
    );
    assert.equal(new Set(await Promise.all(asked)).size, 1);
    const runs = await Promise.all(peers.map((peer) => peer.do("runs")));
    assert.equal(
      runs.reduce<number>((sum, each) => sum + Number(each), 0),
      1,
    );
    await Promise.all(peers.map((peer) => peer.do("close")));
  });

  it("never give a strict caller what another one evicted", { timeout: 30_000 }, async (t) => {
    const [a, b] = await start(t, 2);
    assert.ok(a !== undefined && b !== undefined);
    for (let round = 0; round < 20; round++) {
      await a.do("ask", { value: `old${round}`, isStrict: true });
      await b.do("ask", { value: `old${round}`, isStrict: true });
      await a.do("evict");
      const answer: unknown = await b.do("ask", { value: `new${round}`, isStrict: true });
      assert.equal(answer, `new${round}`);
      await b.do("evict");
    }
    await Promise.all([a.do("close"), b.do("close")]);
  });

  it("take over the factory of one that was killed", { timeout: 30_000 }, async (t) => {
    const [a, b] = await start(t, 2);
    assert.ok(a !== undefined && b !== undefined);
    const begun = a.hears("factory");
    void a.do("ask", { value: "never", factoryMs: 60_000 });
    await begun;
    a.child.kill("SIGKILL");
    assert.equal(await b.do("ask", { value: "taken over" }), "taken over");
    await b.do("close");
  });
});
