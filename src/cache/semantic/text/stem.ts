import { IRREGULAR_FORMS } from "../words/irregular-forms.ts";

/** Words that look inflected and are not. */
const UNINFLECTED = new Set(
  "morning evening during spring string king thing nothing something anything everything ceiling wing ring sing bring hundred sacred embed naked need feed seed speed weed breed bed red shed wed sled series species news always less as is was has this its us bus gas plus yes class pass address access process business loss cross across glass dress grass press stress boss analysis basis status virus bonus campus corpus focus census menu lens kudos physics mathematics economics politics diabetes paris texas windows kubernetes savings checking".split(
    " ",
  ),
);
const DOUBLED = /([bdfgmnprt])\1$/;
const ONE_SHORT_SYLLABLE = /^[^aeiouy]*[aeiouy][^aeiouywx]$/;

/**
 * The form by which words are compared: plural, -ing, -ed and a final e taken off lightly, irregular forms looked up. "rates", "rated" and
 * "rate" agree; "plan" and "plane" do not. Expects lower case.
 */
export function stem(word: string): string {
  const irregular = IRREGULAR_FORMS.get(word);
  if (irregular !== undefined) return dropFinalE(irregular);
  if (word.length < 4 || UNINFLECTED.has(word)) return word;
  return dropFinalE(withoutEnding(withoutPlural(word)));
}

/** Whether a word has the form of a plural, which a verb after "he" has, too. Expects lower case. */
export function isPlural(word: string): boolean {
  return IRREGULAR_PLURAL.test(word) || (word.length > 3 && withoutPlural(word) !== word);
}

const IRREGULAR_PLURAL = /^(?:children|(?:wo)?men|feet|teeth|mice|geese|people|criteria|indices|matrices|vertices)$/;

function withoutPlural(word: string): string {
  if (UNINFLECTED.has(word)) return word;
  if (word.endsWith("ies") && word.length > 4) return `${word.slice(0, -3)}y`;
  if (/(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2);
  if (/[^siu]s$/.test(word)) return word.slice(0, -1);
  return word;
}

function withoutEnding(word: string): string {
  if (UNINFLECTED.has(word)) return word;
  if (word.endsWith("ied") && word.length > 4) return `${word.slice(0, -3)}y`;
  const length = word.endsWith("ing") ? 3 : word.endsWith("ed") && !word.endsWith("eed") ? 2 : 0;
  const rest = word.slice(0, word.length - length);
  if (length === 0 || rest.length < 3 || !/[aeiouy]/.test(rest)) return word;
  if (DOUBLED.test(rest)) return rest.slice(0, -1);
  return ONE_SHORT_SYLLABLE.test(rest) ? `${rest}e` : rest;
}

/** Keeps the e where it parts two short words: "plan" and "plane". */
function dropFinalE(word: string): string {
  if (!word.endsWith("e") || word.length < 4) return word;
  const rest = word.slice(0, -1);
  return ONE_SHORT_SYLLABLE.test(rest) || /[aeiouy]$/.test(rest) ? word : rest;
}
