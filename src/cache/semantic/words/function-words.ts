function words(list: string): ReadonlySet<string> {
  return new Set(list.split(/\s+/));
}

/** Words that carry grammar or politeness and no content. */
export const FUNCTION_WORDS =
  words(`a an the this that these those some any each every all both such own same other another
i me my mine we us our ours you your yours he him his she her hers it its they them their theirs myself yourself itself themselves
who whom whose which what when where why how whether if
am is are was were be been being do does did done doing have has had having will would shall should can could may might must ought
of to in on at by for from with about into onto out up down off over under through during between among per via as than then upon within
toward towards and or but so because while although though also too very just there here once before after one
how-much how-many how-long how-often how-far how-old instead
please kindly thanks thank hi hello hey dear ok okay let lets us
get gets got give need want like know tell possible able
isn't aren't wasn't weren't don't doesn't didn't won't wouldn't can't cannot couldn't shouldn't mustn't haven't hasn't hadn't not no
i'm i've i'd i'll you're you've we're we've it's that's what's who's where's when's how's there's let's they're he's she's`);

/** Words so general that a paraphrase may add or drop them. */
export const SOFT_WORDS =
  words(`step way kind type sort process point name question actually really still thing example case ticket
help assist would-like quickly simply simple easily basically exactly currently already again ever even
apply belong exist happen occur mean involve kick go come take put make have work possible wonder wondering
best main general generally usually typically normally following certain specific particular given associated related
me something anything someone anyone people person user customer holder
pull look see show display list provide return share explain describe tell say
number amount total value file document
forget forgot cause leave time`);

/** They turn the sense of what follows. */
export const NEGATORS =
  words(`not no never none neither nor without cannot except excluding exclude excludes excluded unless unable
impossible hardly barely rarely seldom nobody nothing nowhere non lack lacking lacks`);

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
  ].flatMap(([list = "", owner = ""]) => list.split(" ").map((word) => [word, owner] as const)),
);
