import { parentPort, workerData } from "node:worker_threads";
import { openConnection } from "./connection.ts";
import type { Failure, WriterData } from "./protocol.ts";
import { reasonOf } from "./sqlite-error.ts";

export type CheckpointRequest = "checkpoint" | "close";
export interface CheckpointAnswer {
  readonly kind: "done";
}

/* Copies the journal into the file beside the thread that writes, which need not wait: a passive checkpoint takes no lock of a writer. */

/** It reads the journal, and no pages of the file. */
const CACHE_KIB = 1_024;

const port = parentPort;
if (port !== null) {
  const done: CheckpointAnswer = { kind: "done" };
  const attempt = (work: () => void): void => {
    try {
      work();
      port.postMessage(done);
    } catch (error) {
      const reason = reasonOf(error);
      const failure: Failure = {
        kind: "failed",
        code: "STORE_FAILED",
        message: `The journal was not copied: ${reason}.`,
        isRetryable: true,
        facts: { reason },
      };
      port.postMessage(failure);
    }
  };
  const { path, durability } = workerData as WriterData;
  attempt(() => {
    const database = openConnection({ path, durability, readOnly: false, cacheKib: CACHE_KIB });
    port.on("message", (request: CheckpointRequest) => {
      attempt(() => (request === "close" ? database.close() : database.exec("pragma wal_checkpoint(passive)")));
      if (request === "close") port.close();
    });
  });
}
