import { byClock, type Routine } from "./routine.ts";

const PATH_ON = 18 * 60;

const gardenPath = byClock({
  id: "garden-path-automation",
  description: "An automation puts on the light of the garden path at six: no habit of anybody.",
  minute: PATH_ON,
  entities: ["light.garden_path"],
  to: "on",
  reliability: 1,
  minable: false,
});

/** What runs by itself, whether somebody is at home or not. */
export const automations: Routine = {
  planted: [gardenPath],
  live({ script }) {
    script.use("light.garden_path", PATH_ON, 23 * 60, { cause: "automation" });
    script.use("climate.bedroom", 6 * 60, 22 * 60 + 30, { states: ["heat", "off"], cause: "automation" });
  },
};
