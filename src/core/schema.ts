import { MillraceError, type ErrorCode } from "./errors.ts";

/**
 * What Millrace needs of a schema: the Standard Schema interface, version 1 (standardschema.dev). Zod 4, Valibot
 * and ArkType fit as they are.
 */
export interface Schema<Output = unknown> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined;
  };
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** One mistake in an input: a JSON Pointer (RFC 6901) to the field and what is wrong there. */
export interface InputMistake {
  readonly pointer: string;
  readonly detail: string;
}

export type ParseResult<Output> =
  | { readonly ok: true; readonly value: Output }
  | { readonly ok: false; readonly mistakes: readonly InputMistake[] };

/** Checks a value against a schema without throwing. All mistakes are given, not the first. */
export async function check<Output>(schema: Schema<Output>, value: unknown): Promise<ParseResult<Output>> {
  const result = await schema["~standard"].validate(value);
  if (result.issues === undefined) return { ok: true, value: result.value };
  return { ok: false, mistakes: result.issues.map((issue) => ({ pointer: pointerOf(issue), detail: issue.message })) };
}

export interface ParseOptions {
  /** What the value is, for the message: "the body", "the input of home.daily". */
  readonly what: string;
  /** Default INPUT_INVALID. */
  readonly code?: ErrorCode;
}

/** Checks a value against a schema. Throws INPUT_INVALID with `facts.errors` listing every mistake by its pointer. */
export async function parse<Output>(schema: Schema<Output>, value: unknown, options: ParseOptions): Promise<Output> {
  const result = await check(schema, value);
  if (result.ok) return result.value;
  throw inputInvalid(result.mistakes, options);
}

/** Makes the error for mistakes found in an input. */
export function inputInvalid(
  mistakes: readonly InputMistake[],
  { what, code = "INPUT_INVALID" }: ParseOptions,
): MillraceError {
  const list = mistakes.map(({ pointer, detail }) => `${pointer === "" ? "(whole)" : pointer}: ${detail}`).join("; ");
  return new MillraceError(code, `${what} has mistakes: ${list}`, { facts: { errors: mistakes } });
}

function pointerOf(issue: SchemaIssue): string {
  const keys = (issue.path ?? []).map((part) => (typeof part === "object" ? part.key : part));
  return keys.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}
