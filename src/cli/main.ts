import { CommanderError } from "commander";
import { failWith } from "./failure.ts";
import { exit, out, outliveReaders, say } from "./output.ts";
import { createProgram } from "./program.ts";

/** Runs the command line and ends the process with its exit code: 0 fine, 1 failed, 2 misused, 130 and 143 interrupted. */
export async function main(args: readonly string[]): Promise<void> {
  const isJson = args.includes("--json");
  outliveReaders();
  for (const event of ["uncaughtException", "unhandledRejection"]) {
    process.on(event, (error: unknown) => void exit(failWith(error, { isJson })));
  }
  try {
    const output = {
      answer: (text: string) => out(text.trimEnd()),
      remind: (text: string) => say(`${text.trimEnd()}\n`),
    };
    let program = createProgram(output);
    // Apps are loaded only when one of them may be meant, or help is wanted: other commands start without.
    if (!program.commands.some((command) => command.name() === args[0])) {
      const { APPS } = await import("../apps.ts");
      program = createProgram({ ...output, apps: APPS });
    }
    await program.parseAsync([...args], { from: "user" });
    await exit(process.exitCode === undefined ? 0 : Number(process.exitCode));
  } catch (error) {
    const isAnswer = error instanceof CommanderError && error.exitCode === 0;
    await exit(isAnswer ? 0 : failWith(error, { isJson }));
  }
}
