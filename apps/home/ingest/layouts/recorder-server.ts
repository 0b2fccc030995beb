import { MillraceError } from "millrace";
import type { EventFile } from "../event-file.ts";
import { withoutPassword } from "../event-place.ts";
import { RecorderFile, type RecorderTables } from "./recorder-file.ts";
import { type Columns, isRecorder, readColumns, type RecorderColumns } from "./recorder-sql.ts";

/** A connection to a database server that a recorder may write to, for reading alone. */
export interface RecorderConnection {
  columnsOf(table: string): Promise<Columns>;
  tables(columns: RecorderColumns): RecorderTables;
  /** As long as this stays the same there is nothing new in the database. */
  stamp(): Promise<string>;
  /** Lets go of it, whatever state it is in. */
  leave(): Promise<void> | void;
}

/** A kind of server. */
export interface RecorderServer {
  connect(address: string): Promise<RecorderConnection>;
  /** Asks whether another try does not cure an error of this code: who we are, the database's name, what we may do. */
  readonly isFinal: (code: string) => boolean;
}

/** Opens the recorder database of Home Assistant on a server. Throws EVENTS_UNREADABLE. */
export async function openServerRecorder(server: RecorderServer, address: string): Promise<EventFile> {
  const connection = await connect(server, address);
  try {
    return await RecorderFile.open(connection.tables(await columnsOf(connection, address)));
  } catch (error) {
    await connection.leave();
    throw toUnreadable(server, address, error);
  }
}

/** As `RecorderConnection.stamp`. Throws EVENTS_UNREADABLE. */
export async function stampOfServer(server: RecorderServer, address: string): Promise<string> {
  const connection = await connect(server, address);
  try {
    await columnsOf(connection, address);
    return await connection.stamp();
  } catch (error) {
    throw toUnreadable(server, address, error);
  } finally {
    await connection.leave();
  }
}

async function connect(server: RecorderServer, address: string): Promise<RecorderConnection> {
  try {
    return await server.connect(address);
  } catch (error) {
    throw toUnreadable(server, address, error);
  }
}

async function columnsOf(connection: RecorderConnection, address: string): Promise<RecorderColumns> {
  const columns = await readColumns((table) => connection.columnsOf(table));
  if (isRecorder(columns)) return columns;
  const database = withoutPassword(address);
  throw new MillraceError("EVENTS_UNREADABLE", `The database ${database} has no table of states.`, {
    facts: { database },
    advice: "Give the address of the database that Home Assistant's recorder writes (db_url).",
    isRetryable: false,
  });
}

/** What a driver says, as an error that says what to do. */
function toUnreadable({ isFinal }: RecorderServer, address: string, error: unknown): MillraceError {
  if (error instanceof MillraceError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = error instanceof Error && error.message !== "" ? error.message : code;
  const database = withoutPassword(address);
  return new MillraceError("EVENTS_UNREADABLE", `The database ${database} cannot be read (${reason}).`, {
    facts: { database },
    advice:
      "Check host, name, user and password; reading rights on states, states_meta, events and event_types are enough.",
    isRetryable: !isFinal(code),
    cause: error,
  });
}
