import type { Chance } from "../chance.ts";
import { byState, type Minute, type Routine, type Scene } from "../routine.ts";

const TELEVISION = "media_player.living_room_tv";
const READING = "light.living_room_reading";
const SECOND = 1 / 60;

const readingOff = byState({
  id: "television-reading-light",
  description: "When the television starts, the reading light goes off.",
  when: TELEVISION,
  goesTo: "playing",
  entity: READING,
  to: "off",
  reliability: 0.92,
  window_s: 60,
});

export const television: Routine = {
  planted: [readingOff],
  live(scene) {
    const dice = scene.chance("television");
    for (const minute of showings(scene, dice)) watch(scene, dice, minute);
    for (let times = dice.count(0.7); times > 0; times--) {
      const from = dice.between(8 * 60, 21 * 60);
      scene.script.use(READING, from, from + dice.between(10, 60));
    }
  },
};

function showings({ isWeekend }: Scene, dice: Chance): readonly Minute[] {
  const evening = dice.between(18 * 60 + 15, 21 * 60 + 30);
  return dice.happens(isWeekend ? 0.8 : 0.4) ? [dice.between(12 * 60 + 30, 16 * 60), evening] : [evening];
}

/** Somebody reads before most showings. */
function watch({ script }: Scene, dice: Chance, start: Minute): void {
  const playing = { states: ["playing", "off"], cause: "user" } as const;
  if (!script.use(TELEVISION, start, start + dice.between(40, 130), playing)) return;
  if (!dice.happens(0.95)) return;
  const off = dice.happens(readingOff.reliability) ? dice.between(3, 30) * SECOND : dice.between(15, 60);
  script.use(READING, start - dice.between(12, 70), start + off);
}
