// What the tests let threads do.
import { setTimeout as delay } from "node:timers/promises";
import { threadId } from "node:worker_threads";

interface Orders {
  readonly what: "square" | "thread" | "throw" | "spin" | "die" | "size" | "wait";
  readonly n?: number;
  readonly bytes?: Uint8Array;
}

export async function run({ what, n = 0, bytes }: Orders): Promise<unknown> {
  switch (what) {
    case "square":
      return n ** 2;
    case "thread":
      await delay(n);
      return threadId;
    case "throw":
      throw Object.assign(new RangeError("too far"), { code: "TOO_FAR", isRetryable: false });
    case "spin":
      for (;;);
    case "die":
      return process.exit(3);
    case "size":
      return bytes?.byteLength;
    case "wait":
      return () => "not to be cloned";
  }
}
