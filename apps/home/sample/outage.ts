import type { Scene } from "./routine.ts";

/** What hangs on the hub that fails now and then. */
const ON_THE_HUB = [
  "light.living_room_lamp",
  "light.living_room_ceiling",
  "light.kitchen_ceiling",
  "light.kitchen_counter",
  "light.bedroom_ceiling",
  "light.study_desk",
  "switch.study_monitor",
  "switch.kitchen_kettle",
] as const;

/** Once in two weeks or so the hub is gone for a while: its devices are unavailable, and come back in the state they are in. */
export function failNowAndThen({ script, chance }: Scene): void {
  const dice = chance("outage");
  if (!dice.happens(1 / 14)) return;
  const from = dice.between(9 * 60, 21 * 60);
  const to = from + dice.between(5, 40);
  for (const entityId of ON_THE_HUB) {
    script.set(entityId, from, "unavailable", "unknown");
    script.set(entityId, to, script.isOn(entityId, to) ? "on" : "off", "startup");
  }
}
