import type { StateNow } from "../home-assistant/registries.ts";
import { type AutomationConfig, type ConfigObject, type ConfigValue, isObject, listOf } from "./automation-config.ts";
import { toSeconds } from "./duration.ts";
import { sensitivityOf } from "./sensitive.ts";
import { ALLOWED_SERVICES, domainOf } from "./services.ts";

export type Severity = "critical" | "major" | "minor";

/** What is wrong with a part of an automation. */
export interface SafetyProblem {
  readonly severity: Severity;
  /** Stable name of the rule that was broken. */
  readonly rule: string;
  /** Where, such as `actions/0/choose/1/sequence/0`. */
  readonly path: string;
  readonly message: string;
}

export interface SafetyReport {
  /** No critical and no major problem, and no entity that lacks its opt-in. */
  readonly isSafe: boolean;
  readonly problems: readonly SafetyProblem[];
  /** Entities that a person must name before anything acts on them. */
  readonly needsOptIn: readonly string[];
}

export interface CheckSafetyParams {
  readonly config: AutomationConfig;
  readonly temperatureUnit: "°C" | "°F";
  /** What the home has, by entity id: names and device classes tell what a switch switches. */
  readonly states: ReadonlyMap<string, StateNow>;
  /** Entities that a person allowed by name. */
  readonly optIn: readonly string[];
}

const HOUR = 3_600;
const MOST_REPEATS = 100;
/** Comfortable and harmless for people and pipes; 55 to 85 °F. */
const TEMPERATURES = { "°C": [13, 30], "°F": [55, 85] } as const;
/** Keys that say what an action is; exactly one of them stands in each. */
const KINDS = (
  "service action choose if repeat parallel sequence delay wait_template wait_for_trigger condition " +
  "stop event variables scene device_id set_conversation_response"
).split(" ");

/** Walks the whole tree of an automation, in both generations of keys, lists and single things alike. What cannot be judged is not safe. */
export function checkSafety(params: CheckSafetyParams): SafetyReport {
  const walk = new SafetyWalk(params);
  walk.automation(params.config);
  const { problems, needsOptIn } = walk;
  const isSafe = needsOptIn.size === 0 && problems.every(({ severity }) => severity === "minor");
  return { isSafe, problems, needsOptIn: [...needsOptIn].sort() };
}

class SafetyWalk {
  readonly problems: SafetyProblem[] = [];
  readonly needsOptIn = new Set<string>();
  readonly #params: CheckSafetyParams;
  #hasConditions = false;
  readonly #triggering = new Set<string>();
  readonly #areas = new Set<string>();

  constructor(params: CheckSafetyParams) {
    this.#params = params;
  }

  automation(config: AutomationConfig): void {
    if ("use_blueprint" in config) this.#add("critical", "blueprint", "", "What a blueprint does cannot be judged.");
    const conditions = listOf(config["conditions"] ?? config["condition"]);
    this.#hasConditions = conditions.length > 0;
    this.#each(config["triggers"] ?? config["trigger"], "triggers", (trigger, path) => this.#trigger(trigger, path));
    this.#each(conditions, "conditions", (condition, path) => this.#condition(condition, path));
    this.#actions(config["actions"] ?? config["action"], "actions");
    if (this.#areas.size > 3) {
      this.#add("major", "many-areas", "actions", `It acts on ${this.#areas.size} areas: more than three at once.`);
    }
  }

