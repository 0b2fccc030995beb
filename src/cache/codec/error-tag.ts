import { MillraceError, type ErrorCode, type Facts } from "../../core/errors.ts";

/* An error keeps its class where it is one of the language's, its name, message, code, cause and fields. It loses its stack, which speaks of another
   process, and fields that cannot be kept: a response or a socket on an error must not stand in the way of keeping the error. */

const CLASSES: ReadonlyMap<string, new (message?: string, options?: ErrorOptions) => Error> = new Map(
  [Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError].map((Class) => [Class.name, Class]),
);

/** An error as plain parts; the values within are not yet written. */
export interface ErrorParts {
  readonly class: string;
  readonly name: string;
  readonly message: string;
  readonly cause?: unknown;
  readonly errors?: unknown;
  readonly fields: Readonly<Record<string, unknown>>;
}

export function toErrorParts(error: Error): ErrorParts {
  return {
    class: classOf(error),
    name: error.name,
    message: error.message,
    ...(Object.hasOwn(error, "cause") ? { cause: error.cause } : {}),
    ...(error instanceof AggregateError ? { errors: error.errors } : {}),
    fields: Object.fromEntries(Object.entries(error).filter(([key]) => !OWN_PARTS.has(key))),
  };
}

const OWN_PARTS = new Set(["message", "cause", "stack", "errors", "__proto__"]);

function classOf(error: Error): string {
  if (error instanceof MillraceError) return "MillraceError";
  if (error instanceof DOMException) return "DOMException";
  if (error instanceof AggregateError) return "AggregateError";
  const name: unknown = Object.getPrototypeOf(error)?.constructor?.name;
  if (typeof name === "string" && CLASSES.has(name)) return name;
  for (const [known, Class] of CLASSES) if (known !== "Error" && error instanceof Class) return known;
  return "Error";
}

export function fromErrorParts(parts: ErrorParts): Error {
  const error = construct(parts);
  if (!(error instanceof DOMException)) {
    Object.defineProperty(error, "stack", {
      value: `${parts.name}: ${parts.message}`,
      writable: true,
      configurable: true,
      enumerable: false,
    });
    if (error.name !== parts.name) {
      Object.defineProperty(error, "name", {
        value: parts.name,
        writable: true,
        configurable: true,
        enumerable: Object.hasOwn(parts.fields, "name"),
      });
    }
    if (!(error instanceof MillraceError)) Object.assign(error, parts.fields);
  }
  return error;
}

function construct({ class: name, name: ownName, message, fields, errors, ...rest }: ErrorParts): Error {
  const options = Object.hasOwn(rest, "cause") ? { cause: rest.cause } : undefined;
  if (name === "MillraceError") {
    return new MillraceError(fields["code"] as ErrorCode, message, {
      ...options,
      facts: (fields["facts"] ?? {}) as Facts,
      advice: String(fields["advice"]),
      isRetryable: fields["isRetryable"] === true,
    });
  }
  if (name === "DOMException") return new DOMException(message, ownName);
  if (name === "AggregateError") return new AggregateError(Array.isArray(errors) ? errors : [], message, options);
  const Class = CLASSES.get(name) ?? Error;
  return new Class(message, options);
}
