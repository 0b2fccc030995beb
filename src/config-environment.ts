import { resolve } from "node:path";
import { ollamaHostToUrl } from "./config-providers.ts";
import { didYouMean } from "./core/nearest.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** A value for a place of the configuration, and the name under which the user gave it. */
export interface Setting {
  readonly path: readonly string[];
  readonly value: unknown;
  readonly origin: string;
}

interface Variable {
  readonly path: readonly string[];
  readonly convert?: (value: string, cwd: string) => unknown;
}

/** A text that is no number stays a text, so that the schema complains about what was typed. */
const toNumber = (value: string): unknown => (/^-?\d+(\.\d+)?$/.test(value.trim()) ? Number(value) : value);
const toPath = (value: string, cwd: string): string => resolve(cwd, value);
/** A file, or the address of a database. */
const toPlace = (value: string, cwd: string): string =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : toPath(value, cwd);
const toLower = (value: string): string => value.toLowerCase();

/** The variables that set one place each. Where two set the same place the later one wins. */
const VARIABLES: Readonly<Record<string, Variable>> = {
  MILLRACE_DATA: { path: ["data"], convert: toPath },
  MILLRACE_HOST: { path: ["host"] },
  MILLRACE_PORT: { path: ["port"], convert: toNumber },
  MILLRACE_TIMEZONE: { path: ["timezone"] },
  MILLRACE_LOG_LEVEL: { path: ["log", "level"], convert: toLower },
  MILLRACE_LOG_FORMAT: { path: ["log", "format"], convert: toLower },
  MILLRACE_REDIS_URL: { path: ["redis", "url"] },
  MILLRACE_DATABASE_URL: { path: ["database", "url"] },
  MILLRACE_DATABASE_REPLICA_URL: { path: ["database", "replica"] },
  MILLRACE_DISPATCH: { path: ["database", "dispatch"], convert: toLower },
  MILLRACE_LIMITS_SHARE: { path: ["calls", "share"], convert: toNumber },
  MILLRACE_WORKER_PORT: { path: ["worker", "port"], convert: toNumber },
  MILLRACE_DURABILITY: { path: ["durability"], convert: toLower },
  MILLRACE_ROLE: { path: ["role"], convert: toLower },
  MILLRACE_HOME_EVENTS: { path: ["apps", "home", "events"], convert: toPlace },
  MILLRACE_HOME_ASSISTANT_URL: { path: ["apps", "home", "homeAssistant", "url"] },
  MILLRACE_HOME_ASSISTANT_TOKEN: { path: ["apps", "home", "homeAssistant", "token"] },
  MILLRACE_HOME_MQTT_URL: { path: ["apps", "home", "mqtt"] },
  MILLRACE_HOME_TIMEZONE: { path: ["apps", "home", "timezone"] },
  ANTHROPIC_API_KEY: { path: ["providers", "anthropic", "apiKey"] },
  ANTHROPIC_BASE_URL: { path: ["providers", "anthropic", "baseUrl"] },
  OPENAI_API_KEY: { path: ["providers", "openai", "apiKey"] },
  OPENAI_BASE_URL: { path: ["providers", "openai", "baseUrl"] },
  OLLAMA_API_KEY: { path: ["providers", "ollama", "apiKey"] },
  OLLAMA_HOST: { path: ["providers", "ollama", "baseUrl"], convert: ollamaHostToUrl },
  OLLAMA_BASE_URL: { path: ["providers", "ollama", "baseUrl"] },
  VLLM_API_KEY: { path: ["providers", "vllm", "apiKey"] },
  VLLM_BASE_URL: { path: ["providers", "vllm", "baseUrl"] },
  LMSTUDIO_API_KEY: { path: ["providers", "lmstudio", "apiKey"] },
  LMSTUDIO_BASE_URL: { path: ["providers", "lmstudio", "baseUrl"] },
};

const MODEL_PREFIX = "MILLRACE_MODEL_";
/** Read by the project's own scripts and tests. */
const FOREIGN = new Set([
  "MILLRACE_CHROMIUM",
  "MILLRACE_REDIS_SERVER",
  "MILLRACE_POSTGRES_BIN",
  "MILLRACE_PYTHON",
  "MILLRACE_TEST_POSTGRES",
  "MILLRACE_CHAOS_SEED",
  "MILLRACE_CHAOS_SEEDS",
  "MILLRACE_SIMULATION_SEED",
  "MILLRACE_SIMULATION_SEEDS",
]);
const KNOWN = [...Object.keys(VARIABLES), `${MODEL_PREFIX}FAST`, `${MODEL_PREFIX}SMART`].filter((name) =>
  name.startsWith("MILLRACE_"),
);

/** Reads the settings that variables give. An empty variable counts as not set. */
export function readEnvironment(environment: Environment, cwd: string): readonly Setting[] {
  const fixed = Object.entries(VARIABLES).flatMap(([origin, { path, convert }]) => {
    const value = environment[origin];
    return value === undefined || value === "" ? [] : [{ origin, path, value: convert?.(value, cwd) ?? value }];
  });
  const aliases = Object.entries(environment).flatMap(([origin, value]) => {
    const alias = origin.startsWith(MODEL_PREFIX) ? origin.slice(MODEL_PREFIX.length) : "";
    if (alias === "" || value === undefined || value === "") return [];
    return [{ origin, path: ["models", alias.toLowerCase().replaceAll("_", "-")], value }];
  });
  return [...fixed, ...aliases];
}

/** Lists the variables that look like ours and are none, with the name that was probably meant. */
export function unknownVariables(environment: Environment): readonly string[] {
  return Object.keys(environment)
    .filter((name) => name.startsWith("MILLRACE_") && !(name in VARIABLES) && !FOREIGN.has(name))
    .filter((name) => !name.startsWith(MODEL_PREFIX) || name === MODEL_PREFIX)
    .map((name) => `${name}: is not a variable that Millrace reads.${didYouMean(name, KNOWN)}`);
}
