import { domainOf, type EntityFacts, isActuator, isPerson } from "./names.ts";

/** What a change of state is called: "turn on", "turns on", "was turned on", "were turned on". */
export interface Phrase {
  readonly base: string;
  readonly third: string;
  readonly didOne: string;
  readonly didMany: string;
}

/** Longest state shown; states come from files and may be anything. */
const LONGEST_STATE = 40;

const OPENINGS = new Set(["door", "window", "garage_door", "garage", "gate", "opening"]);
const OPENING_NAMES = /door|window|gate(?![a-z])|fridge|refrigerator|freezer|cupboard|drawer|cabinet/;
const USED_NAMES = /flush|toilet|shower|basin|sink|bath(?![a-z])/;
const MOTION_NAMES = /(?:^|[._])pir(?:[._]|$)|(?:motion|presence)(?:_(?:sensor|detector))?(?:_\d+)?$/;
/** What a sensor of a device class finds: first while it does, then when it does no more. */
const DETECTED: Readonly<Record<string, readonly [string, string]>> = {
  carbon_monoxide: ["carbon monoxide", "carbon monoxide"],
  cold: ["cold", "cold"],
  gas: ["gas", "gas"],
  heat: ["heat", "heat"],
  light: ["light", "light"],
  moisture: ["moisture", "moisture"],
  moving: ["movement", "movement"],
  occupancy: ["somebody", "anybody"],
  presence: ["somebody", "anybody"],
  problem: ["a problem", "a problem"],
  smoke: ["smoke", "smoke"],
  sound: ["sound", "sound"],
  tamper: ["tampering", "tampering"],
  vibration: ["vibration", "vibration"],
};
/** States of thermostats, as people say them. */
const MODES: Readonly<Record<string, string>> = {
  auto: "automatic",
  cool: "cooling",
  dry: "drying",
  fan_only: "fan only",
  heat: "heating",
  heat_cool: "heating and cooling",
};

const PLAIN_STATES = new Set([
  "on",
  "off",
  "open",
  "closed",
  "locked",
  "unlocked",
  "playing",
  "paused",
  "idle",
  "docked",
]);

/** Puts a change of state into words. */
export function phraseOf(entityId: string, to: string, facts?: EntityFacts): Phrase {
  if (isPerson(entityId, facts)) return personPhrase(to);
  if (domainOf(entityId) === "activity") return activityPhrase(to);
  return isActuator(entityId) ? actuatorPhrase(to) : sensorPhrase(entityId, to, facts);
}

/** A state after "is": "on", "at home", "away", "playing". */
export function stateText(entityId: string, state: string, facts?: EntityFacts): string {
  if (isPerson(entityId, facts)) {
    if (state === "home" || state === "on") return "at home";
    if (state === "not_home" || state === "away" || state === "off") return "away";
  }
  return PLAIN_STATES.has(state) ? state : quoteState(state);
}

/** A state as it may stand inside a sentence. */
function quoteState(state: string): string {
  const plain = state.replaceAll(/[\p{C}"“”\s]+/gu, " ").trim();
  return `"${plain.length > LONGEST_STATE ? `${plain.slice(0, LONGEST_STATE - 1)}…` : plain}"`;
}

function actuatorPhrase(to: string): Phrase {
  switch (to) {
    case "on":
      return passive("turn on", "turns on", "turned on");
    case "off":
      return passive("turn off", "turns off", "turned off");
    case "open":
      return passive("open", "opens", "opened");
    case "closed":
      return passive("close", "closes", "closed");
    case "locked":
      return passive("lock", "locks", "locked");
    case "unlocked":
      return passive("unlock", "unlocks", "unlocked");
    case "playing":
      return passive("start", "starts to play", "started");
    case "paused":
      return passive("pause", "pauses", "paused");
    case "idle":
    case "standby":
      return passive("stop", "stops", "stopped");
    case "cleaning":
      return passive("start", "starts to clean", "started");
    case "docked":
      return passive("dock", "returns to its dock", "sent to its dock");
    default: {
      const state = MODES[to] ?? quoteState(to);
      return passive(`change to ${state}`, `changes to ${state}`, `set to ${state}`);
    }
  }
}

function sensorPhrase(entityId: string, to: string, facts: EntityFacts | undefined): Phrase {
  const isOn = to === "on" || to === "open";
  if (!isOn && to !== "off" && to !== "closed") return changed(to);
  const deviceClass = facts?.deviceClass ?? "";
  const [found, lost] = DETECTED[deviceClass] ?? [];
  if (found !== undefined) {
    return isOn
      ? active(`detect ${found}`, `detects ${found}`, `detected ${found}`)
      : active(`stop detecting ${lost}`, `stops detecting ${lost}`, `stopped detecting ${lost}`);
  }
  if (deviceClass === "motion" || MOTION_NAMES.test(entityId)) {
    return isOn
      ? active("see motion", "sees motion", "saw motion")
      : active("stop seeing motion", "stops seeing motion", "stopped seeing motion");
  }
  if (OPENINGS.has(deviceClass) || OPENING_NAMES.test(entityId)) {
    return isOn ? active("open", "opens", "opened") : active("close", "closes", "closed");
  }
  if (USED_NAMES.test(entityId)) {
    return isOn
      ? passive("be used", "is used", "used")
      : active("be no longer used", "is no longer used", "was no longer used");
  }
  return isOn ? active("turn on", "turns on", "turned on") : active("turn off", "turns off", "turned off");
}

function activityPhrase(to: string): Phrase {
  if (to === "on") return active("begin", "begins", "began");
  return to === "off" ? active("end", "ends", "ended") : changed(to);
}

function personPhrase(to: string): Phrase {
  if (to === "home" || to === "on") return active("come home", "comes home", "came home");
  if (to === "not_home" || to === "away" || to === "off") return active("leave home", "leaves home", "left home");
  const place = quoteState(to);
  return active(`go to ${place}`, `goes to ${place}`, `went to ${place}`);
}

function changed(to: string): Phrase {
  const state = quoteState(to);
  return active(`change to ${state}`, `changes to ${state}`, `changed to ${state}`);
}

function active(base: string, third: string, did: string): Phrase {
  return { base, third, didOne: did, didMany: did };
}

function passive(base: string, third: string, participle: string): Phrase {
  return { base, third, didOne: `was ${participle}`, didMany: `were ${participle}` };
}
