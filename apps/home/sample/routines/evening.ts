import { byClock, type PlantedRoutine, type Routine, type Scene } from "../routine.ts";

const LAMP = "light.living_room_lamp";
const CEILING = "light.living_room_ceiling";
const COUNTER = "light.kitchen_counter";
const CHARGER = "switch.bedroom_charger";
const BLINDS = "cover.living_room_blinds";
const LOCK = "lock.front_door";

const LAMP_MINUTE = 19 * 60 + 30;
const BED_MINUTE = 22 * 60 + 50;
const LOCK_MINUTE = 23 * 60 + 15;
const CHARGER_MINUTE = 23 * 60 + 57;
const AFTER_SUNSET = 15;

const lampOn = byClock({
  id: "evening-lamp",
  description: "The lamp in the living room goes on at half past seven in the evening.",
  minute: LAMP_MINUTE,
  entities: [LAMP],
  to: "on",
  reliability: 0.92,
});

const bedtime = byClock({
  id: "bedtime-lights",
  description: "At ten to eleven three lights go off within seconds, one switch after the other.",
  minute: BED_MINUTE,
  entities: [LAMP, CEILING, COUNTER],
  to: "off",
  reliability: 0.9,
});

const charger = byClock({
  id: "charger-midnight",
  description: "The charger beside the bed goes on around midnight, on either side of it.",
  minute: CHARGER_MINUTE,
  entities: [CHARGER],
  to: "on",
  reliability: 0.9,
});

const blindsSunset: PlantedRoutine = {
  id: "blinds-sunset",
  description: "The blinds of the living room close a quarter of an hour after sunset: no clock knows this one.",
  trigger: { type: "sun", event: "sunset", offset_min: AFTER_SUNSET },
  conditions: [],
  action: { entity_ids: [BLINDS], to: "closed" },
  reliability: 0.92,
  window_s: 1_800,
  minable: true,
};

const lockNight = byClock({
  id: "lock-night",
  description: "The front door is locked at a quarter past eleven: a lock, which is nothing to propose.",
  minute: LOCK_MINUTE,
  entities: [LOCK],
  to: "locked",
  reliability: 0.93,
  minable: false,
});

export const evening: Routine = {
  planted: [lampOn, bedtime, charger, blindsSunset, lockNight],
  live(scene) {
    lightUp(scene);
    charge(scene);
    closeBlinds(scene);
    lock(scene);
  },
};

/** From the lamp in the evening to bed. Who goes to bed without the habit leaves the lights to be put out one by one. */
function lightUp({ script, chance }: Scene): void {
  const dice = chance("evening lights");
  const isScene = dice.happens(bedtime.reliability);
  const bed = BED_MINUTE + dice.jitter(9);
  const lamp = dice.happens(lampOn.reliability) ? LAMP_MINUTE + dice.jitter(7) : dice.between(20 * 60 + 15, 22 * 60);
  const starts = [
    [LAMP, lamp],
    [CEILING, dice.between(17 * 60 + 30, 21 * 60 + 45)],
    [COUNTER, dice.between(17 * 60 + 30, 22 * 60)],
  ] as const;
  for (const [index, [entityId, from]] of starts.entries()) {
    const together = bed + (index * 0.9 + dice.between(0, 0.6)) / 60;
    script.use(entityId, from, isScene ? together : dice.between(22 * 60 + 5, 25 * 60 + 30));
  }
}

function charge({ script, chance }: Scene): void {
  const dice = chance("charger");
  if (dice.happens(charger.reliability)) {
    script.use(CHARGER, CHARGER_MINUTE + dice.jitter(10), dice.between(24 * 60 + 40, 28 * 60), { cause: "user" });
  }
  if (dice.happens(0.3)) {
    const from = dice.between(8 * 60, 21 * 60);
    script.use(CHARGER, from, from + dice.between(20, 120), { cause: "user" });
  }
}

function closeBlinds({ script, sunset, chance }: Scene): void {
  const dice = chance("living room blinds");
  const isHabit = dice.happens(blindsSunset.reliability);
  const close = isHabit ? sunset + AFTER_SUNSET + dice.jitter(6) : sunset + dice.between(50, 140);
  const open = dice.between(7 * 60, 11 * 60);
  script.use(BLINDS, open, close, { states: ["open", "closed"], cause: "user" });
}

function lock({ script, chance }: Scene): void {
  const dice = chance("lock");
  const night = dice.happens(lockNight.reliability) ? LOCK_MINUTE + dice.jitter(6) : dice.between(24 * 60, 26 * 60);
  script.use(LOCK, dice.between(6 * 60 + 30, 10 * 60), night, { states: ["unlocked", "locked"] });
}
