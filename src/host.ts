import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { AnyApp, AppCheck, AppInstance, Services } from "./app.ts";
import { createBatchStore } from "./host-batches.ts";
import { createDatabaseBudgetStore } from "./host-budgets.ts";
import { createCallLedgerStore } from "./host-calls.ts";
import { type CallLedger, createCallLedger } from "./calls/ledger.ts";
import { toMs } from "./core/duration.ts";
import { createPolicies } from "./cache/policies.ts";
import type { WarmingLoader } from "./cache/warm.ts";
import type { AiRun } from "./calls/ai-run.ts";
import { type AiFactory, createAiFactory } from "./calls/create-ai.ts";
import type { Gateway } from "./calls/gateway/gateway.ts";
import { checkBudgetNames } from "./config-calls.ts";
import { type Config, configInvalid } from "./config.ts";
import { type Clock, systemClock } from "./core/clock.ts";
import { MillraceError } from "./core/errors.ts";
import { createEvents, type Events } from "./core/events.ts";
import { createIds, type Ids } from "./core/ids.ts";
import { createLog, type Log } from "./core/log.ts";
import { type Random, systemRandom } from "./core/random.ts";
import { type CloseReport, createResources, type Resources } from "./core/resources.ts";
import { logFailures } from "./failure-log.ts";
import { createLateGateway } from "./late-gateway.ts";
import { openSimilarEmbedder } from "./similar-embedder.ts";
import { type HostAudit, openHostAudit } from "./host-audit.ts";
import { type HostCache, openHostCache } from "./host-cache.ts";
import { type HostObserve, openHostObserve } from "./host-observe.ts";
import { type HostLimits, openHostLimits } from "./host-limits.ts";
import { openHostStore } from "./host-store.ts";
import type { Route } from "./http/route.ts";
import type { ProcessSampler } from "./observe/process-sample.ts";
import type { AnyAutomation } from "./runs/automation.ts";
import { createEngine } from "./runs/create-engine.ts";
import type { Engine } from "./runs/engine.ts";
import { unknownAutomation } from "./runs/registry.ts";
import type { RunStore, Store } from "./store/store.ts";

export interface OpenHostOptions {
  /** From `loadConfig`, given the same apps. */
  readonly config: Config;
  /** Default none. */
  readonly apps?: readonly AnyApp[];
  /** Besides those of the configuration and the apps. Default none. */
  readonly automations?: readonly AnyAutomation<Services>[];
  /**
   * Executes runs of this automation alone, and fires no schedule; those of others stay queued. Whoever asks for one waits for it, so how
   * its runs and steps end is not logged: listen to the events. Default: all.
   */
  readonly only?: string;
  /**
   * Whether the data folder is made when there is no database in it. Without, an empty one in a temporary folder stands in, so that a
   * look leaves nothing behind. Default true.
   */
  readonly makesData?: boolean;
  /** Looks at what the process takes. Default: the process as it is. */
  readonly sampler?: ProcessSampler;
  /** How many runs are executed at once. Default 32. */
  readonly slots?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Default: warnings and errors as JSON on the standard error. */
  readonly log?: Log;
}

/** A Millrace without its server: everything is open, nothing is executed before `start`. */
export interface Host {
  readonly config: Config;
  readonly store: Store;
  /** There is no database in the data folder and none was to be made: what is stored goes when this closes. */
  readonly isStandIn: boolean;
  readonly engine: Engine;
  readonly ai: AiFactory;
  /** Models behind the APIs that other clients speak. */
  readonly gateway: Gateway;
  readonly cache: HostCache;
  /** Where the limits of model calls stand. */
  readonly limits: HostLimits;
  /** What calls asked and what they cost. */
  readonly calls: CallLedger;
  /** What people and the configuration did. */
  readonly audit: HostAudit;
  /** What is counted, and how near the process is to its limits. */
  readonly observe: HostObserve;
  /** The routes of the apps. */
  readonly routes: readonly Route[];
  /** The warming loaders of the apps. */
  readonly loaders: readonly WarmingLoader[];
  readonly automations: readonly AnyAutomation<Services>[];
  readonly events: Events;
  readonly log: Log;
  readonly clock: Clock;
  readonly ids: Ids;
  /** What is registered here closes before the engine does. */
  readonly resources: Resources;
  /** Starts to execute runs, or to wait for the process that does. */
  start(): Promise<"owner" | "guest">;
  /** Undefined before `start`. */
  role(): "owner" | "guest" | undefined;
  /** Tells the apps that everything runs: they may start work of their own. */
  started(): Promise<void>;
  /** What the apps say about what they are connected to. */
  checks(): Promise<readonly AppCheck[]>;
  /** Closes everything in reverse order. */
  close(): Promise<CloseReport>;
}

