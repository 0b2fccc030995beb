import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command under way. */
export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when a text has come on one of the streams; rejects when the process ends before. */
  seen(text: string): Promise<string>;
}

export interface Commands {
  readonly begin: (args: readonly string[], environment?: Readonly<Record<string, string>>) => Running;
  readonly millrace: (...args: readonly string[]) => Promise<Ended>;
}

/** Runs the command line as a process of its own, in a working folder. */
export function commandsIn(folder: string): Commands {
  const begin: Commands["begin"] = (args, environment = {}) => start(folder, args, environment);
  return { begin, millrace: (...args) => begin(args).ended };
}

function start(folder: string, args: readonly string[], environment: Readonly<Record<string, string>>): Running {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ["--conditions=millrace-source", MAIN, ...args], {
    cwd: folder,
    env: { PATH, HOME, TZ: "UTC", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].on("data", (chunk: Buffer) => void (text[name] += chunk.toString()));
  }
  const ended = once(child, "close").then(([code]) => ({ code: code as number | null, ...text }));
  return {
    child,
    ended,
    seen: (wanted) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (text.stdout.includes(wanted) || text.stderr.includes(wanted)) resolve(text.stdout);
        };
        child.stdout.on("data", look);
        child.stderr.on("data", look);
        void ended.then(() => reject(new Error(`ended before "${wanted}": ${text.stdout}${text.stderr}`)));
      }),
  };
}
