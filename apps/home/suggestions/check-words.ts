import { domainOf } from "../domain/names.ts";
import type { Words } from "./words.ts";

/** What stands before the dot of an entity id in a home. */
const DOMAINS = new Set(
  "alarm_control_panel automation binary_sensor button camera climate cover device_tracker fan group humidifier input_boolean input_button input_number input_select light lock media_player number person remote scene script select sensor siren sun switch timer vacuum valve water_heater weather zone".split(
    " ",
  ),
);

const ENTITY_ID = /(?<![\w.])([a-z][a-z0-9_]*)\.([a-z0-9_]+)/gi;
const LINK = /\b(?:https?:\/\/|www\.)/i;

/**
 * Looks for what a model must not write: a device that the rule does not speak of, or a link. Gives the reason for refusing the text,
 * undefined when it is fine.
 */
export function mistakeOfWords(words: Words, entityIds: readonly string[]): string | undefined {
  const text = [words.title, words.description, words.rationale].join("\n");
  if (LINK.test(text)) return "The model's text held a link.";
  const domains = new Set([...DOMAINS, ...entityIds.map(domainOf)]);
  for (const [id, domain = ""] of text.matchAll(ENTITY_ID)) {
    if (domains.has(domain.toLowerCase()) && !entityIds.includes(id.toLowerCase()) && !entityIds.includes(id)) {
      return `The model's text named ${id.slice(0, 64)}, which is not part of the rule.`;
    }
  }
  return undefined;
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
