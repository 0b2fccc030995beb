import type { EmittedView } from "../http/api.ts";
import type { Host } from "../host.ts";
import { commandActor } from "./audit.ts";
import { readInput } from "./input-flags.ts";
import { type CommonFlags, openCommandHost, withHost } from "./open.ts";
import { out, outJson } from "./output.ts";

export interface EmitFlags extends CommonFlags {
  readonly input?: string;
  readonly id?: string;
}

export async function emitEvent(name: string, flags: EmitFlags): Promise<void> {
  const data = flags.input === undefined ? undefined : await readInput(flags.input, process.cwd());
  const emit = async (host: Host): Promise<boolean> => {
    // What is wrong with the event is found out before a data folder is made for it.
    const { id, isNew, runs } = await host.engine.emitNamed(name, data, flags.id === undefined ? {} : { id: flags.id });
    if (host.isStandIn) return false;
    host.audit.note({ actor: commandActor(), action: "event.emit", subject: `event:${id}`, data: { name, isNew } });
    const answer: EmittedView = { id, isNew, runs: runs.map((run) => ({ id: run.runId, isNew: run.isNew })) };
    if (flags.json === true) outJson(answer);
    else out(toWords(name, answer));
    return true;
  };
  if (await withHost(flags, emit)) return;
  const host = await openCommandHost({ flags, level: "warn" });
  try {
    await emit(host);
  } finally {
    await host.close();
  }
}

function toWords(name: string, { id, isNew, runs }: EmittedView): string {
  if (!isNew) return `An event ${id} was emitted before: nothing was done.`;
  const started = runs.map((run) => `  ${run.isNew ? "starts" : "joins"} run ${run.id}`);
  return [`Event ${id} (${name}) is stored; runs that wait for it go on.`, ...started].join("\n");
}
