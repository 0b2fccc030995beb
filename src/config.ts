import { dirname, resolve } from "node:path";
import type { z } from "zod";
import type { AnyApp, Services } from "./app.ts";
import { type Environment, readEnvironment, type Setting, unknownVariables } from "./config-environment.ts";
import { importConfigFile, isTree, type Tree } from "./config-file.ts";
import { checkAliases, checkCallNames } from "./config-calls.ts";
import { toProvider, type UserProvider } from "./config-providers.ts";
import type { ParsedConfig } from "./config-schema.ts";
import type { CallsConfig } from "./calls/config.ts";
import type { GatewayConfig } from "./calls/gateway/config.ts";
import type { CachePolicy } from "./cache/cache.ts";
import type { MemoryLevelOptions } from "./cache/memory/memory-level.ts";
import type { SimilarOptions } from "./cache/semantic/create-similar.ts";
import { MillraceError } from "./core/errors.ts";
import type { LogLevel } from "./core/log.ts";
import { check } from "./core/schema.ts";
import type { ModelPrice, ModelsConfig, ProviderConfig } from "./model/config.ts";
import { didYouMean } from "./core/nearest.ts";
import type { Objective } from "./observe/objectives/objective.ts";
import type { AnyAutomation } from "./runs/automation.ts";
import type { RetentionOptions } from "./runs/retention.ts";
import type { Durability } from "./store/sqlite/durability.ts";

/** What `millrace.config.ts` exports. Everything may be left out; variables and flags win over it. */
export interface UserConfig {
  /** Folder of the database and all files. Relative to the configuration file. Default `data` in the working folder. */
  readonly data?: string;
  /** Address to bind to. Default 127.0.0.1; anything beyond loopback needs tokens. */
  readonly host?: string;
  /** Default 8018; 0 takes any free port. */
  readonly port?: number;
  /** IANA name. Default: the machine's. */
  readonly timezone?: string;
  readonly log?: {
    /** Default info, for `millrace run` warn. */
    readonly level?: LogLevel;
    /** Default `pretty` on a terminal, `json` elsewhere. */
    readonly format?: "pretty" | "json";
  };
  /** Aliases for models: `{ fast: "anthropic/claude-haiku-4-5" }`. */
  readonly models?: Readonly<Record<string, string>>;
  /** By name. Keys are better given as variables, such as ANTHROPIC_API_KEY. */
  readonly providers?: Readonly<Record<string, UserProvider>>;
  /** Prices by `provider/model`; these win over the table that Millrace brings. */
  readonly prices?: Readonly<Record<string, ModelPrice>>;
  /** Bounds of the cache's levels, its policies, and how similar questions are found. */
  readonly cache?: CacheConfig;
  /** Bounds of model calls, and what happens when they fail. */
  readonly calls?: CallsConfig;
  /** Who may use the OpenAI- and Anthropic-compatible addresses below `/v1`, and how much. */
  readonly gateway?: GatewayConfig;
  /** Shares the cache with other processes through Redis: `redis://host:6379`. Better given as MILLRACE_REDIS_URL. Default: the store's SQLite. */
  readonly redis?: { readonly url: string };
  /** Keeps everything in Postgres, for several processes at once. Better given as MILLRACE_DATABASE_URL. Default: SQLite in the data folder. */
  readonly database?: DatabaseConfig;
  /**
   * What a commit to SQLite survives: `normal` a killed process (power loss may take the last ones), `full` power loss as well, at one flush
   * to disk a group of writes. Postgres has settings of its own. Default normal.
   */
  readonly durability?: Durability;
  /**
   * What this process does: `web` answers and starts runs, `worker` executes them, `all` does both. Other than `all` only on Postgres.
   * Default all.
   */
  readonly role?: Role;
  /** Where a worker tells how it is (`/api/health`, `/api/ready`, `/metrics`). Default: nowhere. */
  readonly worker?: { readonly port: number };
  /** How many runs are executed at once, and how long ended ones are kept. */
  readonly runs?: RunsConfig;
  /** What should hold of the service, how much memory it may take, and where the head of the audit log is kept. */
  readonly observe?: ObserveConfig;
  readonly automations?: readonly AnyAutomation<Services>[];
  /** A section for each app, by its name. */
  readonly apps?: Readonly<Record<string, object>>;
}

