import { inspect } from "node:util";
import { CommanderError } from "commander";
import { isDebugging } from "../config.ts";
import { ERROR_KINDS, type ErrorRecord, MillraceError, toErrorRecord } from "../core/errors.ts";
import { redactText } from "../core/log.ts";
import { outJson, say } from "./output.ts";

/** Ends a command after a signal; the exit code says which. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
  readonly exitCode: number;

  constructor(signal: NodeJS.Signals, message: string) {
    super(message);
    this.exitCode = signal === "SIGTERM" ? 143 : 130;
  }
}

/** The command was not called as it is meant to be: exit code 2. */
export class Misuse extends MillraceError {
  constructor(message: string, advice: string) {
    super("INPUT_INVALID", message, { advice });
  }
}

interface Failure extends Required<ErrorRecord> {
  readonly exitCode: number;
}

/** Says on the standard error what went wrong and what to do about it: never with a stack. */
export function sayFailure({ code, message, advice }: Required<ErrorRecord>): void {
  say(`error: ${redactText(message)} (${code})`);
  if (advice !== "") say(advice);
}

/**
 * Says what went wrong in one message, on the standard error; with `--json` also as `{"error":{code,message,advice}}` on the standard
 * output, in place of the answer. Shows the stack at the log level debug alone. Gives the exit code.
 */
export function failWith(error: unknown, { isJson }: { readonly isJson: boolean }): number {
  const { exitCode, ...failure } = toFailure(error);
  const { code, message, advice } = failure;
  sayFailure(failure);
  if (isDebugging() && error instanceof Error) say(redactText(inspect(error)));
  if (isJson) outJson({ error: { code, message: redactText(message), advice } });
  return exitCode;
}

function toFailure(error: unknown): Failure {
  if (error instanceof CommanderError) return { ...toUsage(error), exitCode: 2 };
  if (error instanceof Interrupted) {
    return { code: "INTERRUPTED", message: error.message, advice: "", exitCode: error.exitCode };
  }
  if (error instanceof MillraceError) {
    return {
      code: error.code,
      message: error.message,
      advice: adviceFor(error),
      exitCode: error instanceof Misuse ? 2 : 1,
    };
  }
  const { message } = toErrorRecord(error);
  return { code: "INTERNAL", message, advice: "`millrace doctor` shows what may be wrong.", exitCode: 1 };
}

/** The table's advice speaks of a field of the HTTP answer; here the mistakes stand in the message. */
function adviceFor({ code, advice }: MillraceError): string {
  const isForHttp = code === "INPUT_INVALID" && advice === ERROR_KINDS.INPUT_INVALID.advice;
  return isForHttp ? "Mend what is named above; `millrace automations` lists what can be run." : advice;
}

/** `error: unknown option '--prot'\n(Did you mean --port?)` in our form. */
function toUsage(error: CommanderError): Omit<Failure, "exitCode"> {
  if (error.code === "commander.help") {
    return { code: "INPUT_INVALID", message: "A command is missing.", advice: "`millrace --help` lists them." };
  }
  const [first = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const hint = rest.join(" ").replaceAll(/^\(|\)$/g, "");
  const message = `${first.charAt(0).toUpperCase()}${first.slice(1)}.`.replace(/\.\.$/, ".");
  return { code: "INPUT_INVALID", message, advice: `${hint} See \`millrace --help\`.`.trim() };
}
