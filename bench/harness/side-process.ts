import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

/** A side in a process of its own: what blocks it, fills its heap or keeps it busy does so to no other side. */
export interface SideProcess {
  /** Asks it to do so much of its work, and gives what it says. Throws when it ends instead. */
  ask(amount: number): Promise<number>;
  close(): Promise<void>;
}

/** Starts a module with these arguments, and waits until it has called `serve`. Throws when it ends instead. */
export async function startSide(module: URL, args: readonly string[]): Promise<SideProcess> {
  const child = fork(fileURLToPath(module), [...args], { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  await answer(child);
  return {
    ask(amount) {
      const answered = answer(child);
      child.send(amount);
      return answered;
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}

function answer(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a side ended with ${code}`));
    child.once("exit", ended);
    child.once("message", (said) => {
      child.removeListener("exit", ended);
      resolve(Number(said));
    });
  });
}

/** Within the side: answers each question with what `work` gives, one after the other, and ends with who asks. */
export function serve(work: (amount: number) => Promise<number>, close: () => Promise<void>): void {
  // Work that fails ends the side, and whoever asked hears of that.
  process.on("message", (amount) => void work(Number(amount)).then((figure) => process.send?.(figure)));
  process.once("disconnect", () => void close().then(() => process.exit(0)));
  process.send?.(0);
}
