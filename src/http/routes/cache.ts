import { z } from "zod";
import type { Scope } from "../../cache/contract.ts";
import { scopesOf, scopeText } from "../../cache/journal/scope.ts";
import type { RecentHit } from "../../cache/semantic/recent-hits.ts";
import type { AuditDraft, AuditTrail } from "../../core/audit.ts";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import { didYouMean } from "../../core/nearest.ts";
import { inputInvalid } from "../../core/schema.ts";
import type {
  CacheEntriesPage,
  CacheEntryDetail,
  CacheInvalidatedView,
  CacheWarmingView,
  SimilarHitView,
  SimilarRejectedView,
} from "../api.ts";
import type { CacheHistoryKeeper } from "../cache-history.ts";
import { toEntryDetail, toEntryView } from "../cache-views.ts";
import { parseCursor, toCursor } from "../cursor.ts";
import { type Route, route } from "../route.ts";
import { type ServedCache, showCache, toWarmingView } from "../show-cache.ts";

export interface CacheRoutesOptions extends ServedCache {
  readonly history: CacheHistoryKeeper;
  /** Where it is recorded who made the cache forget. */
  readonly audit: AuditTrail | undefined;
  readonly clock: Clock;
}

const NAMED_SCOPES = 20;
const LIMIT = "The limit is a whole number from 1 to 200.";
const limit = z.coerce.number(LIMIT).int(LIMIT).min(1, LIMIT).max(200, LIMIT).default(50);
const TEXTS = "It is a text, or a list of 1 to 1000 texts, none of them empty.";
const texts = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1).max(1_000)], TEXTS)
  .transform((value) => (typeof value === "string" ? [value] : value))
  .optional();

const Invalidate = z.strictObject({
  mode: z.enum(["evict", "expire"], "The mode is evict or expire.").default("evict"),
  key: texts,
  tag: texts,
  pattern: texts,
  confirm: z.boolean("It is true or false.").optional(),
});
const Warm = z.strictObject({ loader: z.string().min(1, "A loader has a name.").optional() });
const EntriesQuery = z.object({
  pattern: z.string().min(1, "The pattern cannot be empty.").default("**"),
  cursor: z.string().optional(),
  limit,
});

