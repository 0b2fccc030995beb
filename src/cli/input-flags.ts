import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { MillraceError } from "../core/errors.ts";
import { check } from "../core/schema.ts";
import { Misuse } from "./failure.ts";
import type { AnyAutomation, ManualTrigger } from "../runs/automation.ts";

type Fields = Readonly<Record<string, unknown>>;

/**
 * Reads the flags that a command does not know as fields of an input: `--max-items 5 --dry-run --no-mail` gives
 * `{ maxItems: "5", dryRun: true, mail: false }`. Throws Misuse for a word that belongs to no flag.
 */
export function parseInputFlags(words: readonly string[]): Fields {
  const fields: Record<string, unknown> = {};
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (!word.startsWith("--") || word === "--") {
      throw new Misuse(`"${word}" belongs to no flag.`, "Write the input as --field VALUE, or as JSON with --input.");
    }
    const [flag = "", ...rest] = word.slice(2).split("=");
    const next = words[index + 1];
    if (rest.length > 0) fields[toCamel(flag)] = rest.join("=");
    else if (next !== undefined && !next.startsWith("--")) {
      fields[toCamel(flag)] = next;
      index += 1;
    } else if (flag.startsWith("no-")) fields[toCamel(flag.slice(3))] = false;
    else fields[toCamel(flag)] = true;
  }
  return fields;
}

/** `maxItems` as it is typed: `--max-items`. */
export function toFlag(field: string): string {
  return `--${field.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function toCamel(flag: string): string {
  return flag.replaceAll(/-([a-z0-9])/g, (_match, letter: string) => letter.toUpperCase());
}

/** Reads `--input`: JSON, or `@file` with JSON in it. Throws INPUT_INVALID. */
export async function readInput(text: string, cwd: string): Promise<unknown> {
  const isFile = text.startsWith("@");
  const source = isFile ? await readInputFile(resolve(cwd, text.slice(1))) : text;
  try {
    return JSON.parse(source);
  } catch (cause) {
    const what = isFile ? `The file ${text.slice(1)}` : "What follows --input";
    throw new MillraceError("INPUT_INVALID", `${what} is not JSON.`, {
      cause,
      advice: `Write it as '{"field": "value"}', or as flags: --field value.`,
    });
  }
}

async function readInputFile(path: string): Promise<string> {
  return await readFile(path, "utf8").catch((cause: unknown) => {
    throw new MillraceError("INPUT_INVALID", `The input file ${path} cannot be read.`, {
      cause,
      advice: "Check the path behind --input @.",
    });
  });
}

export interface InputParts {
  /** What `--input` gave. */
  readonly input: unknown;
  /** What the other flags gave: they win over the fields of `input`. */
  readonly fields: Fields;
  readonly cwd: string;
}

/**
 * Makes the input of a run. Flags are texts: where the automation's schema wants numbers or booleans in their place they are converted.
 * Fields with file paths are made absolute. Undefined when nothing was given.
 */
export async function toInput(automation: AnyAutomation, { input, fields, cwd }: InputParts): Promise<unknown> {
  if (Object.keys(fields).length === 0 && !isFields(input)) return input;
  if (input !== undefined && !isFields(input)) {
    throw new MillraceError("INPUT_INVALID", "Flags can only be added to an --input that is a JSON object.");
  }
  const manual = automation.options.on.find((trigger) => trigger.kind === "manual");
  const absolute = withAbsolutePaths({ ...input, ...fields }, manual?.paths ?? [], cwd);
  const converted = { ...absolute, ...convertTexts(absolute, Object.keys(fields)) };
  return (await wants(manual, absolute)) || !(await wants(manual, converted)) ? absolute : converted;
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Stands where the path of a file could: the address of a database. */
const ADDRESS = /^[a-z][a-z0-9+.-]*:\/\//i;

function withAbsolutePaths(fields: Fields, paths: readonly string[], cwd: string): Fields {
  const entries = Object.entries(fields).map(([name, value]) =>
    paths.includes(name) && typeof value === "string" && !ADDRESS.test(value)
      ? [name, resolve(cwd, value)]
      : [name, value],
  );
  return Object.fromEntries(entries) as Fields;
}

function convertTexts(fields: Fields, names: readonly string[]): Fields {
  return Object.fromEntries(names.map((name) => [name, convertText(fields[name])]));
}

function convertText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (value === "true" || value === "false") return value === "true";
  return /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
}

async function wants(manual: ManualTrigger<unknown> | undefined, input: unknown): Promise<boolean> {
  return manual?.schema === undefined || (await check(manual.schema, input)).ok;
}
