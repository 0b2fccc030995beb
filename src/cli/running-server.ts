import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { join } from "node:path";
import { z } from "zod";
import { type ErrorCode, ERROR_KINDS, MillraceError } from "../core/errors.ts";
import type { CacheView, Problem } from "../http/api.ts";

/* A server leaves a note in the data folder, named by its process, so that commands on the same folder find it whatever its port.
   A killed one leaves its note behind: so a note is believed once the server at its address answers as that process. */

const Note = z.object({ pid: z.int(), url: z.string() });
const PATIENCE_MS = 2_000;

/** A server that runs on a data folder. */
export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  readonly cache: CacheView;
  /** Throws what the server answers when it refuses; so does `post`. */
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
}

/** Leaves a note of this process's server; call what it gives to take it away. */
export async function noteServer(data: string, url: string): Promise<() => Promise<void>> {
  const folder = folderOf(data);
  await mkdir(folder, { recursive: true });
  for (const { path, pid } of await notesIn(folder)) if (!isAlive(pid)) await rm(path, { force: true });
  const own = join(folder, `${process.pid}.json`);
  await writeFile(own, JSON.stringify({ pid: process.pid, url }));
  return () => rm(own, { force: true });
}

/** Finds a server that runs on a data folder. */
export async function findServer(data: string): Promise<RunningServer | undefined> {
  for (const { pid, url } of await notesIn(folderOf(data))) {
    try {
      const cache = await ask<CacheView>("GET", `${url}/api/cache`, { timeoutMs: PATIENCE_MS });
      if (cache.process.pid !== pid) continue;
      return {
        url,
        pid,
        cache,
        get: (path) => ask("GET", `${url}${path}`, {}),
        post: (path, body) => ask("POST", `${url}${path}`, { body }),
      };
    } catch {
      // It is gone, or another program has its port.
    }
  }
  return undefined;
}

function folderOf(data: string): string {
  return join(data, "servers");
}

async function notesIn(
  folder: string,
): Promise<readonly { readonly path: string; readonly pid: number; readonly url: string }[]> {
  const names = await readdir(folder).catch(() => []);
  const notes = await Promise.all(names.map((name) => readNote(join(folder, name))));
  return notes.flatMap((note) => note ?? []);
}

async function readNote(path: string) {
  try {
    return { path, ...Note.parse(JSON.parse(await readFile(path, "utf8"))) };
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

interface AskOptions {
  readonly body?: object;
  readonly timeoutMs?: number;
}

async function ask<T>(method: "GET" | "POST", url: string, { body, timeoutMs }: AskOptions): Promise<T> {
  // An import of it by name runs its getters, one of which loads Node's own copy of undici: a tenth of a second that every start would pay.
  const asked = process.getBuiltinModule("node:http").request(url, {
    method,
    headers: { "content-type": "application/json" },
    ...(timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) }),
  });
  asked.end(body === undefined ? undefined : JSON.stringify(body));
  const [response] = (await once(asked, "response")) as [IncomingMessage];
  const answer: unknown = JSON.parse(await text(response));
  if (response.statusCode === 200) return answer as T;
  throw toError(answer as Partial<Problem>);
}

function toError({ code = "", detail = "The server refused.", advice = "" }: Partial<Problem>): MillraceError {
  return new MillraceError(Object.hasOwn(ERROR_KINDS, code) ? (code as ErrorCode) : "INTERNAL", detail, { advice });
}