  #trigger(trigger: ConfigValue, path: string): void {
    if (!isObject(trigger)) return this.#opaque(path, trigger);
    if ("triggers" in trigger) {
      return this.#each(trigger["triggers"], `${path}/triggers`, (inner, at) => this.#trigger(inner, at));
    }
    const kind = trigger["trigger"] ?? trigger["platform"];
    this.#templates(trigger, path);
    if (kind === "template") this.#add("major", "template", path, "What a template waits for cannot be judged.");
    if (kind === "time_pattern") this.#timePattern(trigger, path);
    if (kind === "state") {
      for (const id of entityIdsOf(trigger["entity_id"])) this.#triggering.add(id);
      const isBound = ["to", "from", "not_to", "not_from", "attribute"].some((key) => key in trigger);
      if (!isBound) {
        this.#add("major", "any-change", path, "Without `to` or `from` it fires at every change, of attributes too.");
      }
    }
    if (typeof kind !== "string") this.#add("critical", "unknown-trigger", path, "What triggers it cannot be read.");
  }

  #timePattern(trigger: ConfigObject, path: string): void {
    const { seconds, minutes, hours } = trigger;
    const isEveryMinute = minutes === "*" || minutes === "/1" || (minutes === undefined && hours === undefined);
    if (seconds === undefined ? isEveryMinute : /[*/]/.test(JSON.stringify(seconds)) || isEveryMinute) {
      this.#add("critical", "too-often", path, "It fires every minute or more often.");
    }
  }

  #condition(condition: ConfigValue, path: string): void {
    if (!isObject(condition)) return this.#opaque(path, condition);
    this.#templates(condition, path);
    if (condition["condition"] === "template") {
      this.#add("major", "template", path, "What a template decides cannot be judged.");
    }
    for (const key of ["conditions", "and", "or", "not"]) {
      this.#each(condition[key], `${path}/${key}`, (inner, at) => this.#condition(inner, at));
    }
  }

  #actions(value: ConfigValue | undefined, path: string): void {
    this.#each(value, path, (action, at) => this.#action(action, at));
  }

  #action(action: ConfigValue, path: string): void {
    if (!isObject(action)) return this.#opaque(path, action);
    const kind = KINDS.find((key) => key in action);
    switch (kind) {
      case "service":
      case "action":
        return this.#call(action, path);
      case "choose":
        this.#each(action["choose"], `${path}/choose`, (option, at) => this.#branch(option, at));
        return this.#actions(action["default"], `${path}/default`);
      case "if":
        this.#guarded(action["if"], `${path}/if`, () => this.#actions(action["then"], `${path}/then`));
        return this.#actions(action["else"], `${path}/else`);
      case "repeat":
        return this.#repeat(action["repeat"], `${path}/repeat`);
      case "parallel":
      case "sequence":
        return this.#actions(action[kind], `${path}/${kind}`);
      case "delay":
        return this.#time(action["delay"], `${path}/delay`, { rule: "long-delay", longest: HOUR });
      case "wait_template":
      case "wait_for_trigger":
        return this.#wait(action, kind, path);
      case "condition":
        return this.#condition(action, path);
      case "variables":
      case "stop":
        return this.#templates(action, path);
      case "event":
        return this.#add("critical", "event", path, "An event may start anything: it cannot be judged.");
      case "scene":
        return this.#add("critical", "scene", path, "What a scene sets cannot be judged.");
      case undefined:
      default:
        this.#add("critical", "unknown-action", path, "What this does cannot be read.");
    }
  }

  #branch(option: ConfigValue, path: string): void {
    if (!isObject(option)) return this.#opaque(path, option);
    this.#guarded(option["conditions"], `${path}/conditions`, () => {
      this.#actions(option["sequence"], `${path}/sequence`);
    });
  }

  /** Walks conditions, and what they guard. */
  #guarded(conditions: ConfigValue | undefined, path: string, walk: () => void): void {
    this.#each(conditions, path, (condition, at) => this.#condition(condition, at));
    const before = this.#hasConditions;
    this.#hasConditions ||= listOf(conditions).length > 0;
    walk();
    this.#hasConditions = before;
  }

  #repeat(value: ConfigValue | undefined, path: string): void {
    if (!isObject(value)) return this.#opaque(path, value ?? null);
    const { count } = value;
    if (count !== undefined) {
      if (typeof count !== "number")
        this.#add("major", "template", `${path}/count`, "How often it repeats cannot be judged.");
      else if (count > MOST_REPEATS)
        this.#add("major", "many-repeats", path, `It repeats ${count} times: more than ${MOST_REPEATS}.`);
    } else if (!("for_each" in value)) {
      this.#add("major", "endless-repeat", path, "It repeats until something happens, which may be never.");
    }
    this.#guarded(value["while"], `${path}/while`, () => this.#actions(value["sequence"], `${path}/sequence`));
    this.#each(value["until"], `${path}/until`, (condition, at) => this.#condition(condition, at));
  }

  #wait(action: ConfigObject, kind: "wait_template" | "wait_for_trigger", path: string): void {
    if (kind === "wait_template") this.#add("major", "template", path, "What a template waits for cannot be judged.");
    this.#each(action["wait_for_trigger"], `${path}/wait_for_trigger`, (trigger, at) => this.#trigger(trigger, at));
    const { timeout } = action;
    if (timeout === undefined)
      return this.#add("major", "no-timeout", path, "It waits without an end: give it a timeout.");
    const seconds = toSeconds(timeout);
    if (seconds !== undefined && seconds > 24 * HOUR) {
      return this.#add("critical", "long-timeout", `${path}/timeout`, "It waits for more than a day.");
    }
    if (seconds !== undefined && seconds < 30) {
      this.#add("minor", "short-timeout", `${path}/timeout`, "It waits for less than half a minute.");
    }
    this.#time(timeout, `${path}/timeout`, { rule: "long-timeout", longest: HOUR });
  }

  #time(value: ConfigValue | undefined, path: string, { rule, longest }: { rule: string; longest: number }): void {
    const seconds = toSeconds(value);
    if (seconds === undefined) return this.#add("major", "template", path, "How long it takes cannot be judged.");
    if (seconds > longest)
      this.#add("major", rule, path, `It takes more than an hour (${Math.round(seconds / 60)} minutes).`);
  }

  #call(action: ConfigObject, path: string): void {
    const service = action["action"] ?? action["service"];
    if (typeof service !== "string" || isOpaque(service)) {
      return this.#add("critical", "template", path, "Which service is called cannot be judged.");
    }
    if (!ALLOWED_SERVICES.has(service)) {
      this.#add("critical", "service", path, `The service ${service} is not one that a rule may call.`);
    }
    this.#templates(action, path);
    const target = isObject(action["target"]) ? action["target"] : {};
    const data = isObject(action["data"]) ? action["data"] : {};
    const entities = this.#targets([target, data, action], path);
    for (const entityId of entities) this.#entity(entityId, service, path);
    if (domainOf(service) === "climate") this.#climate(service, data, path);
  }

  /** The entities a call names. Whole areas, devices and labels hold more than anybody can judge. */
  #targets(places: readonly ConfigObject[], path: string): readonly string[] {
    const entities: string[] = [];
    for (const place of places) {
      for (const key of ["area_id", "floor_id", "label_id", "device_id"]) {
        const wide = listOf(place[key]).map(String);
        if (key === "area_id") for (const area of wide) this.#areas.add(area);
        if (wide.length > 0) {
          this.#add(
            "critical",
            "wide-target",
            path,
            `It acts on all that belongs to ${key} ${wide.join(", ")}: name the entities.`,
          );
        }
      }
      entities.push(...entityIdsOf(place["entity_id"]));
    }
    if (entities.length === 0) this.#add("critical", "no-target", path, "It names no entity to act on.");
    return entities;
  }

  #entity(entityId: string, service: string, path: string): void {
    if (entityId === "all") return this.#add("critical", "target-all", path, "It acts on everything there is.");
    if (!/^[a-z0-9_]+\.[a-z0-9_]+$/.test(entityId)) {
      return this.#add(
        "critical",
        "template",
        path,
        `"${entityId.slice(0, 60)}" is no entity: what it acts on cannot be judged.`,
      );
    }
    if (this.#triggering.has(entityId)) {
      this.#add("critical", "own-trigger", path, `It changes ${entityId}, which triggers it: a loop.`);
    }
    const { states, optIn } = this.#params;
    const why = sensitivityOf(entityId, states.get(entityId));
    if (why === undefined) return;
    if (!optIn.includes(entityId)) {
      this.needsOptIn.add(entityId);
      this.#add("critical", "opt-in", path, `${entityId} is ${why}: it needs to be allowed by name.`);
    }
    if (!this.#hasConditions && /unlock|open|disarm|turn_on|set_/.test(service)) {
      this.#add(
        "minor",
        "no-condition",
        path,
        `It acts on ${entityId} (${why}) whatever the time and whoever is at home.`,
      );
    }
  }

  #climate(service: string, data: ConfigObject, path: string): void {
    const [low, high] = TEMPERATURES[this.#params.temperatureUnit];
    for (const key of ["temperature", "target_temp_high", "target_temp_low"]) {
      const value = data[key];
      if (value === undefined) continue;
      const degrees = Number(value);
      if (!(degrees >= low && degrees <= high)) {
        const unit = this.#params.temperatureUnit;
        this.#add(
          "critical",
          "temperature",
          path,
          `${JSON.stringify(value)} ${unit} is not between ${low} and ${high} ${unit}.`,
        );
      }
    }
    if (service === "climate.set_temperature" && data["hvac_mode"] === undefined) {
      this.#add("minor", "no-mode", path, "It sets a temperature and leaves the mode as it is.");
    }
  }

  /** Templates in data and targets, and inputs of blueprints, are filled in by the home: what comes out is not known here. */
  #templates(part: ConfigObject, path: string): void {
    for (const key of [
      "target",
      "data",
      "data_template",
      "entity_id",
      "service_template",
      "variables",
      "to",
      "from",
      "for",
      "at",
    ]) {
      const value = part[key];
      if (value !== undefined && holdsOpaque(value)) {
        this.#add("major", "template", `${path}/${key}`, "A template or an input of a blueprint cannot be judged.");
      }
    }
  }

  #opaque(path: string, value: ConfigValue): void {
    const shown = JSON.stringify(value).slice(0, 60);
    this.#add("critical", "template", path, `${shown} cannot be judged.`);
  }

  #each(value: ConfigValue | undefined, path: string, walk: (value: ConfigValue, path: string) => void): void {
    listOf(value).forEach((item, index) => walk(item, `${path}/${index}`));
  }

  #add(severity: Severity, rule: string, path: string, message: string): void {
    this.problems.push({ severity, rule, path, message });
  }
}

/** Home Assistant takes a list, one id, or ids joined by commas. */
export function entityIdsOf(value: ConfigValue | undefined): readonly string[] {
  return listOf(value)
    .flatMap((each) => (typeof each === "string" ? each : JSON.stringify(each)).split(","))
    .map((id) => id.trim())
    .filter((id) => id !== "");
}

function isOpaque(text: string): boolean {
  return text.includes("{{") || text.includes("{%") || text.startsWith("!input");
}

function holdsOpaque(value: ConfigValue): boolean {
  if (typeof value === "string") return isOpaque(value);
  if (Array.isArray(value)) return (value as readonly ConfigValue[]).some(holdsOpaque);
  return isObject(value) && Object.values(value).some(holdsOpaque);
}
