import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { chmod, mkdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { after, describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import type { Store } from "../store.ts";
import { openSqliteStore } from "./open.ts";

const folder = mkdtempSync(join(tmpdir(), "millrace-processes-"));
after(() => rm(folder, { recursive: true }));
let places = 0;
const newPlace = () => join(folder, `${++places}`);

async function withStoreIn(directory: string, work: (store: Store) => Promise<void>): Promise<void> {
  const store = await openSqliteStore({ directory, clock: createManualClock() });
  try {
    await work(store);
  } finally {
    await store.close();
  }
}

describe("ownership between processes", () => {
  it("is free at once when its process is killed", async () => {
    const directory = newPlace();
    await withStoreIn(directory, async (store) => {
      const child = startHolder(directory);
      assert.equal(await firstLine(child), "owner true");
      assert.equal(await store.own(), false);
      child.kill("SIGSTOP");
      assert.equal(await store.own(), false, "a paused owner is still the owner");
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      assert.equal(await store.own(), true);
      assert.equal((await store.runs.get("from-child"))?.status, "queued", "an acknowledged run is gone");
    });
  });

  it("is seen by a process that comes second, as are its writes", async () => {
    const directory = newPlace();
    await withStoreIn(directory, async (store) => {
      assert.equal(await store.own(), true);
      assert.equal(store.hasOutsideChanges(), false);
      const child = startHolder(directory);
      assert.equal(await firstLine(child), "owner false");
      assert.equal(store.hasOutsideChanges(), true);
      assert.equal((await store.runs.get("from-child"))?.status, "queued");
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    });
  });
});

describe("a process that is killed while it writes", () => {
  it("loses nothing of what was acknowledged", async () => {
    const directory = newPlace();
    const child = run(WRITER, directory);
    const exited = once(child, "exit");
    const acknowledged = new Set<string>();
    for await (const chunk of child.stdout ?? []) {
      for (const line of String(chunk).split("\n")) if (line.startsWith("stored-")) acknowledged.add(line);
      if (acknowledged.size >= 2_000) child.kill("SIGKILL");
    }
    assert.deepEqual(await exited, [null, "SIGKILL"]);
    await withStoreIn(directory, async (store) => {
      const rows = await store.db.all("select id from runs");
      const stored = new Set(rows.map((row) => row["id"]));
      const lost = [...acknowledged].filter((id) => id.endsWith(".") && !stored.has(id));
      assert.deepEqual(lost, []);
      const orphans = await store.db.get("select count(*) as n from keys where run not in (select id from runs)");
      assert.deepEqual(orphans, { n: 0 }, "half of a write was stored");
    });
    const database = new DatabaseSync(join(directory, "millrace.db"));
    assert.deepEqual({ ...database.prepare("pragma integrity_check").get() }, { integrity_check: "ok" });
    database.close();
  });
});

describe("a disk that is full", () => {
  it("refuses what does not fit, keeps what was acknowledged, and is written again once there is room", async (context) => {
    if (process.platform === "win32") {
      context.skip("has no limit on the size of files");
      return;
    }
    const directory = newPlace();
    // A limit on the size of files, which SQLite meets as it meets a full disk.
    const child = run(FILLER, directory, { shell: "ulimit -f 2048" });
    const lines: string[] = [];
    child.stdout?.on("data", (chunk) => lines.push(...String(chunk).trim().split("\n")));
    assert.deepEqual(await once(child, "close"), [0, null]);
    const stored = lines.filter((line) => line.startsWith("stored "));
    assert.ok(stored.length > 2, lines.join("\n"));
    assert.deepEqual(lines.slice(stored.length), ["refused STORE_COMMIT_FAILED true", `reads ${stored.length}`]);
    await withStoreIn(directory, async (store) => {
      const row = await store.db.get("select count(*) as n from t");
      assert.deepEqual(row, { n: stored.length });
      await store.db.write([{ sql: "insert into t (body) values ('again')" }]);
    });
  });
});

describe("another process that holds the database", () => {
  it("is waited for, and when it is killed in the middle of a transaction nothing of that is seen", async () => {
    const directory = newPlace();
    await withStoreIn(directory, async (store) => {
      const child = run(HOLDING, directory);
      assert.equal(await firstLine(child), "holds");
      let isStored = false;
      const admitted = Promise.all(
        Array.from({ length: 40 }, (_, index) =>
          store.runs.admit({ id: `mine-${index}`, automation: "job", event: "{}", now: 0 }),
        ),
      ).then(() => (isStored = true));
      for (let turn = 0; turn < 50; turn++) {
        await new Promise((resolve) => setImmediate(resolve));
        assert.equal((await store.runs.list({ limit: 1 })).total, 0);
      }
      assert.equal(isStored, false);
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
      await admitted;
      assert.deepEqual(await store.runs.counts(), [{ automation: "job", status: "queued", runs: 40 }]);
      assert.equal(await store.runs.get("theirs"), undefined);
    });
  });
});

describe("a folder of somebody else", () => {
  it("refuses a folder it may not write to", async (context) => {
    if (process.getuid?.() !== 0) {
      context.skip("needs root, to become somebody else");
      return;
    }
    await chmod(folder, 0o755);
    const directory = newPlace();
    await mkdir(directory, { mode: 0o755 });
    const { code, output } = await ranAsNobody(directory);
    if (code !== 0 && /EACCES|EPERM|ERR_MODULE_NOT_FOUND/.test(output)) {
      context.skip("nobody else may read the program");
      return;
    }
    assert.equal(code, 0, output);
    assert.match(output, /^DATA_UNUSABLE .*millrace\.db cannot be used/);
  });
});

describe("a writer thread that dies", () => {
  it("ends its process with a message, so that the next start goes on with what was acknowledged", async () => {
    const directory = newPlace();
    const child = run(DYING, directory);
    const lines: string[] = [];
    child.stdout?.on("data", (chunk) => lines.push(...String(chunk).trim().split("\n")));
    assert.deepEqual(await once(child, "close"), [7, null]);
    assert.deepEqual(lines, [
      "stored",
      "STORE_FAILED The thread that writes the database has died: it ended with 1.",
      "refused STORE_FAILED",
    ]);
    await withStoreIn(directory, async (store) => {
      assert.equal(await store.own(), true);
      assert.equal((await store.runs.get("kept"))?.status, "queued");
    });
  });
});

/** A process that loses its writer thread while it owns the store. */
const DYING = `
  let worker;
  process.on("worker", (created) => (worker = created));
  const { openSqliteStore } = await import(process.argv[1]);
  const { systemClock } = await import(process.argv[2]);
  const store = await openSqliteStore({ directory: process.argv[3], clock: systemClock });
  await store.own();
  await store.runs.admit({ id: "kept", automation: "job", event: "{}", now: 0 });
  console.log("stored");
  process.on("uncaughtException", async (error) => {
    console.log(error.code, error.message);
    await store.runs.cancel({ runId: "kept", now: 0 }).catch((error) => console.log("refused", error.code));
    process.exit(7);
  });
  setInterval(() => {}, 1000);
  worker.terminate();`;

/** A process that tries to own the store, admits a run, says what came of it, and then stays. */
const HOLDER = `
  const { openSqliteStore } = await import(process.argv[1]);
  const { systemClock } = await import(process.argv[2]);
  const store = await openSqliteStore({ directory: process.argv[3], clock: systemClock });
  const isOwner = await store.own();
  await store.runs.admit({ id: "from-child", automation: "job", event: "{}", now: 0 });
  console.log("owner " + isOwner);
  setInterval(() => {}, 1000);`;

/** A process that stores runs as fast as it can, and names each once it is acknowledged. */
const WRITER = `
  const { openSqliteStore } = await import(process.argv[1]);
  const { systemClock } = await import(process.argv[2]);
  const store = await openSqliteStore({ directory: process.argv[3], clock: systemClock });
  for (let n = 0; ; n += 50) {
    const admit = async (_, i) => {
      const id = "stored-" + (n + i) + ".";
      await store.runs.admit({ id, automation: "job", event: "{}", key: id, now: 0 });
      console.log(id);
    };
    await Promise.all(Array.from({ length: 50 }, admit));
  }`;

/** A process that writes until the disk is full. */
const FILLER = `
  const { openSqliteStore } = await import(process.argv[1]);
  const { systemClock } = await import(process.argv[2]);
  const store = await openSqliteStore({ directory: process.argv[3], clock: systemClock });
  await store.db.write([{ sql: "create table t (body text)" }]);
  const body = "x".repeat(100_000);
  const lines = [];
  for (let stored = 0; stored < 1_000 && lines.length === 0; ) {
    await store.db.write([{ sql: "insert into t (body) values (:body)", params: { body } }]).then(
      () => console.log("stored " + ++stored),
      (error) => lines.push("refused " + error.code + " " + error.isRetryable),
    );
  }
  lines.push("reads " + (await store.db.get("select count(*) as n from t")).n);
  console.log(lines.join("\\n"));
  process.exit(0);`;

/** A process that stays in the middle of a transaction. */
const HOLDING = `
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(process.argv[3] + "/millrace.db");
  database.exec("begin immediate; insert into runs (id, automation, event, status, lane, available_at, created_at) values ('theirs', 'job', '{}', 'queued', 'ready', 0, 0)");
  console.log("holds");
  setInterval(() => {}, 1000);`;

/** A process that says why it cannot open the store. */
const OPENER = `
  const { openSqliteStore } = await import(process.argv[1]);
  const { systemClock } = await import(process.argv[2]);
  await openSqliteStore({ directory: process.argv[3], clock: systemClock }).catch((e) => console.log(e.code, e.message));`;

function run(
  program: string,
  directory: string,
  { uid, shell }: { readonly uid?: number; readonly shell?: string } = {},
): ChildProcess {
  const modules = ["./open.ts", "../../core/clock.ts"].map((name) => new URL(name, import.meta.url).href);
  const args = ["--conditions=millrace-source", "--input-type=module", "-e", program, ...modules, directory];
  const [file, all] =
    shell === undefined
      ? [process.execPath, args]
      : ["/bin/sh", ["-c", `${shell}; exec "$0" "$@"`, process.execPath, ...args]];
  return spawn(file, all, {
    stdio: ["ignore", "pipe", uid === undefined ? "inherit" : "pipe"],
    ...(uid === undefined ? {} : { uid }),
  });
}

function startHolder(directory: string): ChildProcess {
  return run(HOLDER, directory);
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout ?? []) {
    text += String(chunk);
    if (text.includes("\n")) break;
  }
  return text.split("\n")[0] ?? "";
}

async function ranAsNobody(directory: string): Promise<{ readonly code: number | null; readonly output: string }> {
  const child = run(OPENER, directory, { uid: 65_534 });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (chunk) => (output += String(chunk)));
  const [code] = (await once(child, "exit")) as [number | null];
  return { code, output };
}
