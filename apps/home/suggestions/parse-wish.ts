import type { EntityFacts } from "../domain/names.ts";
import { friendlyName } from "../domain/names.ts";
import type { RuleCore } from "../backtest/backtest.ts";
import { type Weekday, WEEKDAYS } from "../domain/rule.ts";
import { clockOfMinute } from "../domain/zone.ts";
import type { KnownEntity, RuleEdit } from "./rule-edit.ts";

/** A device as people may name it. */
export interface NamedEntity extends KnownEntity, EntityFacts {}

export interface Wish {
  readonly edits: readonly RuleEdit[];
  /** The parts that were not understood; empty: all of it was. */
  readonly rest: readonly string[];
}

const NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split(" ");
const MORE_NUMBERS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  half: 0.5,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  forty: 40,
  "forty-five": 45,
  sixty: 60,
  ninety: 90,
};
const AMOUNT = String.raw`(\d+(?:\.\d+)?|[a-z]+(?:-[a-z]+)?)(?: an?)?`;
const UNIT = String.raw`(seconds?|secs?|s|minutes?|mins?|min|m|hours?|hrs?|h)`;
const TIME = String.raw`(\d{1,2}(?:[:.]\d{2})?\s?(?:am|pm)?|noon|midnight)`;
const WORKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri"];
const WEEKEND: readonly Weekday[] = ["sat", "sun"];
const REST_STATES = ["off", "closed", "not_home", "away", "idle", "standby", "paused", "docked", "locked"];

type Reader = (part: string, rule: RuleCore, entities: readonly NamedEntity[]) => RuleEdit | undefined;

/**
 * Reads the wishes that people word most often, without a model: other times, days, spans, darkness, delays, and devices that must be on or
 * off. The same words always give the same edits; a part that is not understood is given back.
 */
export function parseWish(words: string, rule: RuleCore, entities: readonly NamedEntity[]): Wish {
  const edits: RuleEdit[] = [];
  const rest: string[] = [];
  for (const part of partsOf(words)) {
    const edit = READERS.map((read) => read(part, rule, entities)).find((found) => found !== undefined);
    if (edit === undefined) rest.push(part);
    else edits.push(edit);
  }
  return { edits, rest };
}

/** Splits at commas, "and" and "but" where what follows is a wish of its own: "Monday and Friday" stays one. */
function partsOf(words: string): readonly string[] {
  const plain = words
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}:.,;' _-]+/gu, " ")
    .replaceAll(/\s+/g, " ")
    .replaceAll(/[.!]+(?= |$)/g, "")
    .trim();
  const parts: string[] = [];
  for (const piece of plain.split(
    /\s*(?:[,;]|\bbut\b|\band then\b)\s*|\s+and\s+(?=(?:only|not|at|by|when|while|unless|if|between|after|before|without|later|earlier|make)\b|\S+ (?:minutes?|mins?|hours?|seconds?)\b)/,
  )) {
    const part = piece
      .replace(/ ?\bplease$|^please /g, "")
      .replace(/^(?:please|make it|do it|and|run it|change it to|move it|set it to) /, "")
      .trim();
    const isDayAlone =
      parts.length > 0 &&
      daysIn(part) !== undefined &&
      /^(?:and )?(?:\w+days?|mon|tue|wed|thu|fri|sat|sun)$/.test(part);
    if (isDayAlone) parts.push(`${parts.pop() ?? ""} ${part}`);
    else if (part !== "") parts.push(part);
  }
  return parts;
}

const readShift: Reader = (part) => {
  const found = new RegExp(`^${AMOUNT} ${UNIT} (later|earlier|sooner|after that|before that)$`).exec(part);
  const seconds = found === null ? undefined : secondsOf(found[1], found[2]);
  if (found === null || seconds === undefined) return undefined;
  const minutes = Math.round(seconds / 60);
  return { edit: "shift", minutes: /later|after/.test(found[3] ?? "") ? minutes : -minutes };
};

const readSun: Reader = (part) => {
  const found = new RegExp(`^(?:at |${AMOUNT} ${UNIT} (before|after) )(sunset|sunrise)$`).exec(part);
  if (found === null) return undefined;
  const event = found[4] === "sunrise" ? "sunrise" : "sunset";
  const seconds = found[1] === undefined ? 0 : secondsOf(found[1], found[2]);
  if (seconds === undefined) return undefined;
  const minutes = Math.round(seconds / 60);
  return { edit: "sun", event, offset_min: found[3] === "before" ? -minutes : minutes };
};

const readAt: Reader = (part) => {
  const found = new RegExp(`^(?:at|already at|only at|not before|by) ${TIME}$`).exec(part);
  const time = timeOf(found?.[1]);
  return time === undefined ? undefined : { edit: "at", time };
};

