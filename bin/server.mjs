// What a server's process can only be given before it starts, so that it takes less memory; other commands end too soon to gain by it.
// V8's young generation grows to 64 MB where much is allocated, and the C library keeps up to eight heaps a core.
import { readFileSync } from "node:fs";

const { flags, environment } = JSON.parse(readFileSync(new URL("server.json", import.meta.url), "utf8"));

/** The flags of Node for a command with these arguments. */
export function flagsOf(args) {
  return args[0] === "start" ? flags : [];
}

/** The variables it starts with besides those that are there, which go before. */
export function environmentOf(args) {
  return args[0] === "start" ? { ...environment, ...process.env } : process.env;
}
