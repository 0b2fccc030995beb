/** What the Supervisor writes to `/data/options.json`, by the schema of `config.yaml`. */
export interface AddonOptions {
  readonly home_name?: string;
  readonly backfill_days?: number;
  readonly log_level?: string;
  readonly openai_api_key?: string;
  readonly openai_base_url?: string;
  readonly anthropic_api_key?: string;
  readonly ollama_host?: string;
  readonly model_fast?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Where the Supervisor passes on to Home Assistant, with its own token for the add-on. */
const CORE = "http://supervisor/core";

/** What the Supervisor says of the MQTT broker. */
export interface MqttService {
  readonly host: string;
  readonly port: number;
  readonly ssl?: boolean;
  readonly username?: string;
  readonly password?: string;
}

/** The address of the broker, for `MILLRACE_HOME_MQTT_URL`. */
export function toMqttUrl({ host, port, ssl = false, username = "", password = "" }: MqttService): string {
  const url = new URL(`${ssl ? "mqtts" : "mqtt"}://${host}:${port}`);
  url.username = username;
  url.password = password;
  return url.href;
}

/** The variables of Millrace in the add-on. What is not set is left out. */
export function toEnvironment(options: AddonOptions, given: Environment): Record<string, string> {
  const token = given["SUPERVISOR_TOKEN"];
  const all: Environment = {
    MILLRACE_DATA: "/data/millrace",
    MILLRACE_LOG_LEVEL: options.log_level,
    ...(token === undefined ? {} : { MILLRACE_HOME_ASSISTANT_URL: CORE, MILLRACE_HOME_ASSISTANT_TOKEN: token }),
    MILLRACE_TIMEZONE: given["TZ"],
    OPENAI_API_KEY: options.openai_api_key,
    OPENAI_BASE_URL: options.openai_base_url,
    ANTHROPIC_API_KEY: options.anthropic_api_key,
    OLLAMA_HOST: options.ollama_host,
    MILLRACE_MODEL_FAST: options.model_fast,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined || value === "" ? [] : [[name, value]])),
  );
}

/** The configuration file for what has no variable. It holds no secret. */
export function toConfiguration({ home_name: name = "home", backfill_days: backfillDays = 10 }: AddonOptions): object {
  return { apps: { home: { homeAssistant: { name, backfillDays }, sample: false } } };
}
