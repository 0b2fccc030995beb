import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { freePort } from "../harness/free-port.ts";
import { importPeer } from "../harness/peers.ts";

/** A server for a benchmark, gone after it, with databases by name. */
export interface BenchPostgres {
  database(name: string): Promise<string>;
  close(): Promise<void>;
}

interface Client {
  connect(): Promise<void>;
  query(text: string): Promise<unknown>;
  end(): Promise<void>;
}

/** Starts the machine's Postgres. It does not wait for the disk: what is measured is what the sides do. */
export async function openBenchPostgres(): Promise<BenchPostgres> {
  const folders = [
    process.env["MILLRACE_POSTGRES_BIN"],
    ...globSync("/usr/lib/postgresql/*/bin").toSorted().toReversed(),
    ...(process.env["PATH"] ?? "").split(":"),
  ];
  const bin = folders.find((folder) => folder !== undefined && existsSync(join(folder, "initdb")));
  if (bin === undefined) throw new Error("B5 needs Postgres: install it, or set MILLRACE_POSTGRES_BIN.");
  const directory = mkdtempSync(join(tmpdir(), "millrace-bench-postgres-"));
  const user = lentUser();
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
  const data = join(directory, "data");
  const initdb = ["-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"];
  execFileSync(join(bin, "initdb"), initdb, { cwd: directory, stdio: "ignore", ...user });
  const port = await freePort();
  const settings = [
    `port=${port}`,
    "listen_addresses=127.0.0.1",
    `unix_socket_directories=${directory}`,
    "fsync=off",
    "max_connections=300",
  ];
  const server: ChildProcess = spawn(
    join(bin, "postgres"),
    ["-D", data, ...settings.flatMap((setting) => ["-c", setting])],
    { cwd: directory, stdio: "ignore", ...user },
  );
  const { Client } = await importPeer<{ Client: new (options: { connectionString: string }) => Client }>("pg");
  const address = (name: string): string => `postgres://bench@127.0.0.1:${port}/${name}`;

  async function onServer(text: string): Promise<void> {
    const client = new Client({ connectionString: address("postgres") });
    await client.connect();
    try {
      await client.query(text);
    } finally {
      await client.end();
    }
  }

  for (let tries = 0; ; tries++) {
    try {
      await onServer("select 1");
      break;
    } catch (error) {
      if (tries === 400) throw error;
      await delay(25);
    }
  }
  return {
    async database(name) {
      await onServer(`create database "${name}"`);
      return address(name);
    },
    async close() {
      const ended = once(server, "exit");
      server.kill("SIGINT");
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The server refuses to run as root, who lends it to another user. */
function lentUser(): { readonly uid: number; readonly gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const user = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  return { uid: Number(user?.[2] ?? 65_534), gid: Number(user?.[3] ?? 65_534) };
}
