import { existsSync, readFileSync } from "node:fs";
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
  hookImports();
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

let isHooked = false;

/**
 * A configuration that imports "millrace" gets this Millrace, also where none is installed beside it, so there is one of everything.
 * A file of the project that is written as an ES module is read as one, also where package.json says `"type": "commonjs"`, as `npm init` writes it.
 */
function hookImports(): void {
  if (isHooked) return;
  isHooked = true;
  module.registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "millrace" || specifier.startsWith("millrace/")
        ? next(specifier, { ...context, parentURL: import.meta.url })
        : next(specifier, context),
    load(url, context, next) {
      const esm = ESM_OF[context.format ?? ""];
      const isOwn = esm !== undefined && url.startsWith("file:") && !url.includes("/node_modules/");
      return isOwn && isEsmSource(readFileSync(new URL(url), "utf8"))
        ? next(url, { ...context, format: esm })
        : next(url, context);
    },
  });
}

const ESM_OF: Readonly<Record<string, string>> = { commonjs: "module", "commonjs-typescript": "module-typescript" };

/** Asks whether a line is an import or export that is still there when types are gone: CommonJS cannot have one. */
function isEsmSource(source: string): boolean {
  return /^(?:import(?!\s+type\b)\s*["'{*\w]|export\s+(?!type\b|interface\b|declare\b)[{*\w])/m.test(source);
}
