import type { Clock, Database, Log } from "millrace";
import type { Network } from "./home-assistant/network.ts";
import type { HomeSource } from "./source.ts";

export interface ImportSourceParams {
  readonly db: Database;
  /** Writes that the kept lists are told of. */
  readonly tables: Database;
  readonly clock: Clock;
  readonly source: HomeSource;
  /** For a source that is a Home Assistant. */
  readonly network: Network;
  readonly runId: string;
  readonly signal: AbortSignal;
  readonly log: Log;
}

export interface ImportedSource {
  readonly home: string;
  readonly timezone: string;
  /** Events that were not known before. */
  readonly events: number;
  readonly known: number;
  readonly skipped: number;
}

/** Brings the events of a source into the home's event table. What is there already is not added again. */
export async function importSource(params: ImportSourceParams): Promise<ImportedSource> {
  const { db, tables, clock, source, runId, signal, log } = params;
  if (source.kind === "sample") {
    const { importSample } = await import("./sample/import-sample.ts");
    return importSample({ db, clock, runId, seed: source.seed, timezone: source.timezone });
  }
  if (source.kind === "home-assistant") {
    const { syncHome } = await import("./home-assistant/sync-home.ts");
    const { connectionOf } = await import("./home-assistant/network.ts");
    const { settings } = source;
    const connection = connectionOf(settings, params.network);
    return syncHome({ connection, settings, network: params.network, db, tables, clock, log, runId, signal });
  }
  const [{ importFile }, { findHome }] = await Promise.all([
    import("./events/import-file.ts"),
    import("./events/homes.ts"),
  ]);
  const { path, home, isZoneAsked } = source;
  const before = isZoneAsked ? undefined : await findHome(db, home);
  const timezone = before?.timezone ?? source.timezone;
  const { added, known, skipped, firstSkipped } = await importFile({ db, home, path, timezone, clock, runId, signal });
  if (skipped > 0) log.warn({ skipped, first: firstSkipped }, "lines of the event file could not be read");
  return { home, timezone, events: added, known, skipped };
}
