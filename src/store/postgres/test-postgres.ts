import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync } from "node:fs";
import { chown, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import pg from "pg";
import { freePort } from "../../../test/free-port.ts";

/** A Postgres server of a test's own, on a free port of this machine; what it holds goes with it. */
export interface TestPostgres {
  /** Of the server, with the database `postgres`. */
  readonly url: string;
  /** `kill -9`: it goes as by a power loss, but for what the kernel has taken. */
  kill(): Promise<void>;
  /** Starts it again on the same port, with its data; resolves when it answers. */
  start(): Promise<void>;
  /** Copies it, and starts the copy as a replica that follows it. */
  replica(): Promise<TestPostgres>;
  close(): Promise<void>;
}

/** Where `postgres` and `initdb` are: MILLRACE_POSTGRES_BIN, else Debian's newest, else on the path. */
export function findPostgres(environment: Readonly<Record<string, string | undefined>>): string | undefined {
  const version = (folder: string): number => Number(folder.split("/")[4]);
  const debian = globSync("/usr/lib/postgresql/*/bin").sort((a, b) => version(b) - version(a));
  const folders = [environment["MILLRACE_POSTGRES_BIN"], ...debian, ...(environment["PATH"] ?? "").split(":")];
  return folders.find((folder) => folder !== undefined && existsSync(join(folder, "initdb")));
}

/** Undefined, or a reason to print, when there is no server to start. Throws instead where tests may not be left out. */
export function missingPostgres(bin: string | undefined, isRequired: boolean): string | undefined {
  if (bin !== undefined) return undefined;
  const reason = "there is no Postgres; install it (Debian: apt-get install postgresql) or set MILLRACE_POSTGRES_BIN";
  if (isRequired) throw new Error(reason);
  return reason;
}

/** The server refuses to run as root, who lends it to another user. */
async function lentUser(): Promise<{ readonly uid: number; readonly gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const users = (await readFile("/etc/passwd", "utf8")).split("\n").map((line) => line.split(":"));
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  return { uid: Number(user?.[2] ?? 65_534), gid: Number(user?.[3] ?? 65_534) };
}

export interface TestPostgresOptions {
  /** Whether it waits for the disk before it acknowledges. Default false: no power fails here, and what the kernel took outlives the server. */
  readonly isDurable?: boolean;
}

/** Starts a server that keeps what it acknowledged when it is killed. */
export async function startTestPostgres(
  bin: string,
  { isDurable = false }: TestPostgresOptions = {},
): Promise<TestPostgres> {
  const directory = await mkdtemp(join(tmpdir(), "millrace-postgres-"));
  const user = await lentUser();
  if (user !== undefined) await chown(directory, user.uid, user.gid);
  const data = join(directory, "data");
  const initdb = ["-D", data, "-U", "millrace", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
  await promisify(execFile)(join(bin, "initdb"), initdb, { cwd: directory, ...user });
  return await startOn(bin, { directory, data, user, isDurable });
}

interface Ground {
  readonly directory: string;
  /** Holds the files of the server, whose user owns it. */
  readonly data: string;
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
  readonly isDurable: boolean;
}

async function startOn(bin: string, { directory, data, user, isDurable }: Ground): Promise<TestPostgres> {
  const port = await freePort();
  const url = `postgres://millrace@127.0.0.1:${port}/postgres`;
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    const settings = [
      `port=${port}`,
      "listen_addresses=127.0.0.1",
      `unix_socket_directories=${directory}`,
      "max_connections=300",
      ...(isDurable ? [] : ["fsync=off", "full_page_writes=off"]),
      "shared_buffers=128MB",
    ];
    const args = ["-D", data, ...settings.flatMap((setting) => ["-c", setting])];
    for (let tries = 0; !(await answers(url)); tries++) {
      if (tries === 2_400) throw new Error("the test's Postgres did not start");
      // The children of one that was killed go a moment after it, and none starts before.
      if (server === undefined || server.exitCode !== null || server.signalCode !== null)
        server = spawn(join(bin, "postgres"), args, { cwd: directory, stdio: "ignore", ...user });
      await delay(25);
    }
  }

  async function end(signal: "SIGKILL" | "SIGINT"): Promise<void> {
    const running = server;
    server = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const exited = once(running, "exit");
    running.kill(signal);
    await exited;
  }

  await start();
  return {
    url,
    start,
    kill: () => end("SIGKILL"),
    async replica() {
      const beside = await mkdtemp(join(tmpdir(), "millrace-replica-"));
      if (user !== undefined) await chown(beside, user.uid, user.gid);
      const copy = join(beside, "data");
      const from = ["-h", "127.0.0.1", "-p", `${port}`, "-U", "millrace", "-c", "fast", "-X", "stream", "-N"];
      // Writes as well where it follows whom.
      await promisify(execFile)(join(bin, "pg_basebackup"), ["-D", copy, "-R", ...from], { cwd: beside, ...user });
      return await startOn(bin, { directory: beside, data: copy, user, isDurable });
    },
    async close() {
      await end("SIGINT");
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** Makes a database on a server and gives its address. */
export async function createTestDatabase(server: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: server });
  await client.connect();
  try {
    await client.query(`create database ${pg.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
  return Object.assign(new URL(server), { pathname: `/${name}` }).href;
}
