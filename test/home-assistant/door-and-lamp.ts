import type { SeededChange } from "./seed-history.ts";

const DAY_MS = 86_400_000;

/** Three weeks in which somebody switches the hall's lamp on whenever the door opens, and off again later. */
export function doorAndLamp(userId: string): readonly SeededChange[] {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  return Array.from({ length: 21 }, (_, index) => index + 1).flatMap((day) => {
    const start = today - day * DAY_MS;
    return [8, 13, 18].flatMap((hour, round) => {
      const at = start + (hour * 60 + ((day * 7 + round * 13) % 50)) * 60_000;
      return [
        { at, entityId: "binary_sensor.door_open", state: "on" },
        { at: at + 12_000, entityId: "light.hall", state: "on", userId },
        { at: at + 60_000, entityId: "binary_sensor.door_open", state: "off" },
        { at: at + 1_200_000 + ((day * 37 + round * 11) % 40) * 60_000, entityId: "light.hall", state: "off", userId },
      ];
    });
  });
}
