import type { StateNow } from "../home-assistant/registries.ts";
import { domainOf } from "./services.ts";

/** Domains in which every device can let somebody in, hurt somebody or cost a lot. */
const DOMAINS: Readonly<Record<string, string>> = {
  lock: "a lock",
  alarm_control_panel: "an alarm",
  climate: "a heating",
  water_heater: "a water heater",
  valve: "a valve",
  siren: "a siren",
};
const COVER_CLASSES: Readonly<Record<string, string>> = { garage: "a garage door", gate: "a gate", door: "a door" };
/** Whole words of a name or an id that tell what a switch or a cover really is. */
const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^(?:lock|unlock|doorlock|deadbolt|slot|schloss|serrure)$/, "a lock"],
  [/^(?:alarm|siren|sirene|sirène)$/, "an alarm"],
  [/^(?:garage|gate|poort|tor|portail)$/, "a garage door or gate"],
  [/^(?:oven|stove|cooker|hob|cooktop|fornuis|herd|backofen|four)$/, "an oven or stove"],
  [/^(?:heater|heating|boiler|furnace|radiator|fireplace|sauna|kachel|heizung|chauffage)$/, "a heater"],
  [/^(?:iron|kettle|fryer|toaster|grill|waterkoker|wasserkocher)$/, "an appliance that gets hot"],
  [/^(?:valve|gas|pump)$/, "a valve or pump"],
  [/^(?:freezer|fridge|refrigerator|vriezer|koelkast|kühlschrank)$/, "a fridge or freezer"],
  [/^(?:medical|ventilator|cpap|oxygen)$/, "a medical device"],
];

/** What makes an entity one that needs to be allowed by name; undefined when nothing does. */
export function sensitivityOf(entityId: string, state: StateNow | undefined): string | undefined {
  const domain = domainOf(entityId);
  const deviceClass = state?.attributes["device_class"];
  const byDomain = DOMAINS[domain] ?? (domain === "cover" ? COVER_CLASSES[String(deviceClass)] : undefined);
  if (byDomain !== undefined) return byDomain;
  // A lamp in the garage is a lamp.
  if (domain === "light") return undefined;
  const name = state?.attributes["friendly_name"];
  const words = `${entityId.slice(domain.length + 1)} ${typeof name === "string" ? name : ""}`
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u);
  return WORDS.find(([pattern]) => words.some((word) => pattern.test(word)))?.[1];
}
