import { createHash } from "node:crypto";
import { dirname, join, resolve } from "node:path";
import type { Config } from "./config.ts";
import type { AuditLog, AuditVerdict } from "./core/audit.ts";
import type { Clock } from "./core/clock.ts";
import { canonicalJson } from "./core/json.ts";
import type { Log } from "./core/log.ts";
import type { Resources } from "./core/resources.ts";
import { openAnchorFile, readAnchors } from "./observe/audit/anchor.ts";
import { openAuditLog } from "./observe/audit/audit-log.ts";
import { readVersion } from "./package.ts";
import type { Database } from "./store/store.ts";

/** The audit log of a host. */
export interface HostAudit extends AuditLog {
  /** Checks the whole log, and the heads that are kept beside the data. */
  check(): Promise<AuditVerdict>;
  /** Records with which configuration this process starts. */
  sawConfig(): Promise<void>;
}

export interface OpenHostAuditOptions {
  readonly config: Config;
  readonly db: Database;
  /** Nothing is to be left behind: heads are not kept outside. */
  readonly isStandIn: boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly resources: Resources;
}

/** What a configuration holds that is nobody's business: its name tells. */
const SECRET = /key|token|secret|password|url|credential/i;

export function openHostAudit({ config, db, isStandIn, clock, log, resources }: OpenHostAuditOptions): HostAudit {
  const path = auditHeadsPath(config);
  const anchor = isStandIn ? undefined : openAnchorFile({ path, clock, log });
  const audit = openAuditLog({ db, clock, log, ...(anchor === undefined ? {} : { anchor }) });
  resources.add("audit log", () => audit.close());
  return {
    ...audit,
    check: async () => await audit.verify({ anchors: isStandIn ? [] : await readAnchors(path) }),
    sawConfig: () =>
      audit.record({
        actor: "millrace",
        action: "config.seen",
        subject: "config",
        data: {
          version: readVersion(),
          role: config.role,
          digest: digestOf(config),
          providers: Object.keys(config.providers).toSorted().join(", "),
          automations: config.automations.length,
        },
      }),
  };
}

/** Where the heads of the audit log are kept outside of the database. */
export function auditHeadsPath({ data, file, observe }: Config): string {
  if (observe.auditHeads === undefined) return join(data, "audit-heads.ndjson");
  return resolve(file === undefined ? "." : dirname(file), observe.auditHeads);
}

/** Tells whether two configurations are the same, secrets and functions apart. */
function digestOf({ automations, ...config }: Config): string {
  const names = automations.map(({ name }) => name);
  const open = JSON.stringify({ ...config, automations: names }, (name, value: unknown) =>
    SECRET.test(name) && typeof value === "string" ? undefined : value,
  );
  return createHash("sha256")
    .update(canonicalJson(JSON.parse(open)))
    .digest("hex")
    .slice(0, 16);
}
