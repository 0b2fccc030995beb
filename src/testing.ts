export { createManualClock, type ManualClock } from "./core/manual-clock.ts";
export { createSeededRandom, type Random } from "./core/random.ts";