const readBetween: Reader = (part) => {
  const both = new RegExp(`^(not )?(?:only )?(?:between|from) ${TIME} (?:and|to|until|till) ${TIME}$`).exec(part);
  if (both !== null) {
    const [first, second] = [timeOf(both[2]), timeOf(both[3])];
    if (first === undefined || second === undefined) return undefined;
    return both[1] === undefined
      ? { edit: "between", after: first, before: second }
      : { edit: "between", after: second, before: first };
  }
  const one = new RegExp(`^(not |never )?(?:only )?(after|before|until) ${TIME}$`).exec(part);
  const time = timeOf(one?.[3]);
  if (one === null || time === undefined) return undefined;
  const isAfter = (one[2] === "after") !== (one[1] !== undefined);
  return isAfter
    ? { edit: "between", after: time, before: "00:00" }
    : { edit: "between", after: "00:00", before: time };
};

const readAnyTime: Reader = (part) =>
  /^(?:at )?(?:any time|all day|whenever)(?: of (?:the )?day)?$/.test(part) ? { edit: "any_time" } : undefined;

const readLight: Reader = (part) => {
  if (
    /^(?:only )?(?:when|while|if|after) (?:it is |it's )?dark$|^(?:only )?(?:at night|after sunset|when dark)$/.test(
      part,
    )
  ) {
    return { edit: "light", is: "dark" };
  }
  if (/^not (?:when|while|if) (?:it is |it's )?(?:light|bright)(?: outside)?$|^not (?:by|during the) day$/.test(part)) {
    return { edit: "light", is: "dark" };
  }
  const isBright =
    /^(?:only )?(?:when|while|if) (?:it is |it's )?(?:light|bright)$|^(?:only )?(?:by day|during the day)$|^not (?:at night|when it is dark|when it's dark|in the dark)$/;
  return isBright.test(part) ? { edit: "light", is: "bright" } : undefined;
};

const readHold: Reader = (part) => {
  const found = new RegExp(
    `^(?:only )?(?:after|once it has been|when it has been|wait|if it stays so for) (?:so )?(?:for )?${AMOUNT} ${UNIT}(?: so)?$`,
  ).exec(part);
  const seconds = found === null ? undefined : secondsOf(found[1], found[2]);
  return seconds === undefined ? undefined : { edit: "hold", seconds: Math.round(seconds) };
};

const readDays: Reader = (part) => {
  const found = /^(not |never |except |no )?(?:only |just )?(?:on |at |during )?(?:the )?(.+)$/.exec(part);
  const days = daysIn(found?.[2] ?? "");
  if (days === undefined) return undefined;
  const isNot = found?.[1] !== undefined;
  const kept = isNot ? WEEKDAYS.filter((day) => !days.includes(day)) : days;
  return kept.length === 0 ? undefined : { edit: "days", days: [...kept] };
};

const readWithout: Reader = (part, { action }, entities) => {
  const found = /^(?:without|not|leave out|except|leave) (?:the )?(.+?)(?: alone)?$/.exec(part);
  const entity = found === null ? undefined : named(found[1] ?? "", entities, action.entity_ids);
  return entity === undefined ? undefined : { edit: "without", entity_id: entity.id };
};

const readState: Reader = (part, { conditions }, entities) => {
  const found =
    /^(not |never |only |unless )?(?:when |while |if |as long as )?(?:the )?(.+?) (?:is|are) (not )?(.+)$/.exec(part);
  if (found === null) return undefined;
  const entity = named(found[2] ?? "", entities);
  if (entity === undefined) return undefined;
  const isNot = /not|never|unless/.test(found[1] ?? "") !== (found[3] !== undefined);
  const state = stateOf(found[4] ?? "", entity);
  if (state === undefined) return undefined;
  const is = isNot ? oppositeOf(state, entity) : state;
  if (is === undefined) return undefined;
  const isAsked = conditions.some((each) => each.type === "state" && each.entity_id === entity.id && each.is === is);
  return isAsked ? undefined : { edit: "while", entity_id: entity.id, is };
};

const readAnyway: Reader = (part, { conditions }, entities) => {
  const found =
    /^(?:even (?:when|if|while)|whether or not|no matter whether|regardless of|whatever) (?:the )?(.+?)(?: (?:is|are)\b.*)?$/.exec(
      part,
    );
  const asked = conditions.flatMap((condition) => (condition.type === "state" ? [condition.entity_id] : []));
  const entity = found === null ? undefined : named(found[1] ?? "", entities, asked);
  return entity === undefined ? undefined : { edit: "anyway", entity_id: entity.id };
};

/** The first that understands a part has it. */
const READERS: readonly Reader[] = [
  readShift,
  readSun,
  readAt,
  readBetween,
  readAnyTime,
  readLight,
  readHold,
  readDays,
  readAnyway,
  readState,
  readWithout,
];

function secondsOf(amount: string | undefined, unit: string | undefined): number | undefined {
  if (amount === undefined || unit === undefined) return undefined;
  const digits = Number(amount);
  const word = NUMBERS.indexOf(amount);
  const count = Number.isNaN(digits) ? (word >= 0 ? word : MORE_NUMBERS[amount]) : digits;
  if (count === undefined) return undefined;
  return count * (unit.startsWith("h") ? 3_600 : unit.startsWith("m") ? 60 : 1);
}

function timeOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (text === "noon") return "12:00";
  if (text === "midnight") return "00:00";
  const found = /^(\d{1,2})(?:[:.](\d{2}))?\s?(am|pm)?$/.exec(text);
  if (found === null) return undefined;
  const [hour, minute] = [Number(found[1]), Number(found[2] ?? 0)];
  if (hour > (found[3] === undefined ? 23 : 12) || minute > 59) return undefined;
  const shifted = found[3] === undefined ? hour : (hour % 12) + (found[3] === "pm" ? 12 : 0);
  return clockOfMinute(shifted * 60 + minute);
}

