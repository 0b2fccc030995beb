import type { Scenario } from "../harness/scenario.ts";
import { weakValues } from "../micro/c9-weak-values.ts";
import { bufferPool } from "../micro/r1-buffer-pool.ts";
import { memoryHit } from "./b1-memory-hit.ts";
import { databaseHit } from "./b2-database-hit.ts";
import { callOverhead } from "./b3-call.ts";
import { gatewayFaults } from "./b3-gateway-faults.ts";
import { gateway } from "./b3-gateway.ts";
import { durableRuns } from "./b4-durable-runs.ts";
import { postgresRuns } from "./b5-postgres-runs.ts";
import { memoryBound } from "./c2-memory-bound.ts";
import { dailyJob } from "./b6-daily-job.ts";
import { minerGate } from "./b7-gate.ts";
import { minerSpeed } from "./b7-miner-speed.ts";
import { minerPlanted } from "./b7-planted.ts";
import { similarQuestions } from "./b8-similar.ts";
import { memory } from "./b10-memory.ts";
import { hitRate } from "./b11-hit-rate.ts";
import { start } from "./b12-start.ts";
import { fileBurst } from "./b13-file-burst.ts";
import { savedTokens } from "./m9-tokens.ts";
import { throughput } from "./p10-throughput.ts";
import { workers } from "./p13-workers.ts";
import { sqliteWrites } from "./p1-sqlite-writes.ts";
import { lookUps } from "./p4-look-ups.ts";
import { batchStorage } from "./p2-batch-storage.ts";
import { queries } from "./p6-queries.ts";
import { memorySaved } from "./p8-memory.ts";
import { dailyHitRate } from "./p9-hit-rate.ts";

export const SCENARIOS: readonly Scenario[] = [
  memoryHit,
  databaseHit,
  callOverhead,
  gateway,
  gatewayFaults,
  durableRuns,
  postgresRuns,
  dailyJob,
  minerSpeed,
  minerGate,
  minerPlanted,
  similarQuestions,
  memory,
  hitRate,
  start,
  fileBurst,
  weakValues,
  memoryBound,
  savedTokens,
  sqliteWrites,
  batchStorage,
  lookUps,
  queries,
  memorySaved,
  dailyHitRate,
  throughput,
  workers,
  bufferPool,
];
