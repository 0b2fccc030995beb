import type { CacheOptions } from "./cache.ts";
import { noteTags } from "./collect-tags.ts";
import type { CacheDatabase, CacheSqlValue, Scope } from "./contract.ts";
import type { OpenCache } from "./create-cache.ts";

type Row = Readonly<Record<string, CacheSqlValue>>;
type Params = Readonly<Record<string, CacheSqlValue>>;

export interface QueryOptions extends Omit<CacheOptions, "tags"> {
  /** Every table that the statement reads: a write to one of them evicts the answer. */
  readonly tables: readonly string[];
  /** More rows than this are not kept. Default 1 000. */
  readonly maxRows?: number;
}

/**
 * Answers of a database, kept until one of their tables is written through it, in this process or another one: so what writes past it must
 * not be read through it. Whoever collects tags hears of the tables that were read.
 */
export interface QueryCache {
  get(sql: string, params: Params, options: QueryOptions): Promise<Row | undefined>;
  all(sql: string, params: Params, options: QueryOptions): Promise<readonly Row[]>;
  /** Writes, and evicts what was read from these tables once it is committed. */
  write(
    statements: Parameters<CacheDatabase["write"]>[0],
    options: { readonly tables: readonly string[] },
  ): ReturnType<CacheDatabase["write"]>;
  /** Does any other work that writes to these tables, and evicts what was read from them once it has ended, well or not. */
  writing<T>(tables: readonly string[], work: () => Promise<T>): Promise<T>;
}

export function createQueryCache({ cache, db }: { readonly cache: OpenCache; readonly db: CacheDatabase }): QueryCache {
  async function writing<T>(tables: readonly string[], work: () => Promise<T>): Promise<T> {
    // A write that failed on its way back may be committed all the same, so the answers go in any case.
    try {
      return await work();
    } finally {
      await cache.evict(...tagsOf(tables).map((tag): Scope => ({ kind: "tag", tag })));
    }
  }

  return {
    get(sql, params, { tables, maxRows: _maxRows, ...options }) {
      const tags = tagsOf(tables);
      noteTags(tags);
      return cache.getOrSet(keyOf("get", sql, params), () => db.get(sql, params), { ...options, tags });
    },
    all(sql, params, { tables, maxRows = 1_000, ...options }) {
      const tags = tagsOf(tables);
      noteTags(tags);
      return cache.getOrSet(
        keyOf("all", sql, params),
        async (entry) => {
          const rows = await db.all(sql, params);
          if (rows.length > maxRows) entry.skipStore();
          return rows;
        },
        { ...options, tags },
      );
    },
    write: (statements, { tables }) => writing(tables, () => db.write(statements)),
    writing,
  };
}

function tagsOf(tables: readonly string[]): string[] {
  return tables.map((table) => `table:${table}`);
}

/** Every type by its own name, so that 1, 1n and "1" stay apart. */
function keyOf(kind: "get" | "all", sql: string, params: Params): string {
  const values = Object.keys(params)
    .toSorted()
    .map((name) => [name, typeof params[name], textOf(params[name] ?? null)]);
  return `query:${kind}:${encodeURIComponent(sql)}:${encodeURIComponent(JSON.stringify(values))}`;
}

function textOf(value: CacheSqlValue): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return Object.is(value, -0) ? "-0" : String(value);
}
