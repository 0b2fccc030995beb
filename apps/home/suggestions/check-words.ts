import { domainOf, type EntityFacts, friendlyName } from "../domain/names.ts";
import type { Words } from "./words.ts";

/** What stands before the dot of an entity id in a home. */
const DOMAINS = new Set(
  "alarm_control_panel automation binary_sensor button camera climate cover device_tracker fan group humidifier input_boolean input_button input_number input_select light lock media_player number person remote scene script select sensor siren sun switch timer vacuum valve water_heater weather zone".split(
    " ",
  ),
);

const ENTITY_ID = /(?<![\w.])([a-z][a-z0-9_]*)\.([a-z0-9_]+)/gi;
const LINK = /\b(?:https?:\/\/|www\.)/i;

/** A device of the home, by which a text could name it. */
export interface NamedDevice extends EntityFacts {
  readonly id: string;
}

/**
 * Looks for what a model must not write: a device that the rule does not speak of, by its id or, where it has two words or more, by its name;
 * or a link. `devices` are those of the home. Gives the reason for refusing the text, undefined when it is fine.
 */
export function mistakeOfWords(
  words: Words,
  entityIds: readonly string[],
  devices: readonly NamedDevice[] = [],
): string | undefined {
  const text = [words.title, words.description, words.rationale].join("\n");
  if (LINK.test(text)) return "The model's text held a link.";
  const domains = new Set([...DOMAINS, ...entityIds.map(domainOf)]);
  for (const [id, domain = ""] of text.matchAll(ENTITY_ID)) {
    if (domains.has(domain.toLowerCase()) && !entityIds.includes(id.toLowerCase()) && !entityIds.includes(id)) {
      return `The model's text named ${id.slice(0, 64)}, which is not part of the rule.`;
    }
  }
  return foreignName(text, entityIds, devices);
}

function foreignName(text: string, own: readonly string[], devices: readonly NamedDevice[]): string | undefined {
  const said = spaced(text);
  const ownNames = devices
    .filter(({ id }) => own.includes(id))
    .map((device) => spaced(friendlyName(device.id, device)));
  for (const device of devices) {
    if (own.includes(device.id)) continue;
    const name = spaced(friendlyName(device.id, device));
    // One word is too little to be sure: "heating" is a device here and a word there.
    if (name.trim().includes(" ") && said.includes(name) && !ownNames.some((each) => each.includes(name))) {
      return `The model's text named the ${name.trim().slice(0, 64)}, which is not part of the rule.`;
    }
  }
  return undefined;
}

/** Plain words with a space around each, so that whole words are found. */
function spaced(text: string): string {
  return ` ${text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;
}

/** Takes out what has no place in a line of text: control characters, line breaks, repeated spaces. */
export function cleanWords(words: Words): Words {
  const clean = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return {
    ...words,
    title: clean(words.title),
    description: clean(words.description),
    rationale: clean(words.rationale),
  };
}
