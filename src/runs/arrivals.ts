import type { Clock } from "../core/clock.ts";
import { isErrorCode } from "../core/errors.ts";
import type { Ids } from "../core/ids.ts";
import type { Log } from "../core/log.ts";
import type { Database } from "../store/store.ts";
import type { BatchRules } from "./automation.ts";
import type { StartedRun } from "./engine.ts";
import { createFileTriggers, type FileTriggers } from "./files/file-triggers.ts";
import type { FoundFile } from "./files/watched-folder.ts";
import type { Registered, Registry } from "./registry.ts";
import { runKey } from "./run-key.ts";
import { createWebhooks, type Webhooks } from "./webhook/webhooks.ts";

/** An event that came from outside. */
export interface Arrival {
  readonly type: "file" | "webhook";
  readonly data: unknown;
  /** Names it where the automation has no `key`; undefined: it has no name. */
  readonly key: string | undefined;
  readonly batch: BatchRules | undefined;
}

export interface ArrivalsParams {
  readonly registry: Registry;
  readonly db: Database;
  /** Stores a run before it resolves; asked for in one turn of the event loop, all are one transaction. */
  readonly admit: (registered: Registered, arrival: Arrival) => Promise<StartedRun>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** What starts runs from outside: files and webhooks. */
export interface Arrivals extends FileTriggers {
  readonly webhooks: Webhooks;
}

/** Throws INPUT_INVALID when two webhooks have one path. */
export function createArrivals({ registry, db, admit, clock, ids, log }: ArrivalsParams): Arrivals {
  async function admitFile(
    registered: Registered,
    { data, key }: FoundFile,
    batch: BatchRules | undefined,
  ): Promise<void> {
    try {
      await admit(registered, { type: "file", data, key: fileKey(registered, data, key), batch });
    } catch (error) {
      // Dropped by the automation's own rule.
      if (!isErrorCode(error, "RATE_LIMITED")) throw error;
    }
  }

  /** A key that cannot be made must not hold up the other files: path and content are key enough. */
  function fileKey({ automation }: Registered, data: FoundFile["data"], key: string): string | undefined {
    if (automation.options.key === undefined) return key;
    try {
      const at = new Date(clock.now()).toISOString();
      runKey(automation, { type: "file", id: "", at, data });
      return undefined;
    } catch (error) {
      log.error({ error, automation: automation.name, path: data.path }, "the key of a file's run could not be made");
      return key;
    }
  }

  const files = createFileTriggers({
    triggers: new Map(registry.all.map(({ automation, onFiles }) => [automation.name, onFiles])),
    async admit(name, trigger, found) {
      const registered = registry.require(name);
      await Promise.all(found.map((file) => admitFile(registered, file, trigger.batch)));
    },
    db,
    clock,
    ids,
    log,
  });
  const webhooks = createWebhooks({
    webhooks: registry.all.flatMap(({ automation, onWebhooks }) =>
      onWebhooks.map((trigger) => ({ automation: automation.name, trigger })),
    ),
    admit(name, { batch }, data, delivery) {
      const registered = registry.require(name);
      const key = registered.automation.options.key === undefined ? delivery : undefined;
      return admit(registered, { type: "webhook", data, key, batch });
    },
    clock,
  });
  return { ...files, webhooks };
}
