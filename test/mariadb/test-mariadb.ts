import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Connection, createConnection } from "mysql2/promise";
import { freePort } from "../free-port.ts";

const SERVER = "/usr/sbin/mariadbd";
const SHARED = "/usr/share/mysql";
const PATIENCE_MS = 60_000;

/** A MariaDB of a test's own, on a free port of this machine; what it holds goes with it. */
export interface TestMariadb {
  readonly port: number;
  /** As root. */
  readonly client: Connection;
  close(): Promise<void>;
}

/** Undefined, or a reason to print, when there is no server to start. */
export function missingMariadb(environment: NodeJS.ProcessEnv): string | undefined {
  const path = environment["MILLRACE_MARIADB"] ?? SERVER;
  if (existsSync(path)) return undefined;
  return `there is no MariaDB at ${path}; install it (Debian: apt-get install mariadb-server-core) or set MILLRACE_MARIADB`;
}

export async function startTestMariadb(environment: NodeJS.ProcessEnv): Promise<TestMariadb> {
  const program = environment["MILLRACE_MARIADB"] ?? SERVER;
  const folder = await mkdtemp(join(tmpdir(), "millrace-mariadb-"));
  const data = join(folder, "data");
  await mkdir(data);
  const small = ["--no-defaults", `--datadir=${data}`, "--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M"];
  const isRoot = process.getuid?.() === 0;
  const settings = [...small, "--innodb-flush-log-at-trx-commit=0", ...(isRoot ? ["--user=root"] : [])];
  await run(program, [...settings, "--bootstrap"], await systemTables());
  const port = await freePort();
  const place = [`--port=${port}`, "--bind-address=127.0.0.1", `--socket=${join(folder, "s")}`];
  const server = spawn(program, [...settings, ...place], { stdio: "ignore" });
  const exited = once(server, "exit");
  async function stop(): Promise<void> {
    server.kill();
    await exited;
    await rm(folder, { recursive: true, force: true });
  }
  try {
    const client = await connected(server, port);
    return {
      port,
      client,
      async close() {
        await client.end();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What `mariadb-install-db` feeds to a server, without the programs of the client that it needs. */
async function systemTables(): Promise<string> {
  const names = ["mysql_system_tables.sql", "mysql_system_tables_data.sql"];
  const parts = await Promise.all(names.map((name) => readFile(join(SHARED, name), "utf8")));
  return ["create database mysql;", "use mysql;", "set @auth_root_socket = null;", ...parts].join("\n");
}

async function run(program: string, args: readonly string[], input: string): Promise<void> {
  const child = spawn(program, args, { stdio: ["pipe", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)));
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`The test's MariaDB could not be made (${code}): ${said}`);
}

async function connected(server: ChildProcess, port: number): Promise<Connection> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await createConnection({ host: "127.0.0.1", port, user: "root", multipleStatements: true });
    } catch (error) {
      if (performance.now() > end || server.exitCode !== null) throw error;
      await pause(50);
    }
  }
}
