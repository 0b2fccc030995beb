import type { AuditLog } from "./core/audit.ts";
import type { Clock } from "./core/clock.ts";
import type { Events } from "./core/events.ts";
import type { Ids } from "./core/ids.ts";
import type { Log } from "./core/log.ts";
import type { Random } from "./core/random.ts";
import type { Schema } from "./core/schema.ts";
import type { Cache } from "./cache/cache.ts";
import type { QueryCache } from "./cache/query-cache.ts";
import type { WarmingLoader } from "./cache/warm.ts";
import type { Ai } from "./calls/ai.ts";
import type { Route } from "./http/route.ts";
import type { AnyAutomation } from "./runs/automation.ts";
import type { Engine } from "./runs/engine.ts";
import type { Database } from "./store/store.ts";

/** What the host adds to the context of every automation. */
export interface Services {
  readonly ai: Ai;
  readonly cache: Cache;
}

/** What an app is given to stand on. */
export interface AppHost<Config> {
  readonly config: Config;
  /** IANA name from the configuration. */
  readonly timezone: string;
  /** A folder of its own below the data folder, as an absolute path; made on first use by the app. */
  readonly directory: string;
  readonly db: Database;
  readonly cache: Cache;
  /** Reads of `db` whose answers are kept until a write through it touches their tables. */
  readonly queries: QueryCache;
  /** Records what people decide, in the transaction of the change where it matters. */
  readonly audit: Pick<AuditLog, "note" | "record" | "beside" | "entries">;
  readonly events: Events;
  readonly log: Log;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  /** To start runs; usable from `started` on. */
  readonly engine: Pick<Engine, "trigger">;
}

export interface AppInstance {
  readonly automations: readonly AnyAutomation<Services>[];
  readonly routes: readonly Route[];
  /** Values to be made before they are asked for, at the start and by schedule. */
  readonly loaders?: readonly WarmingLoader[];
  /** Called by `millrace start` once the engine runs and the server answers. */
  readonly started?: () => Promise<void>;
  /** Stops what `started` began. Called once, before the engine closes. */
  readonly close?: () => Promise<void>;
  /** What `millrace doctor` asks: whether what the app is connected to can be reached. */
  readonly checks?: () => Promise<readonly AppCheck[]>;
}

/** One line of `millrace doctor`. */
export interface AppCheck {
  readonly name: string;
  /** `broken` is what stops the app from working. */
  readonly state: "fine" | "note" | "broken";
  readonly detail: string;
  readonly advice?: string;
}

/** A flag of a command: `--max-rules <number>`. */
export interface CommandOption {
  /** Without the dashes. */
  readonly name: string;
  /** What stands for its value in the help. */
  readonly value: string;
  readonly description: string;
  /** Default false. */
  readonly isRequired?: boolean;
}

/** The flags that were given, by the name of their option; a flag that was not is undefined. */
export type CommandFlags = Readonly<Record<string, string | undefined>>;

export interface CommandHost {
  readonly clock: Clock;
  /** Aborts at SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

export interface CommandAnswer {
  /** What `--json` prints, as one line. */
  readonly json: object;
  /** What is printed otherwise. */
  readonly text: string;
}

/** Something that an app does on the command line, as `millrace <app> <name>`, with no configuration, data folder or server. */
export interface AppCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CommandOption[];
  /** Loads what it needs only now. Bad flags are a MillraceError with the code INPUT_INVALID. */
  readonly run: (flags: CommandFlags, host: CommandHost) => Promise<CommandAnswer>;
}

/** A folder with automations, tables, routes and a dashboard page. */
export interface App<Config = unknown> {
  readonly name: string;
  /** Checks its section `apps.<name>` of the configuration; must accept `{}`. */
  readonly config: Schema<Config>;
  /** Folder of its migrations. */
  readonly tables?: URL;
  readonly create: (host: AppHost<Config>) => AppInstance;
  readonly commands?: readonly AppCommand[];
}

/** An app of any configuration, as lists hold it. */
// oxlint-disable-next-line typescript/no-explicit-any -- contravariant in its configuration
export type AnyApp = App<any>;

/** Defines an app with the type of its configuration. */
export function defineApp<Config>(app: App<Config>): App<Config> {
  return app;
}
