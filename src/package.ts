import { readFileSync } from "node:fs";

/** The folder of this package, with a slash behind it: the same from source and from the compiled tree. */
export const packageRoot = new URL("./", import.meta.resolve("millrace/package.json"));

/** Reads the version of this Millrace. */
export function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL("package.json", packageRoot), "utf8")) as { version: string };
  return manifest.version;
}