/**
 * Opens the store, the models, the apps and the engine. Throws DATA_UNUSABLE, STORE_NEWER, AUTOMATION_DUPLICATE, and
 * AUTOMATION_UNKNOWN for an `only` that there is not; whatever was open by then is closed.
 */
export async function openHost(options: OpenHostOptions): Promise<Host> {
  const { clock = systemClock, log = createLog({ level: "warn" }) } = options;
  const resources = createResources({ clock, log });
  try {
    return await open({ ...options, clock, log, resources });
  } catch (error) {
    await resources.close();
    throw error;
  }
}

interface OpenParams extends OpenHostOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly resources: Resources;
}

async function open(params: OpenParams): Promise<Host> {
  const { config, apps = [], only, clock, log, resources, random = systemRandom } = params;
  const ids = createIds({ clock, random });
  const events = createEvents((error) => log.error({ error }, "a listener failed"));
  if (only === undefined) logFailures(events, log);
  const isStandIn = params.makesData === false && config.database === undefined && !(await hasData(config.data));
  const opened = await openHostStore({ config, isStandIn, clock, log });
  resources.add("store", () => opened.close());
  const audit = openHostAudit({ config, db: opened.db, isStandIn, clock, log, resources });
  const observe = openHostObserve({ ...params, store: opened, events, ids });
  const { store } = observe;
  const hostCache = await openHostCache({
    ...params,
    db: opened.db,
    appDb: store.db,
    hasFiles: !isStandIn,
    openEmbedder: (name) => openSimilarEmbedder(name, () => ai),
    random,
    ids,
    events,
  });
  const { cache } = hostCache;
  const { keep } = config.calls;
  const calls = createCallLedger({
    store: createCallLedgerStore(opened.db),
    clock,
    log,
    ...(keep === undefined ? {} : { keepMs: toMs(keep) }),
  });
  resources.add("call ledger", () => calls.close());
  const limits = await openHostLimits({ ...params, db: store.db, ids, events });
  const ai: AiFactory = createAiFactory({
    sharing: limits.sharing,
    ledger: calls,
    batches: createBatchStore(store.db),
    budgets: createDatabaseBudgetStore(store.db, clock),
    config,
    clock,
    random,
    events,
    log,
    ids,
    answers: { cache, policies: createPolicies(config.cache), similar: () => hostCache.similar() },
  });
  resources.add("providers", () => ai.close());
  for (const { name, tables } of apps) {
    if (tables !== undefined) await store.db.migrate({ owner: name, directory: tables });
  }

  let engine: Engine | undefined;
  let role: "owner" | "guest" | undefined;
  const trigger: Engine["trigger"] = (...request) => requireEngine(engine).trigger(...request);
  const instances = apps.map((app) =>
    createApp(app, { ...params, random, ids, events, store, hostCache, audit, trigger }),
  );
  const loaders = instances.flatMap((instance) => instance.loaders ?? []);
  const automations = [
    ...instances.flatMap((instance) => instance.automations),
    ...config.automations,
    ...(params.automations ?? []),
  ];
  const mistakes = checkBudgetNames(
    config.calls.budgets ?? {},
    automations.map(({ name }) => name),
  );
  if (mistakes.length > 0) throw configInvalid(mistakes, config.file);
  engine = createEngine({
    store: only === undefined ? store : withoutSchedules(store),
    automations: only === undefined ? automations : [manualOnly(requireAutomation(automations, only))],
    services: (run: AiRun): Services => ({ ai: ai.forRun(run), cache }),
    clock,
    random,
    ids,
    events,
    log,
    timezone: config.timezone,
    ...config.runs,
    ...(params.slots === undefined ? {} : { slots: params.slots }),
  });
  const running = engine;
  resources.add("engine", () => running.close());
  // Only an owner starts runs, so a guest that does has taken over.
  events.on("run-start", () => void (role = "owner"));
  // While a run gathers what it will ask about, the provider's package loads: its first call need not wait for it.
  const stopPreload = events.on("run-start", () => {
    stopPreload();
    ai.preload().catch((error: unknown) => log.debug({ error }, "the provider could not be loaded ahead"));
  });

  return {
    config,
    store,
    isStandIn,
    engine: running,
    ai,
    gateway: createLateGateway({ ai, config, clock }),
    cache: hostCache,
    limits,
    calls,
    audit,
    observe,
    routes: instances.flatMap((instance) => instance.routes),
    loaders,
    automations,
    events,
    log,
    clock,
    ids,
    resources,
    async start() {
      await audit.sawConfig();
      observe.start({ cache, routes: () => ai.routes() });
      role = await running.start();
      return role;
    },
    role: () => role,
    async started() {
      await hostCache.warm(loaders);
      for (const instance of instances) {
        if (instance.close !== undefined) resources.add("app", instance.close);
        await instance.started?.();
      }
    },
    checks: async () =>
      (await Promise.all(instances.map(async (instance) => (await instance.checks?.()) ?? []))).flat(),
    close: () => resources.close(),
  };
}