export function cacheRoutes({ history, clock, audit, ...served }: CacheRoutesOptions): readonly Route[] {
  const { cache } = served;
  const startedAt = clock.now();

  function requireLoader(name: string): void {
    const known = (served.warming()?.totals() ?? []).map((loader) => loader.name);
    if (known.includes(name)) return;
    throw new MillraceError("NOT_FOUND", `There is no warming loader "${name}".${didYouMean(name, known)}`, {
      advice: known.length === 0 ? "No app has one." : `The loaders are ${known.join(", ")}.`,
    });
  }
  async function invalidate(
    actor: string,
    mode: "evict" | "expire",
    scopes: readonly Scope[],
  ): Promise<CacheInvalidatedView> {
    // The journal may be Redis, which shares no transaction with the log: it is recorded before it is done.
    await audit?.record(invalidationOf(actor, mode, scopes));
    await (mode === "evict" ? cache.evict(...scopes) : cache.expire(...scopes));
    return { mode, scopes: scopes.map((scope) => ({ kind: scope.kind, name: scopeText(scope) })) };
  }

  return [
    route({
      method: "GET",
      path: "/api/cache",
      summary: "Tells how the cache does: levels, hit rates by namespace, similar answers, warming.",
      handle: () => showCache({ ...served, clock, startedAt }),
    }),
    route({
      method: "DELETE",
      path: "/api/cache",
      summary: "Evicts everything.",
      handle: ({ principal }) => invalidate(principal, "evict", [{ kind: "pattern", pattern: "**" }]),
    }),
    route({
      method: "GET",
      path: "/api/cache/history",
      summary: "Tells how the cache did in the last hour, in spans of 10 s.",
      handle: () => history.read(),
    }),
    route({
      method: "GET",
      path: "/api/cache/entries",
      summary: "Lists entries by key, without their values.",
      query: EntriesQuery,
      handle: async ({ query: { pattern, cursor, limit: most } }): Promise<CacheEntriesPage> => {
        const filter = { list: "cache-entries", pattern };
        const after = cursor === undefined ? undefined : parseCursor(filter, cursor);
        const { entries, next } = await cache.entries(pattern, { after, limit: most });
        const now = clock.now();
        return {
          items: entries.map((entry) => toEntryView(entry, now)),
          next: next === undefined ? null : toCursor(filter, next),
        };
      },
    }),
    route({
      method: "GET",
      path: "/api/cache/entries/:key",
      summary: "Shows an entry with its value.",
      params: z.object({ key: z.string() }),
      handle: async ({ params: { key } }): Promise<CacheEntryDetail> => {
        const entry = await cache.entry(key);
        if (entry !== undefined) return toEntryDetail(entry, clock.now());
        throw new MillraceError("NOT_FOUND", `The cache holds nothing under ${key}.`, {
          facts: { key },
          advice: "List the keys at /api/cache/entries?pattern=…",
        });
      },
    }),
    route({
      method: "POST",
      path: "/api/cache/invalidate",
      summary: "Evicts or expires entries by key, tag or pattern.",
      body: Invalidate,
      handle: ({ body: { mode, key = [], tag = [], pattern = [], confirm = false }, principal }) => {
        const scopes = scopesOf({ key, tag, pattern });
        if (scopes.length === 0) {
          throw inputInvalid([{ pointer: "", detail: "It holds a key, a tag or a pattern." }], { what: "The body" });
        }
        const all = pattern.findIndex(isEverything);
        if (all >= 0 && !confirm) {
          const detail = `"${pattern[all]}" reaches everything of its length; add "confirm": true if that is meant.`;
          throw inputInvalid([{ pointer: "/pattern", detail }], { what: "The body" });
        }
        return invalidate(principal, mode, scopes);
      },
    }),
    route({
      method: "POST",
      path: "/api/cache/warm",
      summary: "Runs the warming loaders, or one of them, and answers when all is made.",
      body: Warm,
      handle: async ({ body: { loader } }): Promise<{ readonly items: readonly CacheWarmingView[] }> => {
        if (loader !== undefined) requireLoader(loader);
        return { items: ((await served.warming()?.run(loader)) ?? []).map(toWarmingView) };
      },
    }),
    route({
      method: "GET",
      path: "/api/cache/similar",
      summary: "Lists the latest answers that were given to similar questions.",
      query: z.object({ limit }),
      handle: ({ query }): { readonly items: readonly SimilarHitView[] } => ({
        items: (served.similarIfOpen()?.recentHits(query.limit) ?? []).map(toHitView),
      }),
    }),
    route({
      method: "POST",
      path: "/api/cache/similar/:hit/reject",
      summary: "Says that an answer to a similar question was wrong: the pair is never served again.",
      params: z.object({ hit: z.string() }),
      handle: async ({ params: { hit } }): Promise<SimilarRejectedView> => {
        if ((await served.similarIfOpen()?.reject(hit)) === true) return { id: hit, verdict: "rejected" };
        throw new MillraceError("NOT_FOUND", `There is no hit ${hit} that could still be rejected.`, {
          advice: "List the latest hits at /api/cache/similar.",
        });
      },
    }),
  ];
}

/** How it is recorded that somebody made the cache forget: the first scopes, and how many there were. */
export function invalidationOf(actor: string, mode: "evict" | "expire", scopes: readonly Scope[]): AuditDraft {
  const named = scopes.slice(0, NAMED_SCOPES).map((scope) => `${scope.kind} ${scopeText(scope)}`);
  return {
    actor,
    action: `cache.${mode}`,
    subject: "cache",
    data: { scopes: named.join(", "), count: scopes.length },
  };
}

/** A pattern of stars alone. */
export function isEverything(pattern: string): boolean {
  return pattern.split(":").every((segment) => /^\*+$/.test(segment));
}

function toHitView({ at, ...hit }: RecentHit): SimilarHitView {
  return { ...hit, at: new Date(at).toISOString() };
}
