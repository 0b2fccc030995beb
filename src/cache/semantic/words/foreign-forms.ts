/* What a paraphrase may change in languages whose grammar the guards do not know: German, French, Spanish, Dutch, Chinese. */

/** Left away wherever it stands. */
export const FOREIGN_POLITENESS: readonly string[] = [
  "bitte",
  "s'il vous plaît",
  "s'il te plaît",
  "por favor",
  "alstublieft",
  "alsjeblieft",
  "请问",
  "请",
];

/** One form of what is written in two. Longer ones first. */
export const FOREIGN_PHRASES: readonly (readonly [string, string])[] = [
  ["um wie viel uhr", "wann"],
  ["wie viel kostet", "was kostet"],
  ["wieviel kostet", "was kostet"],
  ["wie viel kosten", "was kosten"],
  ["hoeveel kost", "wat kost"],
  ["hoeveel kosten", "wat kosten"],
  ["om hoe laat", "wanneer"],
  ["hoe laat", "wanneer"],
  ["à quelle heure", "quand"],
  ["a qué hora", "cuándo"],
  ["se trouve", "est"],
  ["se trouvent", "sont"],
  ["如何", "怎么"],
  ["怎样", "怎么"],
  ["怎麼", "怎么"],
];

/** "How", and after it what adds nothing to a question for the way: "how can I". */
export const FOREIGN_HOW = new Set(["wie", "comment", "cómo", "hoe"]);
export const FOREIGN_CAN = new Set([
  ..."kann kannst können könnte man ich du wir".split(" "),
  ..."puis puis-je peux peut peut-on pouvons on je tu".split(" "),
  ..."puedo puede podemos podría se yo".split(" "),
  ..."kan kun kunnen ik je men".split(" "),
]);
/** Endings between which a verb changes with its subject and in the infinitive. */
export const FOREIGN_ENDINGS = /^(?:e|en|n|st|t|er|ir|re|o|ar|a|as|es|s|)$/;
