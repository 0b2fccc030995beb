import type { Chance } from "../chance.ts";
import { byState, type Minute, type Routine, type Scene } from "../routine.ts";

const MONITOR = "switch.study_monitor";
const DESK = "light.study_desk";
const SPEAKER = "media_player.study_speaker";
const SECOND = 1 / 60;

const deskLight = byState({
  id: "study-desk-light",
  description: "First step of getting to work: after the monitor comes the light on the desk.",
  when: MONITOR,
  goesTo: "on",
  entity: DESK,
  to: "on",
  reliability: 0.94,
  window_s: 90,
});

const music = byState({
  id: "study-music",
  description: "Second step of getting to work: after the light on the desk comes the music.",
  when: DESK,
  goesTo: "on",
  entity: SPEAKER,
  to: "playing",
  reliability: 0.88,
  window_s: 180,
});

export const study: Routine = {
  planted: [deskLight, music],
  live(scene) {
    const dice = scene.chance("study");
    for (const minute of sessions(scene, dice)) work(scene, dice, minute);
  },
};

function sessions({ isWeekend }: Scene, dice: Chance): readonly Minute[] {
  if (isWeekend) return dice.happens(0.5) ? [dice.between(10 * 60, 19 * 60)] : [];
  return [dice.between(7 * 60 + 30, 10 * 60 + 45), dice.between(12 * 60 + 45, 16 * 60 + 30)];
}

function work({ script }: Scene, dice: Chance, start: Minute): void {
  const end = start + dice.between(35, 115);
  if (!script.use(MONITOR, start, end + dice.between(-12, 12))) return;
  if (!dice.happens(deskLight.reliability)) return;
  const light = start + dice.between(5, 60) * SECOND;
  if (!script.use(DESK, light, end + dice.between(-15, 15))) return;
  if (!dice.happens(music.reliability)) return;
  const playing = { states: ["playing", "idle"], cause: "user" } as const;
  script.use(SPEAKER, light + dice.between(15, 120) * SECOND, end + dice.between(-20, 10), playing);
}
