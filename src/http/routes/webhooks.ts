import type { FastifyInstance } from "fastify";
import type { Webhooks } from "../../runs/webhook/webhooks.ts";
import type { StartedRunView } from "../api.ts";

const PREFIX = "/api/webhooks";

/** Where a webhook is called. */
export interface WebhookAddress {
  readonly method: "POST";
  readonly path: string;
  /** Its deliveries prove whom they come from, so they may come under any name and from any page. */
  readonly isSigned: boolean;
}

export function webhookAddresses({ all }: Webhooks): readonly WebhookAddress[] {
  return all.map(({ path, isSigned }) => ({ method: "POST", path: PREFIX + path, isSigned }));
}

/**
 * Serves the webhooks: 202 with the id of the run once it is stored, 200 with that of the first run for a delivery that was there before. The
 * body is handed on as the bytes that came, whatever type they are said to be: they are what was signed.
 */
export async function registerWebhooks(app: FastifyInstance, webhooks: Webhooks): Promise<void> {
  if (webhooks.all.length === 0) return;
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
    for (const { path } of webhooks.all) {
      scope.post(PREFIX + path, async ({ headers, body }, reply) => {
        const started = await webhooks.receive(path, {
          headers,
          body: body instanceof Uint8Array ? body : new Uint8Array(),
        });
        const answer: StartedRunView = { id: started.runId, isNew: started.isNew };
        return reply.code(started.isNew ? 202 : 200).send(answer);
      });
    }
  });
}
