import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import type { EventFile } from "../event-file.ts";
import { type EventRow, RecorderFile, type RecorderTables, type StateRow } from "./recorder-file.ts";
import {
  type Columns,
  hasContexts,
  isRecorder,
  readColumns,
  type RecorderColumns,
  type RecorderDialect,
  selectEvents,
  selectStates,
} from "./recorder-sql.ts";

interface RecorderOptions {
  readonly path: string;
  /** False for a database that a running Home Assistant writes: what it has not yet moved to the main file is then read as well. */
  readonly isImmutable: boolean;
}

const AS_IT_IS: RecorderDialect = { text: (column) => column, instant: (column) => column, key: (column) => column };

/** Opens the recorder database of Home Assistant on SQLite. Gives undefined when the file has no table of states; throws when SQLite cannot read it. */
export async function openRecorder({ path, isImmutable }: RecorderOptions): Promise<EventFile | undefined> {
  const url = pathToFileURL(path);
  if (isImmutable) url.searchParams.set("immutable", "1");
  const database = new DatabaseSync(url, { readOnly: true });
  try {
    const columns = await readColumns(columnsIn(database));
    if (isRecorder(columns)) return await RecorderFile.open(tablesOf(database, columns));
  } catch (error) {
    database.close();
    throw error;
  }
  database.close();
  return undefined;
}

function tablesOf(database: DatabaseSync, columns: RecorderColumns): RecorderTables {
  const states = database.prepare(
    `${selectStates(columns, AS_IT_IS)} where s.state_id > :id order by s.state_id limit :limit`,
  );
  const events = selectEvents(columns, AS_IT_IS);
  return {
    hasContexts: hasContexts(columns),
    statesAfter: (id, limit) => Promise.resolve(states.all({ id, limit }) as unknown as readonly StateRow[]),
    lastId() {
      const last = database.prepare("select max(state_id) as id from states").get();
      return Promise.resolve(Number(last?.["id"] ?? 0));
    },
    events(types) {
      if (events === undefined) return Promise.resolve([]);
      const statement = database.prepare(`${events} where type in (select value from json_each(:types))`);
      return Promise.resolve(statement.all({ types: JSON.stringify(types) }) as unknown as readonly EventRow[]);
    },
    close: () => Promise.resolve(database.close()),
  };
}

function columnsIn(database: DatabaseSync): (table: string) => Columns {
  const statement = database.prepare("select name, type from pragma_table_info(:table)");
  return (table) => new Map(statement.all({ table }).map(({ name, type }) => [String(name), String(type)]));
}
