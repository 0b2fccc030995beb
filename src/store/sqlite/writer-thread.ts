import type { DatabaseSync } from "node:sqlite";
import { parentPort, receiveMessageOnPort, workerData, type MessagePort } from "node:worker_threads";
import type { ErrorCode } from "../../core/errors.ts";
import { openConnection, readSettings } from "./connection.ts";
import { createGroupWriter, type GroupWriter } from "./group.ts";
import { migrate } from "./migrate.ts";
import type { Failure, Job, WriterAnswer, WriterData, WriterRequest } from "./protocol.ts";
import { reasonOf } from "./sqlite-error.ts";

type GroupRequest = Extract<WriterRequest, { kind: "group" }>;

/** Groups that waited while the last one was written are joined, up to this many jobs a transaction. */
const LONGEST_GROUP = 1_000;

if (parentPort !== null) start(parentPort, workerData as WriterData);

function start(port: MessagePort, { path, durability }: WriterData): void {
  let database: DatabaseSync;
  let writer: GroupWriter;
  try {
    database = openConnection({ path, durability, readOnly: false });
    writer = createGroupWriter(database);
  } catch (error) {
    answer(port, failure("DATA_UNUSABLE", error));
    port.close();
    return;
  }
  const version = database.prepare("pragma data_version");
  version.setReturnArrays(true);
  const dataVersion = (): number => Number((version.get() as unknown as readonly unknown[])[0]);

  port.on("message", (first: WriterRequest) => {
    for (let request: WriterRequest | undefined = first; request !== undefined;) {
      if (request.kind === "group") request = handleGroups(request);
      else {
        answer(port, guarded(request));
        if (request.kind === "close") port.close();
        request = next(port);
      }
    }
  });
  answer(port, { kind: "opened" });

  /** Writes this group and those that wait behind it; gives the first request of another kind, if there is one. */
  function handleGroups(first: GroupRequest): WriterRequest | undefined {
    const groups: GroupRequest[] = [];
    const jobs: Job[] = [];
    let request: WriterRequest | undefined = first;
    while (request?.kind === "group") {
      for (const text of request.learn) writer.learn(text);
      groups.push(request);
      jobs.push(...request.jobs);
      request = jobs.length < LONGEST_GROUP ? next(port) : undefined;
    }
    const outcomes = writer.execute(jobs);
    const version = dataVersion();
    let done = 0;
    for (const group of groups) {
      answer(port, { kind: "group", outcomes: outcomes.slice(done, (done += group.jobs.length)), version });
      for (const statement of group.forget) writer.forget(statement);
    }
    return request;
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
        return { kind: "looked", version: dataVersion() };
      case "settings":
        return { kind: "settings", settings: readSettings(database) };
      case "close":
        database.close();
        return { kind: "closed" };
    }
  }
}

function next(port: MessagePort): WriterRequest | undefined {
  return receiveMessageOnPort(port)?.message as WriterRequest | undefined;
}

function answer(port: MessagePort, message: WriterAnswer): void {
  port.postMessage(message);
}

function failure(code: ErrorCode, error: unknown): Failure {
  const reason = reasonOf(error);
  return { kind: "failed", code, message: reason, isRetryable: false, facts: { reason } };
}
