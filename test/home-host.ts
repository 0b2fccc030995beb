import { join } from "node:path";
import { home } from "../apps/home/index.ts";
import { loadConfig } from "../src/config.ts";
import { type Clock, systemClock } from "../src/core/clock.ts";
import { createLog } from "../src/core/log.ts";
import { type Host, openHost } from "../src/host.ts";

export interface HomeHostOptions {
  /** Folder of the data. */
  readonly data: string;
  /** The section `apps.home`. */
  readonly section?: object;
  /** Address of a provider simulator; without one there is no provider. */
  readonly provider?: string;
  /** Default: the machine's, moved so that this process began on 2026-03-10: the sample home lives up to now, so a test fixes the day. */
  readonly clock?: Clock;
}

/** What must be added to the machine's time to be at noon of 2026-03-10 now. */
export const OFFSET_MS = Date.parse("2026-03-10T12:00:00Z") - systemClock.now();

/** The machine's clock, moved. */
export function movedClock(offsetMs: number): Clock {
  return { ...systemClock, now: () => systemClock.now() + offsetMs };
}

/** Opens Millrace with the home app, as `millrace start` does but without a server. */
export async function openHomeHost(options: HomeHostOptions): Promise<Host> {
  const { data, section = {}, provider, clock = movedClock(OFFSET_MS) } = options;
  const environment = {
    MILLRACE_TIMEZONE: "Europe/Amsterdam",
    ...(provider === undefined ? {} : { OPENAI_API_KEY: "test", OPENAI_BASE_URL: `${provider}/v1` }),
  };
  const config = await loadConfig({ apps: [home], environment, cwd: join(data, ".."), flags: { data } });
  const parsed = await home.config["~standard"].validate(section);
  if (parsed.issues !== undefined) throw new Error(JSON.stringify(parsed.issues));
  const host = await openHost({
    config: { ...config, apps: { home: parsed.value } },
    apps: [home],
    log: createLog({ level: "silent" }),
    clock,
  });
  await host.start();
  return host;
}
