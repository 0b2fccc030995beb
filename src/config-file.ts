import { existsSync } from "node:fs";
import module from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { MillraceError } from "./core/errors.ts";

const NAMES = ["millrace.config.ts", "millrace.config.js", "millrace.config.mjs"];

export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** What it exports as default. */
  readonly content: Tree;
}

export type Tree = Readonly<Record<string, unknown>>;

/** Asks whether a value is a plain object: what can be merged key by key. */
export function isTree(value: unknown): value is Tree {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * Imports the configuration file: the one asked for, or the first `millrace.config.*` of the folder. Undefined when there is none.
 * Throws CONFIG_INVALID when the one asked for is missing, cannot be imported or has no default export.
 */
export async function importConfigFile(cwd: string, asked?: string): Promise<ConfigFile | undefined> {
  const path = findFile(cwd, asked);
  if (path === undefined) return undefined;
  resolveMillraceToSelf();
  const content = await importDefault(path);
  if (isTree(content)) return { path, content };
  throw new MillraceError("CONFIG_INVALID", `${path} has no configuration as its default export.`, {
    advice: "Write `export default defineConfig({ … })` in it.",
  });
}

function findFile(cwd: string, asked: string | undefined): string | undefined {
  if (asked === undefined) return NAMES.map((name) => resolve(cwd, name)).find((path) => existsSync(path));
  const path = resolve(cwd, asked);
  if (existsSync(path)) return path;
  throw new MillraceError("CONFIG_INVALID", `There is no configuration file ${path}.`, {
    advice: "Check the path given with --config.",
  });
}

async function importDefault(path: string): Promise<unknown> {
  try {
    const imported = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
    return imported.default;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MillraceError("CONFIG_INVALID", `${path} could not be imported: ${reason}`, {
      cause,
      advice: "Mend the file; `node FILE` shows the same error with its place.",
    });
  }
}

let isResolving = false;

/** A configuration that imports "millrace" gets this Millrace, also where none is installed beside it, so there is one of everything. */
function resolveMillraceToSelf(): void {
  if (isResolving) return;
  isResolving = true;
  module.registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "millrace" || specifier.startsWith("millrace/")
        ? next(specifier, { ...context, parentURL: import.meta.url })
        : next(specifier, context),
  });
}
