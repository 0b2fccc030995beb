import type { Chance } from "../chance.ts";
import { byState, type Minute, type Routine, type Scene } from "../routine.ts";

const ROBIN = "binary_sensor.robin_home";
const DOOR = "binary_sensor.front_door";
const HALL = "light.hall";
const SECOND = 1 / 60;

const hallLight = byState({
  id: "arrival-hall-light",
  description: "Whoever comes home puts on the light in the hall.",
  when: ROBIN,
  goesTo: "on",
  entity: HALL,
  to: "on",
  reliability: 0.92,
  window_s: 60,
});

export const comingHome: Routine = {
  planted: [hallLight],
  live(scene) {
    const dice = scene.chance("outings");
    for (const [leave, back] of outings(scene, dice)) goOut(scene, dice, leave, back);
    for (let times = dice.count(1.5); times > 0; times--) openDoor(scene, dice, dice.between(9 * 60, 20 * 60));
    for (let times = dice.count(1); times > 0; times--) {
      const from = dice.between(7 * 60, 23 * 60);
      scene.script.use(HALL, from, from + dice.between(2, 20));
    }
  },
};

/** Times of leaving and of coming back. */
function outings({ isWeekend }: Scene, dice: Chance): readonly (readonly [Minute, Minute])[] {
  const list: [Minute, Minute][] = [];
  if (!isWeekend && dice.happens(0.9)) {
    list.push([dice.between(7 * 60 + 40, 9 * 60), dice.between(15 * 60 + 45, 19 * 60 + 15)]);
  }
  if (isWeekend) {
    const leave = dice.between(9 * 60 + 30, 14 * 60);
    list.push([leave, leave + dice.between(30, 120)]);
  }
  if (dice.happens(isWeekend ? 0.7 : 0.35)) {
    const leave = dice.between(isWeekend ? 16 * 60 + 30 : 19 * 60 + 45, 21 * 60);
    list.push([leave, leave + dice.between(30, 110)]);
  }
  return list;
}

function goOut(scene: Scene, dice: Chance, leave: Minute, back: Minute): void {
  const { script } = scene;
  if (!script.use(ROBIN, leave, back, { states: ["off", "on"], cause: "unknown" })) return;
  openDoor(scene, dice, leave - dice.between(20, 60) * SECOND);
  openDoor(scene, dice, back - dice.between(4, 20) * SECOND);
  if (!dice.happens(hallLight.reliability)) return;
  const light = back + dice.between(2, 35) * SECOND;
  script.use(HALL, light, light + dice.between(8, 45));
}

function openDoor({ script }: Scene, dice: Chance, minute: Minute): void {
  script.use(DOOR, minute, minute + dice.between(4, 25) * SECOND);
}
