import { moduleUrl } from "../../core/module-url.ts";
import type { CheckpointAnswer, CheckpointRequest } from "./checkpoint-thread.ts";
import type { WriterData } from "./protocol.ts";
import { openThread, type ThreadChannel } from "./thread-channel.ts";

/** A thread that copies the journal into the file while another one writes. It is there only while much is written. */
export interface Checkpointer {
  /** Starts the thread where it does not run; one checkpoint at a time. */
  checkpoint(): Promise<void>;
  /** Ends the thread; the next checkpoint starts another one. */
  rest(): Promise<void>;
}

export function createCheckpointer(workerData: WriterData): Checkpointer {
  let thread: Promise<ThreadChannel<CheckpointRequest, CheckpointAnswer>> | undefined;
  let copying: Promise<void> | undefined;

  function start(): Promise<ThreadChannel<CheckpointRequest, CheckpointAnswer>> {
    return openThread({
      module: moduleUrl(import.meta.url, "./checkpoint-thread"),
      name: "millrace-checkpoints",
      workerData,
      cannot: "The journal cannot be copied",
      // SQLite itself copies it, at the latest when it is as long as `connection.ts` says.
      onLost: () => (thread = undefined),
    });
  }

  async function copy(): Promise<void> {
    thread ??= start();
    try {
      await (await thread).ask("checkpoint");
    } catch (error) {
      const broken = thread;
      thread = undefined;
      await broken?.then(
        (channel) => channel.kill(),
        () => undefined,
      );
      throw error;
    }
  }

  return {
    checkpoint() {
      copying ??= copy().finally(() => (copying = undefined));
      return copying;
    },
    async rest() {
      await copying?.catch(() => undefined);
      const running = await thread?.catch(() => undefined);
      thread = undefined;
      await running?.close("close").catch(() => undefined);
    },
  };
}
