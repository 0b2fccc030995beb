import type { DatabaseSync } from "node:sqlite";
import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { systemClock } from "../../core/clock.ts";
import type { ErrorCode } from "../../core/errors.ts";
import { openConnection, readSettings } from "./connection.ts";
import { createGroupWriter, type GroupWriter } from "./group.ts";
import { migrate } from "./migrate.ts";
import { arePlain, fromMessage, toMessage } from "./message-text.ts";
import type { Failure, WriterAnswer, WriterData, WriterRequest } from "./protocol.ts";
import type { SlowStatement } from "./slow-statements.ts";
import { reasonOf } from "./sqlite-error.ts";

type GroupRequest = Extract<WriterRequest, { kind: "group" }>;

if (parentPort !== null) start(parentPort, workerData as WriterData);

function start(port: MessagePort, { path, durability, slowMs }: WriterData): void {
  let database: DatabaseSync;
  let writer: GroupWriter;
  let slow: SlowStatement[] = [];
  try {
    database = openConnection({ path, durability, readOnly: false });
    writer = createGroupWriter(database, { clock: systemClock, slowMs, tell: (one) => void slow.push(one) });
  } catch (error) {
    answer(port, failure("DATA_UNUSABLE", error));
    port.close();
    return;
  }
  port.on("message", (message: WriterRequest | string) => {
    const request = fromMessage(message);
    if (request.kind === "group") writeGroup(request);
    else answer(port, guarded(request));
    if (request.kind === "close") port.close();
  });
  answer(port, { kind: "opened" });

  function writeGroup({ learn, jobs, forget }: GroupRequest): void {
    for (const text of learn) writer.learn(text);
    const outcomes = writer.execute(jobs);
    const told = slow.length === 0 ? {} : { slow };
    answer(port, { kind: "group", outcomes, version: writer.version(), ...told }, arePlain(outcomes));
    slow = [];
    for (const statement of forget) writer.forget(statement);
  }

  function guarded(request: Exclude<WriterRequest, GroupRequest>): WriterAnswer {
    try {
      return handle(request);
    } catch (error) {
      return failure("STORE_FAILED", error);
    }
  }

  function handle(request: Exclude<WriterRequest, GroupRequest>): WriterAnswer {
    switch (request.kind) {
      case "migrate":
        return migrate(database, request) ?? { kind: "migrated" };
      case "checkpoint":
        database.exec("pragma wal_checkpoint(passive)");
        return { kind: "checkpointed" };
      case "look":
        return { kind: "looked", version: writer.look() };
      case "settings":
        return { kind: "settings", settings: readSettings(database) };
      case "close":
        database.close();
        return { kind: "closed" };
    }
  }
}

function answer(port: MessagePort, message: WriterAnswer, isPlain = false): void {
  port.postMessage(toMessage(message, isPlain));
}

function failure(code: ErrorCode, error: unknown): Failure {
  const reason = reasonOf(error);
  return { kind: "failed", code, message: reason, isRetryable: false, facts: { reason } };
}
