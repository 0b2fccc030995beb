import type { Clock } from "../../core/clock.ts";
import type { LimitsState, PressureLevel } from "../../core/events.ts";
import type { Database } from "../../store/store.ts";
import type { Health, Ready } from "../api.ts";
import { type Route, route } from "../route.ts";
import { WithStatus } from "../with-status.ts";

export interface HealthRoutesOptions {
  readonly version: string;
  readonly clock: Clock;
  readonly db: Database;
  readonly providers: readonly string[];
  readonly timezone: string;
  /** Undefined until the engine runs. */
  readonly role: () => "owner" | "guest" | undefined;
  /** Where the limits of model calls stand. Default: nobody says. */
  readonly limitsState?: () => LimitsState;
  /** How near the process is to its limits. Default: nobody looks. */
  readonly pressure?: () => { readonly level: PressureLevel; readonly reason: string };
}

type Check = Ready["checks"][number];

export function healthRoutes(options: HealthRoutesOptions): readonly Route[] {
  const { version, clock, db, providers, timezone, role, pressure, limitsState } = options;
  const startedAt = clock.monotonic();

  async function checkDatabase(): Promise<Check> {
    try {
      await db.get("select 1 as one");
      return { name: "database", ok: true, detail: "It answers." };
    } catch (error) {
      return { name: "database", ok: false, detail: error instanceof Error ? error.message : String(error) };
    }
  }
  function checkEngine(): Check {
    const current = role();
    if (current === undefined) return { name: "engine", ok: false, detail: "It has not started yet." };
    const detail = current === "owner" ? "It executes runs." : "Another process executes the runs on this data.";
    return { name: "engine", ok: true, detail };
  }

  function checkLoad(): Check[] {
    if (pressure === undefined) return [];
    const { level, reason } = pressure();
    return [{ name: "load", ok: level !== "critical", detail: reason }];
  }

  return [
    route({
      method: "GET",
      path: "/api/health",
      summary: "Tells that the process lives.",
      handle: (): Health => ({
        status: "ok",
        version,
        uptimeMs: Math.round(clock.monotonic() - startedAt),
        ...(limitsState === undefined ? {} : { limits: limitsState() }),
      }),
    }),
    route({
      method: "GET",
      path: "/api/ready",
      summary: "Tells whether everything that is needed to work answers.",
      handle: async () => {
        const checks = [await checkDatabase(), checkEngine(), ...checkLoad()];
        const ready = checks.every(({ ok }) => ok);
        const body: Ready = { ready, checks, role: role() ?? "guest", providers, timezone };
        return new WithStatus(ready ? 200 : 503, body);
      },
    }),
  ];
}
