import { createRequire } from "node:module";
import { pino } from "pino";
import type { PinoPretty } from "pino-pretty";
import { toErrorRecord } from "./errors.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";
export type LogFields = Readonly<Record<string, unknown>>;

/** Structured log: fields first, then a sentence. */
export interface Log {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  /** A log that puts these fields on every line. */
  child(fields: LogFields): Log;
}

/** Takes lines, each with its line end. */
export interface LogDestination {
  write(line: string): void;
}

export interface LogOptions {
  /** Default info. */
  readonly level?: LogLevel;
  /** `pretty` for people at a terminal, `json` (a line an entry) for everything else. Default json. */
  readonly format?: "pretty" | "json";
  /** Where lines go. Default the standard error, so that the standard output stays free for answers. */
  readonly destination?: LogDestination;
}

/** Field names whose values never reach a log, at the top and two levels down. */
const SECRET_FIELDS = ["apiKey", "authorization", "cookie", "password", "secret", "token", "x-api-key"];

/** Shapes of secrets inside of texts: provider keys, bearer tokens, passwords in addresses. */
const SECRET_TEXTS = /\bsk-[\w-]{8,}|\bBearer\s+[\w.~+/-]+=*|(?<=:\/\/[^\s/:@]*:)[^\s/@]+(?=@)/g;

/** Replaces what looks like a secret inside of a text. */
export function redactText(text: string): string {
  return text.replaceAll(SECRET_TEXTS, "[redacted]");
}

/** Creates the log of a process. */
export function createLog({ level = "info", format = "json", destination }: LogOptions = {}): Log {
  const stream = destination ?? pino.destination({ fd: 2, sync: true });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_FIELDS.flatMap(redactedPaths), censor: "[redacted]" },
      serializers: { error: errorFields, err: errorFields },
      formatters: { level: (label) => ({ level: label }) },
      hooks: {
        streamWrite: redactText,
      },
    },
    format === "pretty" ? prettyStream(stream) : stream,
  );
}

/** Loaded for people alone: the package is some thirty modules, which a start without a terminal need not wait for. */
function prettyStream(destination: LogDestination): LogDestination {
  const { PinoPretty: create } = createRequire(import.meta.url)("pino-pretty") as { PinoPretty: typeof PinoPretty };
  return create({ destination, ignore: "pid,hostname", translateTime: "SYS:HH:MM:ss" });
}

function redactedPaths(field: string): string[] {
  const key = /^[a-z]+$/i.test(field) ? `.${field}` : `["${field}"]`;
  return [key.replace(/^\./, ""), `*${key}`, `*.*${key}`];
}

/** An error in a log: what a person needs, causes included. The stack is there only at the level debug, from the caller. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return toErrorRecord(error);
  return {
    name: error.name,
    message: error.message,
    ...("code" in error ? { code: error.code } : {}),
    ...(error.cause === undefined ? {} : { cause: errorFields(error.cause) }),
  };
}
