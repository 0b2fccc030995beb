import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Command } from "./child.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));

interface Message {
  readonly id: number;
  readonly result: unknown;
}

/** Another process with a cache of its own. */
export interface Peer {
  /** Resolves with its answer. */
  do(command: Command): Promise<unknown>;
  /** Waits until it tells so of itself. */
  hears(result: "ready" | "factory"): Promise<void>;
  /** Ends it as a crash does; no matter whether it has ended. */
  kill(): Promise<void>;
}

/** Starts a process on a folder and, with its address, on a Redis server; waits until it is ready. */
export async function startPeer(directory: string, redisUrl = ""): Promise<Peer> {
  const child: ChildProcess = fork(CHILD, [directory, redisUrl], { execArgv: ["--conditions=millrace-source"] });
  child.setMaxListeners(0); // one for each answer that is waited for
  let last = 0;

  async function hear(isIt: (message: Message) => boolean): Promise<unknown> {
    const heard = Promise.withResolvers<unknown>();
    const listen = (message: Message): void => {
      if (isIt(message)) heard.resolve(message.result);
    };
    const onExit = (): void => heard.reject(new Error("the other process has ended"));
    child.on("message", listen);
    child.once("exit", onExit);
    return await heard.promise.finally(() => child.off("message", listen).off("exit", onExit));
  }

  const peer: Peer = {
    async do(command) {
      const id = ++last;
      const answer = hear((message) => message.id === id);
      child.send({ id, command });
      return await answer;
    },
    async hears(result) {
      await hear((message) => message.id === 0 && message.result === result);
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.kill("SIGKILL");
      await exited;
    },
  };
  await peer.hears("ready");
  return peer;
}