export type Role = "all" | "web" | "worker";

export interface DatabaseConfig {
  /** `postgres://user:password@host:5432/database`. */
  readonly url: string;
  /** Connections that stay open. Default 10. */
  readonly min?: number;
  /** Connections at most, beside one that hears of changes. Default 100. */
  readonly max?: number;
  /** Address of a replica, for pages of runs, which may then lag behind. Default: the same database. */
  readonly replica?: string;
  /** How runs that may start come to workers: by a job of pg-boss each, or by a look into the table of runs. Default pg-boss. */
  readonly dispatch?: "pg-boss" | "table";
}

export interface RunsConfig {
  /** Runs that a process executes at once. Default 32. */
  readonly slots?: number;
  readonly retention?: RetentionOptions;
}

export interface ObserveConfig {
  /** By name, over those that Millrace brings; `false` leaves one out. */
  readonly objectives?: Readonly<Record<string, Objective | false>>;
  readonly memory?: {
    /** What the process may take, resident. Default: the container's limit, or half of the machine's memory. */
    readonly limitBytes?: number;
    /** Share of that limit, and of the heap's, from which on caches shrink and fewer runs are started. Default 0.75. */
    readonly high?: number;
    /** From which on no run is started and heavy requests are refused. Default 0.88. */
    readonly critical?: number;
  };
  /** File to which the head of the audit log is appended. Better on another drive. Default `audit-heads.ndjson` in the data folder. */
  readonly auditHeads?: string;
}

/** Bounds of the cache's levels, and policies beside those that every cache knows. */
export interface CacheConfig {
  readonly memory?: Pick<MemoryLevelOptions, "maxItems" | "maxBytes" | "policy">;
  readonly database?: { readonly maxItems?: number; readonly maxBytes?: number };
  readonly files?: { readonly minBytes?: number; readonly maxBytes?: number };
  readonly policies?: Readonly<Record<string, Omit<CachePolicy, "isNegative">>>;
  /** For calls that opt in with `similar`. */
  readonly similar?: Pick<SimilarOptions, "namespaces" | "opposites" | "maxItems" | "maxBytes"> & {
    /**
     * What turns a question into a vector: `local` (the optional packages of @energetic-ai), `hash` (n-grams, knows no meaning) or
     * `provider/model`. Default: local where it is installed, else hash.
     */
    readonly embedder?: "hash" | "local" | (string & {});
  };
}

/** The configuration as everything reads it: complete and checked. */
export interface Config extends ModelsConfig {
  /** Absolute. */
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly timezone: string;
  /** `undefined`: the command decides. */
  readonly log: { readonly level: LogLevel | undefined; readonly format: "pretty" | "json" | undefined };
  readonly cache: CacheConfig;
  readonly calls: CallsConfig;
  readonly gateway: GatewayConfig;
  readonly redis: { readonly url: string } | undefined;
  readonly database: DatabaseConfig | undefined;
  readonly role: Role;
  readonly durability: Durability;
  readonly worker: { readonly port: number } | undefined;
  readonly runs: RunsConfig;
  readonly observe: ObserveConfig;
  readonly automations: readonly AnyAutomation<Services>[];
  /** By the app's name, as its schema gave it. */
  readonly apps: Readonly<Record<string, unknown>>;
  /** The file it was read from, absolute; undefined when there is none. */
  readonly file: string | undefined;
}

/** What the command line may set. */
export interface ConfigFlags {
  readonly data?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly role?: string | undefined;
  readonly workerPort?: number | undefined;
  /** The configuration file. */
  readonly config?: string | undefined;
}

export interface LoadConfigOptions {
  /** Apps whose sections are checked. */
  readonly apps?: readonly AnyApp[];
  readonly flags?: ConfigFlags;
  /** Stands for what a file exports; none is looked for then. */
  readonly content?: UserConfig;
  /** Default: that of the process. */
  readonly environment?: Environment;
  /** Where the file is looked for and relative paths start. Default: the working folder of the process. */
  readonly cwd?: string;
}

