// Runs the source of a checkout on the pinned Node. Plain JavaScript for any old system Node.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { environmentOf, flagsOf } from "./server.mjs";

/** The folder of the package. */
export const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const isWindows = process.platform === "win32";

/** True where the source runs itself; false in the published package, which carries JavaScript. */
export const isCheckout = existsSync(join(root, "src", "main.ts")) && existsSync(join(root, "tsconfig.json"));

/** The Node that `npm ci` brought, or the one that runs this where there is none for the platform. */
export function pinnedNode() {
  const pinned = join(root, "node_modules", ".bin", isWindows ? "node.exe" : "node");
  return existsSync(pinned) ? pinned : process.execPath;
}

/** True once the packages of the lockfile are there. */
export function isInstalled() {
  return existsSync(join(root, "node_modules", ".package-lock.json"));
}

/** The environment for it: what an npm script would see. */
export function sourceEnvironment(args = []) {
  const bin = join(root, "node_modules", ".bin");
  return {
    ...environmentOf(args),
    PATH: `${bin}${delimiter}${process.env.PATH ?? ""}`,
    NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE ?? join(root, "node_modules", ".cache", "compile"),
  };
}

/**
 * Runs a `.ts` file of the checkout (the first argument, relative to the package) in place of this process. Where a process cannot be
 * replaced (Windows, Node before 22.15) a child runs it, gets the signals, gives the exit code, and dies with this process.
 */
export async function runSource([file, ...args]) {
  const node = pinnedNode();
  const follow = `--import=${new URL("./follow-parent.mjs", import.meta.url).href}`;
  const program = ["--conditions=millrace-source", ...flagsOf(args), join(root, file), ...args];
  if (typeof process.execve === "function" && !isWindows) {
    const isScript = process.env.npm_lifecycle_event !== undefined;
    process.execve(node, [node, ...(isScript ? [follow] : []), ...program], sourceEnvironment(args));
  }
  const child = spawn(node, [follow, ...program], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: sourceEnvironment(args),
    // In a group of its own, so that Ctrl+C comes to it once: from here. On Windows the console sends it to both.
    detached: !isWindows,
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
    process.on(signal, () => (isWindows && signal === "SIGINT" ? undefined : child.kill(signal)));
  }
  if (process.env.npm_lifecycle_event !== undefined) {
    // npm passes a signal to its shell alone, which leaves what it runs behind.
    const parent = process.ppid;
    setInterval(() => process.ppid === parent || child.kill("SIGTERM"), 500).unref();
  }
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (...outcome) => resolve(outcome));
  });
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
}
