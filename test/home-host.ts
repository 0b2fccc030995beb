import { join } from "node:path";
import { home } from "../apps/home/index.ts";
import { loadConfig } from "../src/config.ts";
import type { Clock } from "../src/core/clock.ts";
import { createLog } from "../src/core/log.ts";
import { type Host, openHost } from "../src/host.ts";

export interface HomeHostOptions {
  /** Folder of the data. */
  readonly data: string;
  /** The section `apps.home`. */
  readonly section?: object;
  /** Address of a provider simulator; without one there is no provider. */
  readonly provider?: string;
  readonly clock?: Clock;
}

/** Opens Millrace with the home app, as `millrace start` does but without a server. */
export async function openHomeHost({ data, section = {}, provider, clock }: HomeHostOptions): Promise<Host> {
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
    ...(clock === undefined ? {} : { clock }),
  });
  await host.start();
  return host;
}
