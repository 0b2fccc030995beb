import type { AutomationInfo } from "../runs/engine.ts";
import { type CommonFlags, withHost } from "./open.ts";
import { out, outJson, toColumns } from "./output.ts";

export async function listAutomations(flags: CommonFlags): Promise<void> {
  await withHost(flags, async ({ engine }) => {
    const items = await engine.automations();
    if (flags.json === true) outJson({ items: items.map(toItem) });
    else if (items.length === 0) out("There are no automations: list them under `automations` in millrace.config.ts.");
    else
      out(
        toColumns(
          items.map(({ name, description, triggers }) => [name, triggers.map(toWords).join(", "), description]),
        ),
      );
  });
}

type Trigger = AutomationInfo["triggers"][number];

function toItem(info: AutomationInfo): object {
  const triggers = info.triggers.map((trigger) =>
    trigger.kind === "cron" ? { ...trigger, nextAt: toIsoOrNull(trigger.nextAt) } : trigger,
  );
  return { ...info, triggers };
}

function toIsoOrNull(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

function toWords(trigger: Trigger): string {
  switch (trigger.kind) {
    case "manual":
      return "by hand";
    case "file":
      return `files ${trigger.glob}`;
    case "webhook":
      return `POST /api/webhooks${trigger.path}`;
    case "event":
      return `on ${trigger.name}`;
    case "cron":
      return `${trigger.expression} (${trigger.timezone})`;
  }
}
