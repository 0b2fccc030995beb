import { type Route, route } from "millrace";
import { z } from "zod";
import type { FoundHomeView, TestedHomeView } from "../api.ts";
import { HomeAssistant } from "../home-assistant/config.ts";
import type { Network } from "../home-assistant/network.ts";

/** Where a Home Assistant usually is: by its name in the network, on this machine, beside an add-on, beside a container. */
const USUAL = [
  "http://homeassistant.local:8123",
  "http://homeassistant:8123",
  "http://127.0.0.1:8123",
  "http://host.docker.internal:8123",
  "http://supervisor/core",
] as const;
const PATIENCE_MS = 3_000;

const Nothing = z.strictObject({});
const Trial = z.strictObject({ url: z.string().max(2_000), token: z.string().max(2_000) });

/** What the set-up page asks for. Nothing is looked for, and nothing asked, before a person says so; nothing is kept. */
export function setupRoutes(network: Network): readonly Route[] {
  return [
    route({
      method: "POST",
      path: "/api/home/setup/find",
      summary: "Tries the usual addresses of a Home Assistant on the local network.",
      body: Nothing,
      async handle({ signal }): Promise<{ readonly items: readonly FoundHomeView[] }> {
        return { items: await Promise.all(USUAL.map((url) => look(url, network, signal))) };
      },
    }),
    route({
      method: "POST",
      path: "/api/home/setup/test",
      summary: "Asks a Home Assistant whether it takes a token and lets it look at automations. Keeps neither.",
      body: Trial,
      async handle({ body }): Promise<TestedHomeView> {
        const parsed = HomeAssistant.safeParse(body);
        if (!parsed.success) {
          const [issue] = parsed.error.issues;
          const field = issue?.path[0] === "token" ? "The token" : "The address";
          return { isFine: false, detail: `${field} ${issue?.message ?? "is not valid"}.`, advice: null };
        }
        const { checkHome } = await import("../home-assistant/check-home.ts");
        const { state, detail, advice } = await checkHome(parsed.data, network);
        return { isFine: state !== "broken", detail, advice: advice ?? null };
      },
    }),
  ];
}

/** Without a token Home Assistant answers its interface with 401: that is how it is told from other servers. */
async function look(url: string, { fetch, clock }: Network, signal: AbortSignal): Promise<FoundHomeView> {
  const late = new AbortController();
  const timer = clock.after(PATIENCE_MS, () => late.abort(new Error(`no answer in ${PATIENCE_MS / 1_000} s`)));
  try {
    const response = await fetch(`${url}/api/`, { redirect: "manual", signal: AbortSignal.any([signal, late.signal]) });
    await response.body?.cancel();
    const isThere = response.status === 401 || response.status === 200;
    return { url, isThere, detail: isThere ? "answers" : `something else answers (${response.status})` };
  } catch {
    signal.throwIfAborted();
    return { url, isThere: false, detail: "does not answer" };
  } finally {
    timer.cancel();
  }
}
