import { basename, dirname } from "node:path";
import { number, text } from "../../store/row.ts";
import type { Database, Row, Statement } from "../../store/store.ts";

/** What the journal says about a file. */
export interface JournalEntry {
  readonly stat: string;
  /** SHA-256 of the content that was last seen, in hex. */
  readonly hash: string;
  readonly bytes: number;
  /** ISO 8601, UTC. */
  readonly mtime: string;
}

/** One change of the journal. It is left out when the file's entry is no longer the one with the hash `known`. */
export interface JournalChange {
  readonly path: string;
  /** The hash of the entry that this replaces; undefined: there was none. */
  readonly known: string | undefined;
  /** Undefined: the file is gone. */
  readonly entry: JournalEntry | undefined;
}

/** What the file triggers of one automation have dealt with, by path; kept in the store, as long as the files are there. */
export interface FileJournal {
  get(path: string): Promise<JournalEntry | undefined>;
  /** The entries of one folder, by name. */
  inFolder(folder: string): Promise<ReadonlyMap<string, JournalEntry>>;
  /** Folders with entries, at and below a root. */
  folders(root: string): Promise<readonly string[]>;
  /** Writes changes in one transaction. */
  write(changes: readonly JournalChange[]): Promise<void>;
  /** Whether the first scan of a glob came to its end. */
  isBegun(glob: string): Promise<boolean>;
  begin(glob: string): Promise<void>;
}

const PUT = `insert into file_journal (automation, folder, name, stat, hash, bytes, mtime)
  values (:automation, :folder, :name, :stat, :hash, :bytes, :mtime)
  on conflict (automation, folder, name) do update
  set stat = excluded.stat, hash = excluded.hash, bytes = excluded.bytes, mtime = excluded.mtime
  where file_journal.hash = :known`;
const REMOVE = `delete from file_journal
  where automation = :automation and folder = :folder and name = :name and hash = :known`;
const GET = `select name, stat, hash, bytes, mtime from file_journal
  where automation = :automation and folder = :folder and name = :name`;
const IN_FOLDER = `select name, stat, hash, bytes, mtime from file_journal
  where automation = :automation and folder = :folder`;
const FOLDERS = `select distinct folder from file_journal
  where automation = :automation and (folder = :root or (folder > :first and folder < :last))`;
const IS_BEGUN = "select 1 as begun from file_roots where automation = :automation and glob = :glob";
const BEGIN = `insert into file_roots (automation, glob) values (:automation, :glob)
  on conflict (automation, glob) do nothing`;

const MIGRATIONS = new URL("./migrations/", import.meta.url);

/** Makes the journal's tables where they are missing. Throws STORE_NEWER. */
export async function migrateFileJournal(db: Database): Promise<void> {
  await db.migrate({ owner: "files", directory: MIGRATIONS });
}

export function createFileJournal({
  db,
  automation,
}: {
  readonly db: Database;
  readonly automation: string;
}): FileJournal {
  return {
    async get(path) {
      const row = await db.get(GET, { automation, ...placeOf(path) });
      return row && toEntry(row);
    },
    async inFolder(folder) {
      const rows = await db.all(IN_FOLDER, { automation, folder });
      return new Map(rows.map((row) => [text(row, "name"), toEntry(row)]));
    },
    async folders(root) {
      // All that begin with `root/`: "0" is the character behind the slash.
      const below = root === "/" ? "" : root;
      const rows = await db.all(FOLDERS, { automation, root, first: `${below}/`, last: `${below}0` });
      return rows.map((row) => text(row, "folder"));
    },
    async write(changes) {
      if (changes.length === 0) return;
      await db.write(changes.map((change) => statementOf(automation, change)));
    },
    async isBegun(glob) {
      return (await db.get(IS_BEGUN, { automation, glob })) !== undefined;
    },
    async begin(glob) {
      await db.write([{ sql: BEGIN, params: { automation, glob } }]);
    },
  };
}

function statementOf(automation: string, { path, known = "", entry }: JournalChange): Statement {
  const place = { automation, ...placeOf(path), known };
  return entry === undefined ? { sql: REMOVE, params: place } : { sql: PUT, params: { ...place, ...entry } };
}

function placeOf(path: string): { readonly folder: string; readonly name: string } {
  return { folder: dirname(path), name: basename(path) };
}

function toEntry(row: Row): JournalEntry {
  return {
    stat: text(row, "stat"),
    hash: text(row, "hash"),
    bytes: number(row, "bytes"),
    mtime: text(row, "mtime"),
  };
}
