function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/));
}

/** Words that carry grammar or politeness and no content. */
export const FUNCTION_WORDS = words(`a an the this that these those some any each every all both such same other another
i me my mine we us our ours you your yours he him his she her hers it its they them their theirs myself yourself itself themselves
who whom whose which what when where why how whether if
am is are was were be been being do does did done doing have has had having will would shall should can could may might must ought
of to in on at by for from with about into onto out up down off over under through during between among per via as than then upon within
toward towards and or but so because while although though also too very just there here once before after one
instead
please kindly thanks thank hi hello hey dear ok okay let lets us
give want like know tell able
isn't aren't wasn't weren't don't doesn't didn't won't wouldn't can't cannot couldn't shouldn't mustn't haven't hasn't hadn't not no
i'm i've i'd i'll you're you've we're we've it's that's what's who's where's when's how's there's let's they're he's she's`);

/** Words that a paraphrase may add, drop and replace: they tell how to answer, not what. */
export const SOFT_WORDS =
  words(`step way thing example actually really still basically exactly currently already again ever even
would-like wonder wondering generally usually typically normally certain specific particular given associated mean meaning definition`);

/** Verbs that a paraphrase may add or drop where the rest says what is asked for, but not put in the place of another. */
export const LIGHT_VERBS = words(
  `belong exist happen occur involve kick go come take put make have get apply use offer cause owe`,
);

/** "Which types of", "what kind of": no content there. */
export const SORTS = words(`type kind sort`);

/** Nouns that only say what sort of thing stands beside them, before a name or figure or after "which": "case D-17", "which documents". */
export const CLASS_NOUNS =
  words(`case ticket person people user customer holder member file document item app city country branch account order
invoice point`);

/** Of these, the ones that may also follow: "the CSV file", "a savings account". */
export const CLASS_HEADS = words(`file app account point`);

/** Verbs of a request that only ask for an answer: "list the causes" asks for what "what are the causes" asks for. */
export const ASKING_VERBS =
  words(`show list display provide explain describe tell say give name state define calculate compute determine find
identify pull share check clarify`);

/** They turn the sense of what follows. */
export const NEGATORS =
  words(`not no never none neither nor without cannot except excluding exclude excludes excluded unless unable
impossible hardly barely rarely seldom nobody nothing nowhere non lack lacking lacks avoid avoids avoided avoiding prevent prevents prevented
preventing refuse refuses refused refusing refrain missing absent`);

/** With "to" after them they negate, so that "failed to pay" is "did not pay". */
export const FAILING =
  words(`fail fails failed failing forget forgets forgot forgotten forgetting neglect neglects neglected decline declines
declined omit omits omitted unwilling`);

/** With "…ing" after them they negate. */
export const CEASING = words(`stop stops stopped stopping quit quits cease ceases ceased`);

/** With "from" soon after them they negate: "keep it from boiling". */
export const HINDERING =
  words(`keep keeps kept keeping stop stops stopped stopping hinder hinders block blocks blocked ban bans banned bar bars barred prohibit
prohibits prohibited discourage discourages protect protects deter deters`);

/** Words around which the order of others is the meaning. */
export const DIRECTION_WORDS = words(
  `to into onto from than before after over under by versus against behind above below`,
);

/** Prompts that ask for two things alike, whatever their order. */
export const SYMMETRIC_WORDS =
  words(`difference differ different differences compare comparison comparing versus vs between common similar
similarity both`);

/** Function words of languages that share the Latin script with English, none of them an English word. */
export const FOREIGN_FUNCTION_WORDS =
  words(`der das und ist nicht ein eine einen einem einer wie warum wer wann ich du wir ihr mein meine
mit von zu zum zur für auf aus bei nach dem den des sind kann wird welche welcher welches bitte oder auch
le la les une est et qui que quoi comment pourquoi quand où dans pour avec sans sur je tu nous vous mon ma mes quel quelle quels quelles
du au aux ce cette ces pas ne il elle sont puis peut quelqu'un combien
el los las una es y cómo qué quién cuándo dónde por para con sin mi tu su del al
il lo gli che come perché quando dove della dello degli nel nella sono mio mia
o os uma é não como por onde quando meu minha da das dos
het een van en niet hoe wat waarom wanneer waar mijn
och att det är inte hur vad när jag min med til og ikke hvordan hva hvad jeg
jak co dlaczego kiedy gdzie jest nie się w z na do czy mój moja ve bir bu ne nasıl için`);

/** Pronouns that point at a person or thing: their owners must agree. */
export const POSSESSORS: ReadonlyMap<string, string> = new Map(
  [
    ["my mine me i myself our ours we us", "first"],
    ["his he him himself", "he"],
    ["her hers she herself", "she"],
    ["their theirs they them themselves", "they"],
    ["your yours yourself", "you"],
    ["you", "anyone"],
  ].flatMap(([list = "", owner = ""]) => list.split(" ").map((word) => [word, owner] as const)),
);
