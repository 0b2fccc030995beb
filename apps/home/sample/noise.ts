import type { Chance } from "./chance.ts";
import type { DayScript } from "./day-script.ts";
import type { Scene } from "./routine.ts";

const SECOND = 1 / 60;

/** Lamps and appliances in use without any rule: how often a day, when, and for how many minutes. */
const RANDOM_USES = [
  { entityId: "light.kitchen_ceiling", times: 3, from: 6 * 60 + 30, to: 22 * 60, minutes: [3, 45] },
  { entityId: "light.bedroom_ceiling", times: 2, from: 6 * 60 + 30, to: 23 * 60, minutes: [2, 30] },
  { entityId: "light.bedroom_bedside", times: 1, from: 20 * 60, to: 26 * 60, minutes: [5, 70] },
  { entityId: "light.living_room_ceiling", times: 0.4, from: 7 * 60, to: 16 * 60, minutes: [5, 60] },
  { entityId: "light.kitchen_counter", times: 1, from: 6 * 60 + 30, to: 16 * 60, minutes: [3, 40] },
  { entityId: "fan.kitchen_hood", times: 0.9, from: 11 * 60 + 30, to: 20 * 60, minutes: [8, 35] },
  { entityId: "binary_sensor.fridge_door", times: 11, from: 6 * 60 + 30, to: 23 * 60, minutes: [0.1, 0.8] },
] as const;

/** Rooms whose motion sensors see somebody: how often a day, and when. */
const MOTION = [
  { entityId: "binary_sensor.hall_motion", times: 11, from: 6 * 60 + 20, to: 23 * 60 + 30 },
  { entityId: "binary_sensor.living_room_motion", times: 20, from: 7 * 60, to: 23 * 60 + 30 },
  { entityId: "binary_sensor.kitchen_motion", times: 15, from: 6 * 60 + 30, to: 22 * 60 + 30 },
  { entityId: "binary_sensor.bedroom_motion", times: 6, from: 6 * 60, to: 25 * 60 },
] as const;

const DERIVED = "binary_sensor.motion_at_home";
const SENSES = [...MOTION.map(({ entityId }) => entityId), "binary_sensor.bathroom_motion"];

/** Whatever happens without a rule behind it. */
export function liveAtRandom({ script, chance }: Scene): void {
  for (const use of RANDOM_USES) {
    const dice = chance(use.entityId);
    for (let times = dice.count(use.times); times > 0; times--) {
      const from = dice.between(use.from, use.to);
      const [shortest, longest] = use.minutes;
      script.use(use.entityId, from, from + dice.between(shortest, longest));
    }
  }
  flicker(script, chance("flicker"));
  for (const room of MOTION) {
    const dice = chance(room.entityId);
    for (let times = dice.count(room.times); times > 0; times--) {
      chatter(script, dice, room.entityId, dice.between(room.from, room.to));
    }
  }
}

/** Follows the motion sensors as a template sensor would: busy, and nobody's act. Comes after everything that moves. */
export function deriveMotion({ script }: Scene): void {
  const phases = SENSES.flatMap((entityId) => script.phasesOf(entityId)).sort((a, b) => a.from - b.from);
  let joined = phases[0];
  for (const phase of phases) {
    if (joined === undefined) return;
    if (phase.from <= joined.to) {
      joined = { from: joined.from, to: Math.max(joined.to, phase.to) };
    } else {
      script.use(DERIVED, joined.from, joined.to, { cause: "derived" });
      joined = phase;
    }
  }
  if (joined !== undefined) script.use(DERIVED, joined.from, joined.to, { cause: "derived" });
}

/** A loose contact: on and off again within a second or two, a few times. */
function flicker(script: DayScript, dice: Chance): void {
  if (!dice.happens(0.2)) return;
  let minute = dice.between(8 * 60, 22 * 60);
  for (let times = 2 + dice.count(1); times > 0; times--) {
    script.use("light.kitchen_ceiling", minute, minute + dice.between(0.3, 1) * SECOND);
    minute += dice.between(1.5, 3) * SECOND;
  }
}

/** A motion sensor reports somebody in pulses. */
function chatter(script: DayScript, dice: Chance, entityId: string, start: number): void {
  let minute = start;
  for (let pulses = 1 + dice.count(0.8); pulses > 0; pulses--) {
    const end = minute + dice.between(15, 100) * SECOND;
    script.use(entityId, minute, end, { cause: "unknown" });
    minute = end + dice.between(4, 60) * SECOND;
  }
}