/** Writes a configuration with its type. */
export function defineConfig(config: UserConfig): UserConfig {
  return config;
}

/** Asks whether stacks are wanted: MILLRACE_LOG_LEVEL is debug. Needed also where the configuration itself cannot be read. */
// oxlint-disable-next-line no-restricted-properties -- the one home of the environment
export function isDebugging(environment: Environment = process.env): boolean {
  return environment["MILLRACE_LOG_LEVEL"]?.toLowerCase() === "debug";
}

/**
 * Reads the configuration once: the file, over it the variables, over those the flags. Throws CONFIG_INVALID with every mistake, each
 * with its place and what would be right.
 */
export async function loadConfig({
  apps = [],
  flags = {},
  content,
  // oxlint-disable-next-line no-restricted-properties -- the one home of the environment
  environment = process.env,
  cwd = process.cwd(),
}: LoadConfigOptions = {}): Promise<Config> {
  const file = content === undefined ? await importConfigFile(cwd, flags.config) : undefined;
  const settings = [...readEnvironment(environment, cwd), ...readFlags(flags, cwd)];
  const merged = settings.reduce(put, copyOf({ ...(content ?? file?.content) }));
  const { UserConfigSchema } = await import("./config-schema.ts");
  const parsed = UserConfigSchema.safeParse(merged);
  const mistakes = [...unknownVariables(environment)];
  if (!parsed.success) mistakes.push(...parsed.error.issues.flatMap((issue) => linesOf(issue, settings)));
  const sections = await checkApps(apps, isTree(merged["apps"]) ? merged["apps"] : {}, settings, mistakes);
  const providers = parsed.success ? toProviders(parsed.data, settings, mistakes) : {};
  if (parsed.success) {
    const { calls = {}, models = {}, providers = {} } = parsed.data;
    const names = { aliases: Object.keys(models), providers: Object.keys(providers) };
    mistakes.push(...checkAliases(models, names, (alias) => placeOf(["models", alias], settings)));
    mistakes.push(...checkCallNames(calls as CallsConfig, names));
  }
  const zone = parsed.data?.timezone ?? machineTimezone(environment, mistakes);
  const role = parsed.data?.role;
  if (role !== undefined && role !== "all" && parsed.data?.database === undefined) {
    mistakes.push(`${placeOf(["role"], settings)}: ${role} needs a Postgres database: set MILLRACE_DATABASE_URL.`);
  }
  if (parsed.data?.durability !== undefined && parsed.data.database !== undefined) {
    mistakes.push(
      `${placeOf(["durability"], settings)}: is for SQLite; on Postgres its synchronous_commit decides: leave this out.`,
    );
  }
  if (!parsed.success || mistakes.length > 0) throw configInvalid(mistakes, file?.path);
  const { data, host, port, log, models, prices, automations } = parsed.data;
  return {
    data: resolve(file === undefined ? cwd : dirname(file.path), data ?? resolve(cwd, "data")),
    host: host ?? "127.0.0.1",
    port: port ?? 8018,
    timezone: zone,
    log: { level: log?.level, format: log?.format },
    models: models ?? {},
    prices: prices ?? {},
    providers,
    // The schema says `undefined` for what may be left out.
    cache: (parsed.data.cache ?? {}) as CacheConfig,
    calls: (parsed.data.calls ?? {}) as CallsConfig,
    gateway: (parsed.data.gateway ?? {}) as GatewayConfig,
    redis: parsed.data.redis,
    database: parsed.data.database as DatabaseConfig | undefined,
    role: role ?? "all",
    durability: parsed.data.durability ?? "normal",
    worker: parsed.data.worker,
    runs: (parsed.data.runs ?? {}) as RunsConfig,
    observe: (parsed.data.observe ?? {}) as ObserveConfig,
    automations: automations ?? [],
    apps: sections,
    file: file?.path,
  };
}

/** With a TZ that is none, Node knows no zone at all. */
function machineTimezone(environment: Environment, mistakes: string[]): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone as string | undefined;
  if (zone !== undefined) return zone;
  mistakes.push(`TZ: "${environment["TZ"] ?? ""}" is not a known time zone: correct it, or set MILLRACE_TIMEZONE.`);
  return "";
}

