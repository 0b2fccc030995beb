import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import { parse } from "../../core/schema.ts";
import type { StartedRun } from "../engine.ts";
import { toStoredText } from "../stored-text.ts";
import { type Delivery, one } from "./signature.ts";
import type { WebhookTrigger } from "./webhook-trigger.ts";

/** A webhook of an automation. */
export interface Webhook {
  readonly automation: string;
  readonly trigger: WebhookTrigger;
}

export interface WebhooksParams {
  readonly webhooks: readonly Webhook[];
  /** Stores a run before it resolves; `deliveryKey` names the delivery: the same one starts no second run. */
  readonly admit: (
    automation: string,
    trigger: WebhookTrigger,
    data: unknown,
    deliveryKey: string | undefined,
  ) => Promise<StartedRun>;
  readonly clock: Clock;
}

/** Where deliveries come in. */
export interface Webhooks {
  readonly all: readonly { readonly path: string; readonly automation: string; readonly isSigned: boolean }[];
  /**
   * Takes a delivery: checks who it comes from, then what is in it, then stores its run. Throws NOT_FOUND, SIGNATURE_REFUSED,
   * INPUT_INVALID with every mistake, RATE_LIMITED.
   */
  receive(path: string, delivery: Delivery): Promise<StartedRun>;
}

/** Throws INPUT_INVALID when two webhooks have one path. */
export function createWebhooks({ webhooks, admit, clock }: WebhooksParams): Webhooks {
  const byPath = new Map<string, Webhook>();
  for (const webhook of webhooks) {
    const { path } = webhook.trigger;
    const other = byPath.get(path);
    if (other !== undefined) {
      throw new MillraceError(
        "INPUT_INVALID",
        `${other.automation} and ${webhook.automation} have a webhook at ${path} both.`,
        { advice: "Give each a path of its own, or let one send an event that starts the other." },
      );
    }
    byPath.set(path, webhook);
  }

  return {
    all: webhooks.map(({ automation, trigger: { path, signature } }) => ({
      path,
      automation,
      isSigned: signature !== undefined,
    })),
    async receive(path, delivery) {
      const webhook = byPath.get(path);
      if (webhook === undefined) throw new MillraceError("NOT_FOUND", `There is no webhook at ${path}.`);
      const { automation, trigger } = webhook;
      const { signature, schema } = trigger;
      const name =
        signature === undefined ? one(delivery, "idempotency-key") : signature.verify(delivery, clock.now()).deliveryId;
      const what = `The body for the webhook ${path}`;
      const body = readJson(delivery.body, what);
      const value = schema === undefined ? body : await parse(schema, body, { what });
      const data: unknown = JSON.parse(toStoredText(value, what));
      return admit(automation, trigger, data, name === undefined ? undefined : `${path} ${name}`);
    },
  };
}

function readJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new MillraceError("INPUT_INVALID", `${what} is not JSON in UTF-8.`, { cause });
  }
}
