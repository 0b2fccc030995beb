import { automation, on, systemClock } from "millrace";

/** Runs that one worker executes at once. */
export const SLOTS = 8;
/** How long each of the two steps waits, in milliseconds, as for something that answers. */
export const STEP_MS = 40;

/** Two steps that wait and compute next to nothing. */
export const waiting = automation("waiting", { on: [on.manual()] }, async ({ step }) => {
  await step.run("first", () => systemClock.sleep(STEP_MS).then(() => 1));
  return step.run("second", () => systemClock.sleep(STEP_MS).then(() => 2));
});