function readFlags({ data, host, port, role, workerPort }: ConfigFlags, cwd: string): readonly Setting[] {
  const all = [
    { origin: "--data", path: ["data"], value: data === undefined ? undefined : resolve(cwd, data) },
    { origin: "--host", path: ["host"], value: host },
    { origin: "--port", path: ["port"], value: port },
    { origin: "--role", path: ["role"], value: role },
    { origin: "--worker-port", path: ["worker", "port"], value: workerPort },
  ];
  return all.filter(({ value }) => value !== undefined);
}

/** Copies the objects of a tree and shares its leaves, so that merging changes nothing of the user's. */
function copyOf(value: Tree): Tree {
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, isTree(entry) ? copyOf(entry) : entry]));
}

/** Puts a setting in its place, unless something that is no object is in the way: the schema will name that. */
function put(tree: Tree, { path, value }: Setting): Tree {
  const [key, ...rest] = path;
  if (key === undefined) return tree;
  if (rest.length === 0) return { ...tree, [key]: value };
  const below = tree[key] ?? {};
  return isTree(below) ? { ...tree, [key]: put(below, { path: rest, value, origin: "" }) } : tree;
}

/** A place as the user knows it: the variable or flag that set it, or its keys in the file. */
function placeOf(path: readonly PropertyKey[], settings: readonly Setting[]): string {
  const keys = path.map(String);
  const setting = settings.findLast((each) => each.path.join("\n") === keys.join("\n"));
  if (setting !== undefined) return setting.origin;
  return keys.length === 0 ? "the configuration" : keys.join(".");
}

/** One line for a mistake; one for each key that is no setting. */
function linesOf(issue: z.core.$ZodIssue, settings: readonly Setting[]): readonly string[] {
  if (issue.code !== "unrecognized_keys") return [`${placeOf(issue.path, settings)}: ${issue.message}`];
  const hints = issue.message.split("\n");
  return issue.keys.map((key, index) => `${placeOf([...issue.path, key], settings)}: ${hints[index]}`);
}

function toProviders(
  { providers = {} }: ParsedConfig,
  settings: readonly Setting[],
  mistakes: string[],
): Readonly<Record<string, ProviderConfig>> {
  const complete: Record<string, ProviderConfig> = {};
  for (const [name, given] of Object.entries(providers)) {
    const provider = toProvider(name, given);
    if (typeof provider === "string") {
      mistakes.push(`${placeOf(["providers", name, "baseUrl"], settings)}: ${provider}`);
    } else if (provider !== undefined) complete[name] = provider;
  }
  return complete;
}

async function checkApps(
  apps: readonly AnyApp[],
  given: Readonly<Record<string, unknown>>,
  settings: readonly Setting[],
  mistakes: string[],
): Promise<Readonly<Record<string, unknown>>> {
  const names = apps.map(({ name }) => name);
  const unknown = Object.keys(given).filter((name) => !names.includes(name));
  mistakes.push(...unknown.map((name) => `apps.${name}: there is no such app.${didYouMean(name, names)}`));
  const sections: Record<string, unknown> = {};
  for (const app of apps) {
    const result = await check(app.config, given[app.name] === undefined ? {} : given[app.name]);
    if (result.ok) sections[app.name] = result.value;
    else {
      for (const { pointer, detail } of result.mistakes) {
        const place = placeOf(["apps", app.name, ...pointer.split("/").slice(1)], settings);
        mistakes.push(`${place}: ${detail}`);
      }
    }
  }
  return sections;
}

/** The error that names mistakes of a configuration, one a line. */
export function configInvalid(mistakes: readonly string[], file: string | undefined): MillraceError {
  const where = file === undefined ? "" : ` (${file})`;
  const [only] = mistakes;
  const message =
    mistakes.length === 1 && only !== undefined
      ? `The configuration${where} has a mistake: ${only}`
      : `The configuration${where} has ${mistakes.length} mistakes:\n${mistakes.map((each) => `  ${each}`).join("\n")}`;
  return new MillraceError("CONFIG_INVALID", message, {
    facts: { mistakes },
    advice: "Mend what is named above, then start again.",
  });
}
