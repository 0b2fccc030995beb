import { type Command, Option } from "commander";
import type { AnyApp, AppCommand, CommandFlags } from "../app.ts";
import { systemClock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import { Interrupted, Misuse } from "./failure.ts";
import { out, outJson } from "./output.ts";
import { watchSignals } from "./signals.ts";

/** Adds the commands of the apps: `millrace <app> <command>`. */
export function addAppCommands(program: Command, apps: readonly AnyApp[]): void {
  for (const { name, commands = [] } of apps) {
    if (commands.length === 0) continue;
    const group = program.command(name).description(`what the ${name} app does without a server`);
    for (const command of commands) addAppCommand(group, command);
  }
}

function addAppCommand(group: Command, { name, description, options, run }: AppCommand): void {
  const command = group.command(name).description(description).option("--json", "answer with one line of JSON");
  for (const option of options) {
    const flag = new Option(`--${option.name} <${option.value}>`, option.description);
    command.addOption(flag.makeOptionMandatory(option.isRequired === true));
  }
  command.action(async (values: Readonly<Record<string, string | boolean | undefined>>) => {
    const flags: CommandFlags = Object.fromEntries(
      command.options.map((option) => {
        const value = values[option.attributeName()];
        return [option.name(), typeof value === "string" ? value : undefined];
      }),
    );
    const stop = watchSignals();
    try {
      const { json, text } = await run(flags, { clock: systemClock, signal: stop.signal });
      if (values["json"] === true) outJson(json);
      else out(text);
    } catch (error) {
      const signal = stop.received();
      if (signal !== undefined) throw new Interrupted(signal, `Stopped by ${signal}.`);
      if (error instanceof MillraceError && error.code === "INPUT_INVALID")
        throw new Misuse(error.message, error.advice);
      throw error;
    }
  });
}
