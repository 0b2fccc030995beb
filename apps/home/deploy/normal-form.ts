import { createHash } from "node:crypto";
import { canonicalJson, type Json } from "millrace";
import { type AutomationConfig, type ConfigObject, type ConfigValue, isObject, listOf } from "./automation-config.ts";
import { toSeconds } from "./duration.ts";

/** An automation in one way of writing: keys of both generations, single things and lists, and durations all come out the same. */
export interface NormalAutomation {
  readonly id: string | undefined;
  readonly alias: string;
  readonly triggers: readonly ConfigObject[];
  readonly conditions: readonly ConfigObject[];
  readonly actions: readonly ConfigObject[];
  readonly mode: string;
  /** What is left: variables, blueprints, and whatever else changes what it does. */
  readonly rest: ConfigObject;
}

const KNOWN: ReadonlySet<string> = new Set(
  "id alias description mode trigger triggers condition conditions action actions".split(" "),
);
const DURATIONS: ReadonlySet<string> = new Set(["for", "offset", "delay", "timeout"]);
/** Keys under which a list and a single thing mean the same. */
const LISTS: ReadonlySet<string> = new Set(
  "entity_id to from not_to not_from weekday state device_id area_id at".split(" "),
);

export function normalise(config: AutomationConfig): NormalAutomation {
  const pick = (plural: string, singular: string) => listOf(config[plural] ?? config[singular]);
  return {
    id: typeof config["id"] === "string" ? config["id"] : undefined,
    alias: typeof config["alias"] === "string" ? config["alias"] : "",
    triggers: pick("triggers", "trigger").flatMap(normalTrigger),
    conditions: pick("conditions", "condition").map((each) => normalObject(each)),
    actions: pick("actions", "action").map((each) => normalObject(each, "service", "action")),
    mode: typeof config["mode"] === "string" ? config["mode"] : "single",
    rest: Object.fromEntries(Object.entries(config).filter(([key]) => !KNOWN.has(key))),
  };
}

/** What an automation does, whatever it is called: two with one fingerprint are one. 16 hexadecimal digits. */
export function fingerprintOf(config: AutomationConfig): string {
  const { triggers, conditions, actions, rest } = normalise(config);
  const inAnyOrder = (list: readonly ConfigObject[]) => list.map((each) => canonicalJson(each)).sort();
  return hash([inAnyOrder(triggers), inAnyOrder(conditions), actions, rest]);
}

/** All of an automation that a person could have edited. Two ways of writing the same give the same hash. */
export function contentHash(config: AutomationConfig): string {
  const description = typeof config["description"] === "string" ? config["description"] : "";
  const { id: _, ...normal } = normalise(config);
  return hash([{ ...normal }, description]);
}

function hash(value: Json): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, 16);
}

/** A list of triggers may stand inside of another one. */
function normalTrigger(value: ConfigValue): readonly ConfigObject[] {
  if (isObject(value) && "triggers" in value && !("platform" in value))
    return listOf(value["triggers"]).flatMap(normalTrigger);
  return [normalObject(value, "platform", "trigger")];
}

/** The older word for what a part is becomes the newer one. */
function normalObject(value: ConfigValue, older?: string, newer?: string): ConfigObject {
  if (!isObject(value)) return { text: value };
  const entries = Object.entries(value)
    // `alias` names a part for people; `enabled: true` and an empty `data` or `metadata` say nothing.
    .filter(([key, each]) => key !== "alias" && key !== "metadata" && !(key === "enabled" && each === true))
    .filter(([key, each]) => !(key === "data" && isObject(each) && Object.keys(each).length === 0))
    .map(([key, each]): [string, ConfigValue] => [
      key === older && newer !== undefined ? newer : key,
      normalPart(key, each),
    ]);
  return Object.fromEntries(entries);
}

function normalPart(key: string, value: ConfigValue): ConfigValue {
  if (DURATIONS.has(key)) {
    const seconds = toSeconds(value);
    if (seconds !== undefined) return seconds;
  }
  if (key === "entity_id" && typeof value === "string") return value.split(",").map((id) => id.trim());
  if (LISTS.has(key)) return listOf(value).map((each) => normalTime(each));
  if (Array.isArray(value)) {
    return (value as readonly ConfigValue[]).map((each) =>
      isObject(each) ? normalObject(each, "service", "action") : each,
    );
  }
  if (isObject(value)) return normalObject(value, "service", "action");
  return normalTime(value);
}

/** `07:30` and `07:30:00` are one time of day. */
function normalTime(value: ConfigValue): ConfigValue {
  return typeof value === "string" && /^\d{1,2}:\d{2}$/.test(value) ? `${value.padStart(5, "0")}:00` : value;
}
