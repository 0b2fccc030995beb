import { systemClock } from "../../src/core/clock.ts";
import { systemRandom } from "../../src/core/random.ts";
import { createCache } from "../../src/cache/create-cache.ts";
import { createMemoryLevel } from "../../src/cache/memory/memory-level.ts";

export const cache = createCache({ memory: createMemoryLevel(), clock: systemClock, random: systemRandom });
