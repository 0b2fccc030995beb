#!/usr/bin/env node
// The command. Plain JavaScript for any Node: it must be able to say that a Node is too old.
import { existsSync } from "node:fs";
import module from "node:module";
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
  module.enableCompileCache?.();
  await import(main.href);
}
