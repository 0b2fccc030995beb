import { constants, existsSync } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ProviderProbe } from "../calls/probe.ts";
import type { Config } from "../config.ts";
import { ERROR_KINDS, toErrorRecord } from "../core/errors.ts";
import type { Host } from "../host.ts";
import type { Database } from "../store/store.ts";
import { type CommonFlags, openCommandHost, readConfig } from "./open.ts";
import { out, outJson, toSize } from "./output.ts";
import { DASHBOARD } from "./start.ts";

interface Check {
  readonly name: string;
  /** `broken` is what stops Millrace from working. */
  readonly state: "fine" | "note" | "broken";
  readonly detail: string;
  readonly advice?: string;
}

const OLDEST_NODE = [24, 15] as const;
/** Below this much free space a note is made, and below a tenth of it the disk counts as full. */
const LOW_SPACE_BYTES = 1_073_741_824;

/** Looks at everything Millrace needs. Gives the exit code: 1 when something is broken. */
export async function doctor(flags: CommonFlags): Promise<number> {
  const checks = [checkNode(), ...(await checkSetup(flags)), checkDashboard()];
  const isBroken = checks.some(({ state }) => state === "broken");
  if (flags.json === true) outJson({ ok: !isBroken, checks });
  else out(checks.map(toLines).join("\n"));
  return isBroken ? 1 : 0;
}

function toLines({ name, state, detail, advice }: Check): string {
  const mark = { fine: "ok    ", note: "note  ", broken: "BROKEN" }[state];
  return `${mark}  ${name}: ${detail}${advice === undefined ? "" : `\n        ${advice}`}`;
}

function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  if (!isOld) return { name: "Node", state: "fine", detail: process.version };
  const advice = `Install Node ${OLDEST_NODE.join(".")} or newer.`;
  return { name: "Node", state: "broken", detail: `${process.version} is too old.`, advice };
}

function checkDashboard(): Check {
  if (existsSync(join(DASHBOARD, "index.html"))) return { name: "dashboard", state: "fine", detail: "It is built." };
  return {
    name: "dashboard",
    state: "note",
    detail: "It is not built.",
    advice: "`npm start` in the checkout builds it.",
  };
}

async function checkSetup(flags: CommonFlags): Promise<readonly Check[]> {
  let config: Config;
  try {
    config = await readConfig(flags);
  } catch (error) {
    return [toBroken("configuration", error)];
  }
  const checks = [checkConfig(config), { name: "time zone", state: "fine", detail: config.timezone } as const];
  try {
    const host = await openCommandHost({ flags, level: "error", makesData: false });
    try {
      return [...checks, ...(await checkHost(host))];
    } finally {
      await host.close();
    }
  } catch (error) {
    return [...checks, toBroken("data folder", error)];
  }
}

function toBroken(name: string, error: unknown): Check {
  const { code, message, advice } = toErrorRecord(error);
  return { name, state: "broken", detail: `${message} (${code})`, ...(advice === undefined ? {} : { advice }) };
}

function checkConfig({ file }: Config): Check {
  const detail = file ?? "There is no millrace.config.ts: the defaults and variables are used.";
  return { name: "configuration", state: "fine", detail };
}

async function checkHost(host: Host): Promise<readonly Check[]> {
  const store = host.isStandIn ? [await checkPlace(host.config)] : await checkStore(host);
  const rest = [...(await checkProviders(host)), ...(await host.checks())];
  return [...store, checkLimits(host), await checkSpace(host.config), ...rest];
}

/** Whether what calls may take is counted over all processes. */
function checkLimits({ config, limits }: Host): Check {
  const name = "limits of calls";
  const { mode, share, processes } = limits.state();
  if (mode === "own") return { name, state: "fine", detail: "This process has them for itself." };
  if (mode === "shared") return { name, state: "fine", detail: "All processes share them through Redis." };
  const part = config.calls.share === undefined ? `one part of ${processes}` : `${share} of each`;
  const advice =
    config.redis === undefined ? "Set MILLRACE_REDIS_URL to share them." : "Look whether Redis runs there.";
  return { name, state: "note", detail: `They are not shared: each process takes its part, here ${part}.`, advice };
}

async function checkStore({ store }: Host): Promise<readonly Check[]> {
  const { kind, location, bytes, connections } = await store.describe();
  const place = { name: "data folder", state: "fine", detail: `${location} (${kind}, ${toSize(bytes)})` } as const;
  const settings = connections.map(({ name, settings }) => {
    const values = Object.entries(settings).map(([key, value]) => `${key}=${String(value)}`);
    return { name: `connection ${name}`, state: "fine", detail: values.join(" ") } as const;
  });
  return [place, ...(kind === "sqlite" ? [await checkDatabase(store.db)] : []), ...settings];
}

/** Whether SQLite finds its file sound, and every reference to a row that is there. */
async function checkDatabase(db: Database): Promise<Check> {
  const name = "database";
  const damage = (await db.all("select quick_check as found from pragma_quick_check limit 5"))
    .map(({ found }) => String(found))
    .filter((found) => found !== "ok");
  const strays = await db.all('select "table" as found from pragma_foreign_key_check limit 5');
  const found = [...damage, ...strays.map((row) => `a row of ${String(row["found"])} refers to one that is gone`)];
  if (found.length === 0) return { name, state: "fine", detail: "It is sound: quick_check and foreign keys." };
  return {
    name,
    state: "broken",
    detail: found.join("; "),
    advice: "Stop Millrace and `millrace restore FILE` the latest backup.",
  };
}

/** Where nothing is stored yet: whether it could be. */
async function checkPlace({ data }: Config): Promise<Check> {
  const name = "data folder";
  const folder = existingFolder(data);
  return await access(folder, constants.W_OK | constants.X_OK).then(
    () => ({ name, state: "fine", detail: `There is no database in ${data} yet: the first start makes it.` }),
    () => ({
      name,
      state: "broken",
      detail: `This user may not write in ${folder}.`,
      advice: ERROR_KINDS.DATA_UNUSABLE.advice,
    }),
  );
}

/** A folder that is still to be made has the rights and the disk of the one it will stand in. */
function existingFolder(path: string): string {
  return existsSync(path) ? path : existingFolder(dirname(path));
}

async function checkSpace({ data }: Config): Promise<Check> {
  const { bavail, bsize } = await statfs(existingFolder(data));
  const free = bavail * bsize;
  const detail = `${toSize(free)} free`;
  if (free >= LOW_SPACE_BYTES) return { name: "disk space", state: "fine", detail };
  const state = free < LOW_SPACE_BYTES / 10 ? "broken" : "note";
  return { name: "disk space", state, detail, advice: "Free some space, or give another folder with --data." };
}

async function checkProviders({ ai }: Host): Promise<readonly Check[]> {
  const probes = await ai.probe();
  if (probes.length === 0) {
    return [
      {
        name: "providers",
        state: "note",
        detail: "None is configured: answers come from rules.",
        advice: "Set ANTHROPIC_API_KEY or OPENAI_API_KEY, or point OLLAMA_BASE_URL at a local server.",
      },
    ];
  }
  return probes.map(toProviderCheck);
}

function toProviderCheck({ provider, baseUrl, ok, detail }: ProviderProbe): Check {
  const name = `provider ${provider}`;
  const words = `${baseUrl} ${detail}`;
  if (ok) return { name, state: "fine", detail: words };
  return { name, state: "broken", detail: words, advice: "Check its address and key, and that it runs." };
}
