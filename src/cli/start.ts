import { fileURLToPath } from "node:url";
import type { Config } from "../config.ts";
import type { Events } from "../core/events.ts";
import { settleAfterStart } from "../heap.ts";
import type { Host } from "../host.ts";
import { openHostLive } from "../host-live.ts";
import { requireFreeAddress } from "../http/address.ts";
import type * as Http from "../http/server.ts";
import { packageRoot, readVersion } from "../package.ts";
import { type CommonFlags, openCommandHost } from "./open.ts";
import { out, outJson } from "./output.ts";
import { noteServer } from "./running-server.ts";
import { aborted, watchSignals } from "./signals.ts";

/** Where the dashboard is built to, in a checkout as in the published package. */
export const DASHBOARD = fileURLToPath(new URL("dist/dashboard/", packageRoot));

/** Serves and executes until a signal comes; then closes in reverse order. */
export async function start(flags: CommonFlags): Promise<void> {
  const stop = watchSignals();
  const opening = openCommandHost({
    flags,
    level: "info",
    async before(config) {
      const port = portOf(config);
      if (port !== undefined) await requireFreeAddress({ host: config.host, port });
    },
  });
  // The store's thread takes a while to start: the server's code is loaded meanwhile.
  const [host, http] = await Promise.all([opening, import("../http/server.ts")]);
  try {
    const port = portOf(host.config);
    const events = await openHostLive(host);
    const url = port === undefined ? undefined : await serve(host, { port, events }, http);
    // Commands look for the API there.
    if (url !== undefined && host.config.role !== "worker") {
      host.resources.add("note", await noteServer(host.config.data, url));
    }
    const role = await host.start();
    if (!stop.signal.aborted) await host.started();
    announce(host, { url, role, isJson: flags.json === true });
    host.resources.add("start's garbage", settleAfterStart(host.clock));
    await aborted(stop.signal);
    host.log.info({ signal: stop.received() }, "closing");
  } finally {
    await host.close();
  }
}

/** Undefined: nothing is served. */
function portOf({ role, port, worker }: Config): number | undefined {
  return role === "worker" ? worker?.port : port;
}

interface Served {
  readonly port: number;
  /** What is shown as it happens, here and in other processes. */
  readonly events: Events;
}

/** The port is opened before anything is executed. */
async function serve(host: Host, { port, events }: Served, { createServer }: typeof Http): Promise<string> {
  const { config, store, engine, routes, clock, ids, log } = host;
  const server = await createServer({
    host: config.host,
    port,
    serves: config.role === "worker" ? "health" : "all",
    limitsState: () => host.limits.state(),
    version: readVersion(),
    timezone: config.timezone,
    providers: host.ai.providers,
    dashboard: DASHBOARD,
    role: () => host.role(),
    store,
    engine,
    cache: host.cache,
    calls: { ledger: host.calls, routes: () => host.ai.routes() },
    gateway: host.gateway,
    audit: host.audit,
    metrics: host.observe.metrics,
    pressure: () => host.observe.pressure(),
    routes,
    events,
    clock,
    ids,
    log,
  });
  host.resources.add("http", () => server.close());
  return await server.listen();
}

interface Announcement {
  /** Undefined: it serves nothing. */
  readonly url: string | undefined;
  readonly role: "owner" | "guest";
  readonly isJson: boolean;
}

function announce({ config, ai }: Host, { url, role, isJson }: Announcement): void {
  if (isJson) return outJson({ url: url ?? null, role, data: config.data, providers: ai.providers });
  const words = ai.providers.length === 0 ? "rules, as no model provider is configured" : ai.providers.join(", ");
  const data = config.database === undefined ? `data in ${config.data}` : "data in Postgres";
  if (config.role === "worker") {
    const where = url === undefined ? "and serves nothing" : `and says how it is at ${url}/api/health`;
    return out(`Millrace executes runs, ${where} (${data}; words from ${words}).`);
  }
  if (config.role === "web") return out(`Millrace is at ${url} (${data}). Workers execute the runs.`);
  const guest =
    role === "guest" ? " Another Millrace executes the runs on this data; this one takes over when it ends." : "";
  out(`Millrace is at ${url} (${data}; words from ${words}).${guest}`);
}
