import { CommanderError } from "commander";
import { failWith } from "./failure.ts";
import { exit, out, say } from "./output.ts";
import { createProgram } from "./program.ts";

/** Runs the command line and ends the process with its exit code: 0 fine, 1 failed, 2 misused, 130 and 143 interrupted. */
export async function main(args: readonly string[]): Promise<void> {
  const isJson = args.includes("--json");
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error: unknown) => void exit(failWith(error, { isJson })));
  }
  try {
    const program = createProgram({
      answer: (text) => out(text.trimEnd()),
      remind: (text) => say(`${text.trimEnd()}\n`),
    });
    await program.parseAsync([...args], { from: "user" });
    await exit(process.exitCode === undefined ? 0 : Number(process.exitCode));
  } catch (error) {
    const isAnswer = error instanceof CommanderError && error.exitCode === 0;
    await exit(isAnswer ? 0 : failWith(error, { isJson }));
  }
}