/** The days of "weekdays", "the weekend", "Mondays and Fridays", "Monday to Thursday", "every day". */
function daysIn(text: string): readonly Weekday[] | undefined {
  const plain = text.trim();
  if (/^(?:every ?day|all days|daily)$/.test(plain)) return WEEKDAYS;
  if (/^(?:week ?days?|work(?:ing)? ?days?)$/.test(plain)) return WORKDAYS;
  if (/^week-?ends?(?: days?)?$/.test(plain)) return WEEKEND;
  const span = /^(\w+) (?:to|until|through) (\w+)$/.exec(plain);
  if (span !== null) {
    const [first, last] = [dayOf(span[1] ?? ""), dayOf(span[2] ?? "")];
    if (first === undefined || last === undefined) return undefined;
    const length = (WEEKDAYS.indexOf(last) - WEEKDAYS.indexOf(first) + 7) % 7;
    return WEEKDAYS.filter((_, index) => (index - WEEKDAYS.indexOf(first) + 7) % 7 <= length);
  }
  const words = plain.split(/\s+(?:and |or |on )?/).filter((word) => word !== "" && word !== "and");
  const days = words.map(dayOf);
  if (days.length === 0 || days.includes(undefined)) return undefined;
  return WEEKDAYS.filter((day) => days.includes(day));
}

function dayOf(word: string): Weekday | undefined {
  return WEEKDAYS.find((day) =>
    new RegExp(`^${day}(?:s|day|days|sday|sdays|nesday|nesdays|rsday|rsdays|r|rs|urday|urdays)?$`).test(word),
  );
}

/** The one entity that people mean by these words: all words in its name, the fewest others; undefined when two fit alike. */
function named(words: string, entities: readonly NamedEntity[], among?: readonly string[]): NamedEntity | undefined {
  const asked = words
    .split(/[\s_.]+/)
    .map(wordForm)
    .filter((word) => word !== "the");
  if (asked.length === 0) return undefined;
  const fits = entities
    .filter(({ id }) => among === undefined || among.includes(id))
    .map((entity) => {
      const own = new Set(
        `${friendlyName(entity.id, entity)} ${entity.id}`
          .toLowerCase()
          .split(/[\s_.]+/)
          .map(wordForm),
      );
      return { entity, isFit: asked.every((word) => own.has(word)), rest: own.size };
    })
    .filter(({ isFit }) => isFit)
    .sort((a, b) => a.rest - b.rest);
  const [first, second] = fits;
  return first !== undefined && (second === undefined || second.rest > first.rest) ? first.entity : undefined;
}

const SAME_WORDS: Readonly<Record<string, string>> = {
  television: "tv",
  telly: "tv",
  lamp: "light",
  lights: "light",
  lamps: "light",
};

/** The words of a name, in the form in which a wish is compared with them. */
export function nameWords(name: string): readonly string[] {
  return name
    .toLowerCase()
    .split(/[\s_.]+/)
    .map(wordForm)
    .filter((word) => word.length > 1 && word !== "the");
}

function wordForm(word: string): string {
  const plain = word.replace(/'s$/, "");
  return SAME_WORDS[plain] ?? plain;
}

function stateOf(words: string, { states }: KnownEntity): string | undefined {
  const plain = words.trim().replaceAll(" ", "_");
  const asked =
    plain === "home" || plain === "at_home"
      ? ["home", "on"]
      : plain === "away"
        ? ["not_home", "away", "off"]
        : plain === "open"
          ? ["open", "on"]
          : plain === "closed"
            ? ["closed", "off"]
            : plain === "on"
              ? ["on", "playing", "heat"]
              : [plain];
  return asked.find((state) => states.includes(state));
}

/** The state in which a thing is that is not in this one: known where there are two, else the one of rest. */
function oppositeOf(state: string, { states }: KnownEntity): string | undefined {
  const others = states.filter((each) => each !== state);
  if (others.length === 1) return others[0];
  return REST_STATES.find((rest) => others.includes(rest));
}
