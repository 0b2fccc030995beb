import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const FOLDER = new URL("../peers/", import.meta.url);
const IMPORTER = new URL("import-peer.mjs", FOLDER).href;

/** What is used of a package is typed where it is used: its own types are missing until it is installed. */
export async function importPeer<M>(name: string): Promise<M> {
  install();
  const importer = (await import(IMPORTER)) as { importPeer(name: string): Promise<M> };
  return importer.importPeer(name);
}

/** The folder of the packages, installed: for those that are programs. */
export function peerFolder(): string {
  install();
  return fileURLToPath(FOLDER);
}

/** Installs the packages of `bench/peers` when they are missing or older than their lockfile. */
function install(): void {
  const installed = new URL("node_modules/.package-lock.json", FOLDER);
  const lock = new URL("package-lock.json", FOLDER);
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return;
  console.error("bench: installing what Millrace is measured against (once)");
  const { status } = spawnSync("npm", ["ci", "--ignore-scripts", "--loglevel=error"], {
    cwd: fileURLToPath(FOLDER),
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (status !== 0) throw new Error("The packages of bench/peers could not be installed.");
}
