import { MillraceError } from "../../core/errors.ts";
import { moduleUrl } from "../../core/module-url.ts";
import type { Failure, WriterAnswer, WriterData, WriterRequest } from "./protocol.ts";
import { openThread, type ThreadChannel } from "./thread-channel.ts";

export type Answer = Exclude<WriterAnswer, Failure>;
export type WriterChannel = ThreadChannel<WriterRequest, Answer>;

/**
 * Starts the writer thread, and waits until it has opened the database. Throws DATA_UNUSABLE when it cannot. A thread that dies without having
 * been closed takes the process with it (an uncaught STORE_FAILED): nobody could store anything any more, the lock on the data would be held
 * for nothing, and the next start goes on where this one was.
 */
export function openWriterChannel(workerData: WriterData): Promise<WriterChannel> {
  return openThread({
    module: moduleUrl(import.meta.url, "./writer-thread"),
    name: "millrace-writer",
    workerData,
    cannot: "The store cannot write",
    onLost(error) {
      throw new MillraceError("STORE_FAILED", `The thread that writes the database has died: ${error.message}.`, {
        cause: error,
        advice: "Start Millrace again: it goes on where it was. Should this come back, report it.",
      });
    },
  });
}

export function cannotWrite(cause: Error): MillraceError {
  return new MillraceError("STORE_FAILED", `The store cannot write: ${cause.message}.`, { cause, isRetryable: false });
}
