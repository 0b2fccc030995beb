import { createWarming } from "../cache/warm.ts";
import type { Scope } from "../cache/contract.ts";
import { scopesOf } from "../cache/journal/scope.ts";
import { MillraceError } from "../core/errors.ts";
import { didYouMean } from "../core/nearest.ts";
import type { Host } from "../host.ts";
import type { CacheEntryDetail, CacheUseView, CacheView, CacheWarmingView } from "../http/api.ts";
import { toEntryDetail } from "../http/cache-views.ts";
import { invalidationOf, isEverything } from "../http/routes/cache.ts";
import { commandActor } from "./audit.ts";
import { showCache } from "../http/show-cache.ts";
import { Misuse } from "./failure.ts";
import { type CommonFlags, openCommandHost, withHost } from "./open.ts";
import { out, outJson, say, toColumns, toSize, toTime } from "./output.ts";
import { findServer } from "./running-server.ts";

export interface InvalidateFlags extends CommonFlags {
  readonly mode: "evict" | "expire";
  readonly key?: readonly string[];
  readonly tag?: readonly string[];
  readonly pattern?: readonly string[];
}

/** Shows the counters of the server that runs on the data folder; without one, what the levels hold. */
export async function cacheStats(flags: CommonFlags): Promise<void> {
  await withHost(flags, async ({ config, cache, clock }) => {
    const server = await findServer(config.data);
    const view = server?.cache ?? withoutMemory(await showCache({ ...cache, clock, startedAt: clock.now() }));
    const of = server === undefined ? { server: null } : { server: server.url };
    if (flags.json === true) return outJson({ ...of, ...view });
    out(toStats(view));
    say(
      server === undefined
        ? "No server runs on this data folder: these are the levels that outlive one. Hits are counted by a server, from its start."
        : `These are the counters of the server at ${server.url} (process ${server.pid}), since ${view.process.startedAt}.`,
    );
  });
}

/** This command's own has just been made. */
function withoutMemory(view: CacheView): CacheView {
  return { ...view, levels: view.levels.filter(({ name }) => name !== "memory") };
}

/** Shows an entry with its value: of the server that runs on the data folder, or of the levels that outlive one. */
export async function cacheGet(key: string, flags: CommonFlags): Promise<void> {
  await withHost(flags, async (host) => {
    const server = await findServer(host.config.data);
    const path = `/api/cache/entries/${encodeURIComponent(key)}`;
    const detail = server === undefined ? await entryHere(host, key) : await server.get<CacheEntryDetail>(path);
    if (flags.json === true) outJson(detail);
    else out(toDetail(detail));
  });
}

async function entryHere({ cache: { cache }, clock }: Host, key: string): Promise<CacheEntryDetail> {
  const entry = await cache.entry(key);
  if (entry !== undefined) return toEntryDetail(entry, clock.now());
  throw new MillraceError("NOT_FOUND", `The cache holds nothing under ${key}.`, {
    facts: { key },
    advice:
      "Keys are segments parted by colons, as in answers:PROVIDER/MODEL/HASH; a running server lists them at /api/cache/entries.",
  });
}

/** Expires or evicts in the data folder; a server that runs on it follows by the journal. */
export async function cacheInvalidate(flags: InvalidateFlags): Promise<void> {
  const { mode, key = [], tag = [], pattern = [] } = flags;
  const scopes = scopesOf({ key, tag, pattern });
  const everything = pattern.find(isEverything);
  if (everything !== undefined) {
    const message = `The pattern "${everything}" reaches everything of its length.`;
    throw new Misuse(message, "`millrace cache clear` evicts everything.");
  }
  if (scopes.length === 0) {
    const advice = "Add --key KEY, --tag TAG or --pattern PATTERN, each as often as wanted.";
    throw new Misuse("Nothing was named that could be invalidated.", advice);
  }
  await withHost(flags, async ({ cache: { cache }, audit }) => {
    await audit.record(invalidationOf(commandActor(), mode, scopes));
    await (mode === "evict" ? cache.evict(...scopes) : cache.expire(...scopes));
    await tell(
      flags,
      { mode, scopes: scopes.length },
      `${mode === "evict" ? "Evicted" : "Expired"} what belongs to ${toWords(scopes)}.`,
    );
  });
}

/** Evicts everything. */
export async function cacheClear(flags: CommonFlags): Promise<void> {
  await withHost(flags, async ({ cache: { cache }, audit }) => {
    await audit.record(invalidationOf(commandActor(), "evict", [{ kind: "pattern", pattern: "**" }]));
    await cache.clear();
    await cache.flush();
    await tell(flags, { cleared: true }, "The cache is empty.");
  });
}

