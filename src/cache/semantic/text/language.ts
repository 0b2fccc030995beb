import { ASKING_VERBS, FOREIGN_FUNCTION_WORDS, FUNCTION_WORDS, LIGHT_VERBS } from "../words/function-words.ts";
import type { Token } from "./tokens.ts";

const ASCII_LETTERS = /^[a-z'+#]+$/;

/** Whether the word lists of the guards hold for a prompt: it has English function words, and more of them than words of other languages. */
export function isEnglish(tokens: readonly Token[]): boolean {
  let english = 0;
  let foreign = 0;
  for (const { kind, text } of tokens) {
    if (kind === "foreign") foreign++;
    if (kind !== "word") continue;
    const isForeign = FOREIGN_FUNCTION_WORDS.has(text);
    const isEnglish = FUNCTION_WORDS.has(text) || LIGHT_VERBS.has(text) || ASKING_VERBS.has(text);
    if (isEnglish && !isForeign) english++;
    else if (!isEnglish && (isForeign || !ASCII_LETTERS.test(text))) foreign++;
  }
  return english > foreign;
}
