import type { Config } from "./config.ts";
import type { Clock } from "./core/clock.ts";
import type { Events, LimitsState } from "./core/events.ts";
import type { Ids } from "./core/ids.ts";
import type { Log } from "./core/log.ts";
import type { Resources } from "./core/resources.ts";
import { watchProcesses } from "./host-processes.ts";
import { createLimitSharing, type LimitSharing } from "./resilience/shared/limit-sharing.ts";
import { createSharedBreakers } from "./resilience/shared/shared-breakers.ts";
import { createSharedState, type SharedState } from "./resilience/shared/shared-state.ts";
import type { Database } from "./store/store.ts";

export interface HostLimitsOptions {
  readonly config: Pick<Config, "redis" | "database" | "calls" | "role">;
  readonly db: Database;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly events: Events;
  readonly log: Log;
  readonly resources: Resources;
  /** False: a command that looks and goes. Default true. */
  readonly makesData?: boolean;
}

/** Where the limits of model calls stand. */
export interface HostLimits {
  /** Undefined: this process is the only one. */
  readonly sharing: LimitSharing | undefined;
  state(): LimitsState;
}

/** A limit is asked before each call: a Redis that takes longer is as good as away. */
const COMMAND_TIMEOUT_MS = 500;

/**
 * Limits are shared through Redis where there is one; where there is none, or while it is away, each process that lives on the same Postgres
 * takes its part, and says so. One process on SQLite has them for itself.
 */
export async function openHostLimits(options: HostLimitsOptions): Promise<HostLimits> {
  const { config, db, clock, ids, events, log, resources } = options;
  const { redis, database, calls, role } = config;
  if (redis === undefined && database === undefined) {
    return { sharing: undefined, state: () => ({ mode: "own", share: 1, processes: 1 }) };
  }
  let shared: SharedState | undefined;
  let told = "";

  function state(): LimitsState {
    const count = processes?.count() ?? 1;
    return { mode: shared?.isUp() === true ? "shared" : "share", share: calls.share ?? 1 / count, processes: count };
  }

  function tell(reason: string): void {
    const now = state();
    // Nobody's part depends on how many there are while all ask the server.
    const key = now.mode === "shared" ? "shared" : `${now.mode} ${now.share}`;
    if (key === told) return;
    told = key;
    if (now.mode === "share" && now.share < 1) {
      log.warn({ ...now, reason }, "limits of model calls are not shared: each process takes its part of them");
    } else log.info({ ...now, reason }, "limits of model calls");
    events.emit("limits-change", { ...now, reason, at: clock.now() });
  }

  const processes =
    database === undefined
      ? undefined
      : await watchProcesses({
          db,
          id: ids.next(),
          role,
          isVisitor: options.makesData === false,
          clock,
          log,
          onChange() {
            shared?.shareChanged();
            tell("There are more processes, or fewer.");
          },
        });
  if (processes !== undefined) resources.add("processes", () => processes.close());

  const opened = createSharedState({
    clock,
    share: () => state().share,
    script: redis === undefined ? undefined : await openScripts(redis.url),
    onChange: (isUp) => tell(isUp ? "Redis answers again." : "Redis does not answer."),
  });
  shared = opened;
  resources.add("shared limits", () => opened.close());
  const breakers = createSharedBreakers({ state: opened, clock });
  resources.add("shared breakers", () => breakers.close());
  // A server that is away is known to be before the first call.
  await opened.run("return 1", [], []).catch(() => undefined);
  tell(redis === undefined ? "There is no Redis." : opened.isUp() ? "Redis answers." : "Redis does not answer.");

  async function openScripts(url: string) {
    const [{ connectRedis }, { createScript }] = await Promise.all([
      import("./cache/redis/connect.ts"),
      import("./cache/redis/script.ts"),
    ]);
    const connections = await connectRedis(url, { log, commandTimeoutMs: COMMAND_TIMEOUT_MS });
    resources.add("redis of limits", () => connections.close());
    return (source: string) => createScript(connections.client, source);
  }

  return { sharing: createLimitSharing({ state: opened, breakers, ids }), state };
}
