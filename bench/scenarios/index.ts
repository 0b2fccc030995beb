import type { Scenario } from "../harness/scenario.ts";
import { weakValues } from "../micro/c9-weak-values.ts";
import { memoryHit } from "./b1-memory-hit.ts";
import { databaseHit } from "./b2-database-hit.ts";
import { callOverhead } from "./b3-call.ts";
import { dailyJob } from "./b6-daily-job.ts";
import { similarQuestions } from "./b8-similar.ts";
import { hitRate } from "./b11-hit-rate.ts";
import { start } from "./b12-start.ts";
import { batchStorage } from "./p2-batch-storage.ts";

export const SCENARIOS: readonly Scenario[] = [
  memoryHit,
  databaseHit,
  callOverhead,
  dailyJob,
  similarQuestions,
  hitRate,
  start,
  weakValues,
  batchStorage,
];
