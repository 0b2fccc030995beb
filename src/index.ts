import type { Services } from "./app.ts";
import type { Host, OpenHostOptions } from "./host.ts";
import {
  type Automation,
  type AutomationContext,
  type AutomationOptions,
  defineAutomation,
  type EventOf,
  type Trigger,
} from "./runs/automation.ts";
import type { Stored } from "./runs/stored.ts";

export {
  type AnyApp,
  type App,
  type AppCommand,
  type AppCheck,
  type AppHost,
  type AppInstance,
  type CommandAnswer,
  type CommandFlags,
  type CommandHost,
  type CommandOption,
  defineApp,
  type Services,
} from "./app.ts";
export { type Config, defineConfig, loadConfig, type LoadConfigOptions, type UserConfig } from "./config.ts";
export type { AiFactory } from "./calls/create-ai.ts";
export type {
  Ai,
  Answer,
  AnswerCaching,
  AnswerStream,
  CallOptions,
  CallUsage,
  Embedded,
  EmbedOptions,
  LaterAnswer,
  LaterItem,
  LaterOptions,
  LaterOutcome,
  ObjectOptions,
  Packing,
  PanelAnswer,
  PanelMember,
  PanelOptions,
  PanelOutcome,
  SimilarQuestion,
  SimilarReuse,
  StreamOptions,
  TextOptions,
  Turn,
} from "./calls/ai.ts";
export type { CallsConfig, ModelLimits } from "./calls/config.ts";
export type { GatewayConfig, GatewayToken } from "./calls/gateway/config.ts";
export type { CallFilter, CallGrouping, CallLedger, CallPage, CallRecord, CallSum } from "./calls/ledger.ts";
export type { CallAxis, RouteState } from "./calls/routes.ts";
export type {
  AuditData,
  AuditDraft,
  AuditEntry,
  AuditLog,
  AuditStatement,
  AuditTrail,
  ChangeRecorder,
} from "./core/audit.ts";
export { type Clock, systemClock, type Timer } from "./core/clock.ts";
export { type Duration, toMs } from "./core/duration.ts";
export { type ErrorCode, type ErrorRecord, isErrorCode, MillraceError, toErrorRecord } from "./core/errors.ts";
export type { EventMap, EventName, Events, Source } from "./core/events.ts";
export { createIds, type Ids } from "./core/ids.ts";
export { canonicalJson, type Json } from "./core/json.ts";
export type { Log, LogFields, LogLevel } from "./core/log.ts";
export { moduleUrl } from "./core/module-url.ts";
export { mapParallel, type ParallelOptions } from "./core/parallel.ts";
export { createSeededRandom, type Random, systemRandom } from "./core/random.ts";
export type { Schema } from "./core/schema.ts";
export type { Host, OpenHostOptions } from "./host.ts";
export {
  type Method,
  type Page,
  type Route,
  route,
  type RouteCache,
  type RouteOptions,
  type RouteRequest,
} from "./http/route.ts";
export type {
  Automation,
  AutomationContext,
  AutomationOptions,
  ConcurrencyRule,
  CronData,
  DebounceRule,
  EventOf,
  FailedRun,
  RateRule,
  RetryPolicy,
  RunEvent,
  ThrottleRule,
  Trigger,
} from "./runs/automation.ts";
export type { AutomationInfo, Emitted, Engine, Explanation, StartedRun, StepProgress } from "./runs/engine.ts";
export type { FileData, FileKind, FileOptions } from "./runs/files/file-trigger.ts";
export type { FileContent, OwnFiles, WrittenFile } from "./runs/files/own-files.ts";
export { readChunks, type ReadChunksOptions, readLines, type ReadLinesOptions } from "./runs/files/read-file.ts";
export { event, type EventOptions, type EventType } from "./runs/event-type.ts";
export { type BatchOptions, on } from "./runs/trigger.ts";
export type {
  CpuOptions,
  MapOptions,
  MapResult,
  RunOptions,
  Step,
  StepInfo,
  StepOptions,
  Transaction,
  WaitOptions,
} from "./runs/step.ts";
export type { Stored } from "./runs/stored.ts";
export type { SignaturePreset } from "./runs/webhook/signature.ts";
export type { WebhookOptions } from "./runs/webhook/webhook-trigger.ts";
export { json, jsonOrNull, number, numberOrNull, text, textOrNull } from "./store/row.ts";
export type {
  Database,
  GivenUp,
  HeavyReadOptions,
  HeavyReads,
  InsertManyParams,
  InsertManyResult,
  Row,
  RunLane,
  RunRecord,
  RunStatus,
  SqlParams,
  SqlValue,
  Statement,
  StatementResult,
  StepKind,
  StepRecord,
} from "./store/store.ts";

/**
 * Defines an automation: a named function with triggers. What its steps return is stored once; the rest of the function may run
 * again after a crash. Throws INPUT_INVALID for a name that is not made of lower-case words joined by dots or dashes.
 */
export function automation<const T extends readonly Trigger[], R>(
  name: string,
  options: AutomationOptions<T>,
  run: (context: AutomationContext<EventOf<T[number]>> & Services) => Promise<R>,
): Automation<EventOf<T[number]>, Stored<R>, Services> {
  return defineAutomation<T, R, Services>(name, options, run);
}

/**
 * Opens a Millrace in this process, without a server: store, models, apps and engine. Nothing is executed before `start`; close it when done.
 * Throws what `loadConfig` could not see: DATA_UNUSABLE, STORE_NEWER, AUTOMATION_DUPLICATE.
 */
export async function openHost(options: OpenHostOptions): Promise<Host> {
  // Loaded late: a file that only defines automations must not load the database and the providers.
  const host = await import("./host.ts");
  return await host.openHost(options);
}
