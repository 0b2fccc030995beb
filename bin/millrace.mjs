#!/usr/bin/env node
// The command. Plain JavaScript for any Node: it must be able to say that a Node is too old.
import { existsSync } from "node:fs";
import module from "node:module";
import { fileURLToPath } from "node:url";
import { environmentOf, flagsOf } from "./server.mjs";
import { isCheckout, isInstalled, runSource } from "./source.mjs";

const OLDEST = [24, 15];

if (isCheckout && !isInstalled()) {
  console.error("error: this checkout was not prepared. Run `npm start` or `npm ci` in it once.");
  process.exit(1);
}
if (isCheckout) {
  await runSource(["src/main.ts", ...process.argv.slice(2)]);
} else {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    console.error(`error: Millrace needs Node ${OLDEST.join(".")} or newer, this is ${process.version}.`);
    process.exit(1);
  }
  const main = new URL("../dist/src/main.js", import.meta.url);
  if (!existsSync(main)) {
    console.error("error: this package was not built. In a checkout run `npm start`.");
    process.exit(1);
  }
  const args = process.argv.slice(2);
  const flags = flagsOf(args).filter((flag) => !process.execArgv.includes(flag));
  // A child with a channel would lose it; Windows replaces no process.
  const isReplaceable = typeof process.execve === "function" && process.platform !== "win32";
  if (flags.length > 0 && isReplaceable && process.channel === undefined) {
    const path = fileURLToPath(main);
    process.execve(
      process.execPath,
      [process.execPath, ...flags, ...process.execArgv, path, ...args],
      environmentOf(args),
    );
  }
  module.enableCompileCache?.();
  await import(main.href);
}