/** False: there is no database, and nothing is known to be in its way. What is in its way is for the store to name. */
async function hasData(directory: string): Promise<boolean> {
  return await stat(join(directory, "millrace.db")).then(
    () => true,
    (error: unknown) => !(error instanceof Error && "code" in error && error.code === "ENOENT"),
  );
}

interface AppParams extends OpenParams {
  readonly random: Random;
  readonly ids: Ids;
  readonly events: Events;
  readonly store: Store;
  readonly hostCache: HostCache;
  readonly audit: HostAudit;
  readonly trigger: Engine["trigger"];
}

function createApp(app: AnyApp, params: AppParams): AppInstance {
  const { config, store, hostCache, log, clock, random, ids, events, audit, trigger } = params;
  return app.create({
    config: config.apps[app.name],
    timezone: config.timezone,
    directory: join(config.data, app.name),
    db: store.db,
    cache: hostCache.cache,
    queries: hostCache.queries,
    audit,
    events,
    log: log.child({ app: app.name }),
    clock,
    random,
    ids,
    engine: { trigger },
  });
}

function requireEngine(engine: Engine | undefined): Engine {
  if (engine !== undefined) return engine;
  throw new MillraceError("INTERNAL", "An app started a run while it was being created.");
}

function requireAutomation(automations: readonly AnyAutomation[], name: string): AnyAutomation {
  const found = automations.find((each) => each.name === name);
  if (found !== undefined) return found;
  throw unknownAutomation(
    name,
    automations.map((each) => each.name),
  );
}

function manualOnly(automation: AnyAutomation): AnyAutomation {
  const { options } = automation;
  return { ...automation, options: { ...options, on: options.on.filter(({ kind }) => kind === "manual") } };
}

/** A store whose schedules are left as they are, for an engine that knows none of them. */
function withoutSchedules(store: Store): Pick<Store, "runs" | "db" | "own" | "hasOutsideChanges"> {
  const runs: RunStore = { ...store.runs, dropSchedule: () => Promise.resolve() };
  return { runs, db: store.db, own: () => store.own(), hasOutsideChanges: () => store.hasOutsideChanges() };
}
