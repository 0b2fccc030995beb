import { APPS } from "../apps.ts";
import { type Config, type ConfigFlags, loadConfig } from "../config.ts";
import { createLog, type Log, type LogLevel } from "../core/log.ts";
import { type Host, openHost } from "../host.ts";

/** Flags that every command takes which reads the configuration. */
export interface CommonFlags extends ConfigFlags {
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export function readConfig(flags: ConfigFlags): Promise<Config> {
  return loadConfig({ apps: APPS, flags });
}

/** The log of a command: lines for people on a terminal, JSON elsewhere, always on the standard error. */
export function openLog({ log }: Config, defaultLevel: LogLevel): Log {
  return createLog({
    level: log.level ?? defaultLevel,
    format: log.format ?? (process.stderr.isTTY ? "pretty" : "json"),
  });
}

export interface OpenParams {
  readonly flags: CommonFlags;
  /** When neither configuration nor `--verbose` says otherwise. */
  readonly level: LogLevel;
  readonly only?: string;
  /** Default true. */
  readonly makesData?: boolean;
  /** Called before anything is opened: what it throws leaves nothing behind. */
  readonly before?: (config: Config) => Promise<void>;
}

/** Opens what the configuration describes; close it. */
export async function openCommandHost({ flags, level, only, makesData = true, before }: OpenParams): Promise<Host> {
  const config = await readConfig(flags);
  await before?.(config);
  const log = openLog(config, flags.verbose === true ? "info" : level);
  return await openHost({ config, apps: APPS, log, makesData, ...(only === undefined ? {} : { only }) });
}

/** Opens a host for one piece of work that executes nothing and makes no data folder, and closes it whatever happens. */
export async function withHost<T>(flags: CommonFlags, work: (host: Host) => Promise<T>): Promise<T> {
  const host = await openCommandHost({ flags, level: "warn", makesData: false });
  try {
    return await work(host);
  } finally {
    await host.close();
  }
}