/** Runs the warming loaders: in the server that runs on the data folder, or here, for the next one to find. */
export async function cacheWarm(loader: string | undefined, flags: CommonFlags): Promise<number> {
  const host = await openForWarming(flags);
  try {
    const items = await warm(host, loader);
    if (flags.json === true) outJson({ items });
    else if (items.length === 0) out("No app has a warming loader.");
    else out(toColumns(items.map((each) => [each.loader, `${each.made} made`, `${each.failed} failed`])));
    return items.some(({ failed }) => failed > 0) ? 1 : 0;
  } finally {
    await host.close();
  }
}

/** Where there is no data folder yet, one is made only if there is something to put into it. */
async function openForWarming(flags: CommonFlags): Promise<Host> {
  const host = await openCommandHost({ flags, level: "warn", makesData: false });
  if (!host.isStandIn || host.loaders.length === 0) return host;
  await host.close();
  return await openCommandHost({ flags, level: "warn" });
}

async function warm(host: Host, loader: string | undefined): Promise<readonly CacheWarmingView[]> {
  const { config, clock, log, loaders } = host;
  const { cache } = host.cache;
  const known = loaders.map(({ name }) => name);
  if (loader !== undefined && !known.includes(loader)) {
    throw new MillraceError("NOT_FOUND", `There is no warming loader "${loader}".${didYouMean(loader, known)}`, {
      advice: known.length === 0 ? "No app has one." : `The loaders are ${known.join(", ")}.`,
    });
  }
  const server = await findServer(config.data);
  if (server !== undefined) {
    const body = loader === undefined ? {} : { loader };
    return (await server.post<{ readonly items: readonly CacheWarmingView[] }>("/api/cache/warm", body)).items;
  }
  const warming = createWarming({ cache, loaders, clock, log });
  try {
    const reports = await warming.run(loader);
    await cache.flush();
    return reports.map(({ name, made, failed }) => ({ loader: name, made, failed }));
  } finally {
    await warming.close();
  }
}

async function tell(flags: CommonFlags, answer: object, words: string): Promise<void> {
  if (flags.json === true) outJson(answer);
  else out(words);
}

function toWords(scopes: readonly Scope[]): string {
  const count = (kind: Scope["kind"], word: string): string[] => {
    const found = scopes.filter((scope) => scope.kind === kind).length;
    return found === 0 ? [] : [`${found} ${word}${found === 1 ? "" : "s"}`];
  };
  return [...count("key", "key"), ...count("tag", "tag"), ...count("pattern", "pattern")].join(", ");
}

function toStats({ levels, namespaces, total, warming, similar }: CacheView): string {
  const parts = [
    toColumns([
      ["LEVEL", "ENTRIES", "SIZE", "EVICTED", ""],
      ...levels.map(({ name, items, bytes, evictions, isOpen }) => [
        name,
        String(items),
        toSize(bytes),
        String(evictions),
        isOpen ? "left out, as it failed too often" : "",
      ]),
    ]),
  ];
  if (namespaces.length > 0) {
    parts.push(
      toColumns([
        ["NAMESPACE", "HIT RATE", "MEMORY", "DATABASE", "FILES", "JOINED", "MISSES", "STALE", "MADE", "FAILED"],
        ...namespaces.map(({ name, ...use }) => [name, ...toUseRow(use)]),
        ["in all", ...toUseRow(total)],
      ]),
    );
  }
  if (warming.length > 0) {
    parts.push(
      toColumns(warming.map(({ loader, made, failed }) => [`loader ${loader}`, `${made} made`, `${failed} failed`])),
    );
  }
  if (similar !== null)
    parts.push(`similar  ${similar.items} questions, ${similar.hits} hits, ${similar.rejected} rejected`);
  return parts.join("\n\n");
}

function toUseRow({
  hits,
  hitRate,
  joined,
  misses,
  staleServed,
  factoryRuns,
  factoryFailures,
}: CacheUseView): string[] {
  return [
    hitRate === null ? "" : `${(100 * hitRate).toFixed(1)} %`,
    ...[hits.memory, hits.database, hits.files, joined, misses, staleServed, factoryRuns, factoryFailures].map(String),
  ];
}

function toDetail({ value, preview, ...entry }: CacheEntryDetail): string {
  const facts = [
    ["key", entry.key],
    ["levels", entry.levels.join(", ")],
    ["made", `${entry.createdAt}, ${toTime(entry.ageMs)} ago`],
    ["fresh for", entry.ttlLeftMs === 0 ? "no longer: it is stale" : toTime(entry.ttlLeftMs)],
    ...(entry.graceLeftMs === 0 ? [] : [["then stale for", toTime(entry.graceLeftMs)]]),
    ["size", toSize(entry.bytes)],
    ...(entry.tags.length === 0 ? [] : [["tags", entry.tags.join(", ")]]),
    [entry.isError ? "kept error" : "value", preview === undefined ? JSON.stringify(value ?? null) : `${preview}…`],
  ];
  return toColumns(facts);
}
