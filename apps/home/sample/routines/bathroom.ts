import type { Chance } from "../chance.ts";
import { byState, type Minute, type Routine, type Scene } from "../routine.ts";

const MOTION = "binary_sensor.bathroom_motion";
const LIGHT = "light.bathroom";
const HUMID = "binary_sensor.bathroom_humid";
const FAN = "fan.bathroom";
const SECOND = 1 / 60;

const nightLight = byState({
  id: "bathroom-night-light",
  description: "At night, not by day, whoever enters the bathroom puts on its light.",
  when: MOTION,
  goesTo: "on",
  entity: LIGHT,
  to: "on",
  conditions: [{ type: "time", after: "22:30", before: "06:00" }],
  reliability: 0.93,
  window_s: 30,
});

const showerFan = byState({
  id: "shower-fan",
  description: "After a shower, when the air is humid, somebody starts the fan.",
  when: HUMID,
  goesTo: "on",
  entity: FAN,
  to: "on",
  reliability: 0.9,
  window_s: 120,
});

export const bathroom: Routine = {
  planted: [nightLight, showerFan],
  live(scene) {
    const dice = scene.chance("bathroom");
    for (const minute of nightVisits(dice)) visit(scene, dice, minute, nightLight.reliability);
    for (let times = 5 + dice.count(2); times > 0; times--) {
      visit(scene, dice, dice.between(6 * 60 + 20, 22 * 60 + 10), 0.06);
    }
    shower(scene);
  },
};

/** Before four in the morning belongs to the evening before. */
function nightVisits(dice: Chance): readonly Minute[] {
  const visits = [dice.between(22 * 60 + 40, 25 * 60), dice.between(25 * 60, 27 * 60 + 40)];
  if (dice.happens(0.5)) visits.push(dice.between(4 * 60 + 5, 5 * 60 + 40));
  return visits;
}

function visit({ script }: Scene, dice: Chance, from: Minute, lightChance: number): void {
  const to = from + dice.between(1, 5);
  const isLit = dice.happens(lightChance);
  const light = from + dice.between(2, 12) * SECOND;
  if (!script.use(MOTION, from, to) || !isLit) return;
  script.use(LIGHT, light, light + dice.between(1, 12));
}

function shower({ script, isWeekend, chance }: Scene): void {
  const dice = chance("shower");
  for (let person = 0; person < 2; person++) {
    const isEarly = dice.happens(0.6);
    const early = isWeekend ? dice.between(8 * 60, 12 * 60) : dice.between(6 * 60 + 15, 8 * 60 + 30);
    const humid = isEarly ? early : dice.between(16 * 60, 22 * 60);
    if (!script.use(HUMID, humid, humid + dice.between(12, 40))) continue;
    if (!dice.happens(showerFan.reliability)) continue;
    const fan = humid + dice.between(8, 80) * SECOND;
    script.use(FAN, fan, fan + dice.between(8, 50));
  }
}
