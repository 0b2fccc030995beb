import type { Scenario } from "../harness/scenario.ts";
import { dailyJob } from "./b6-daily-job.ts";
import { hitRate } from "./b11-hit-rate.ts";
import { start } from "./b12-start.ts";
import { batchStorage } from "./p2-batch-storage.ts";

export const SCENARIOS: readonly Scenario[] = [dailyJob, hitRate, start, batchStorage];
