import { byState, type Routine } from "../routine.ts";

const DOOR = "binary_sensor.utility_door";
const LIGHT = "light.utility";
const SECOND = 1 / 60;

const light = byState({
  id: "utility-door-light",
  description: "Whoever opens the door of the utility room puts on its light.",
  when: DOOR,
  goesTo: "on",
  entity: LIGHT,
  to: "on",
  reliability: 0.95,
  window_s: 30,
});

export const utilityRoom: Routine = {
  planted: [light],
  live({ script, chance }) {
    const dice = chance("utility room");
    for (let times = 2 + dice.count(1.5); times > 0; times--) {
      const door = dice.between(7 * 60, 22 * 60 + 30);
      const isLit = dice.happens(light.reliability);
      if (!script.isFree(LIGHT, door, door + 1)) continue;
      if (!script.use(DOOR, door, door + dice.between(8, 90) * SECOND) || !isLit) continue;
      const from = door + dice.between(1, 8) * SECOND;
      script.use(LIGHT, from, from + dice.between(7, 35));
    }
  },
};
