/** A stored file. */
export interface StoredFile {
  readonly id: string;
  readonly organization: string;
  readonly filename: string;
  readonly purpose: string;
  readonly content: Buffer;
  /** In milliseconds since the epoch. */
  readonly createdAt: number;
  readonly expiresAt: number | undefined;
}

/** Files in memory: at most 1 GB in all, the oldest go first. */
export interface Files {
  put(file: StoredFile): void;
  /** A file that has expired is gone. */
  get(id: string, organization: string, now: number): StoredFile | undefined;
  /** Says whether there was one. */
  delete(id: string, organization: string, now: number): boolean;
  /** Newest first. */
  list(organization: string, now: number): readonly StoredFile[];
  reset(): void;
}

const MOST_BYTES = 1024 ** 3;

export function createFiles(): Files {
  const kept = new Map<string, StoredFile>();
  let bytes = 0;

  function drop({ id, content }: StoredFile): void {
    if (kept.delete(id)) bytes -= content.length;
  }
  function get(id: string, organization: string, now: number): StoredFile | undefined {
    const file = kept.get(id);
    if (file === undefined || file.organization !== organization) return undefined;
    if (file.expiresAt === undefined || file.expiresAt > now) return file;
    drop(file);
    return undefined;
  }

  return {
    put(file) {
      kept.set(file.id, file);
      bytes += file.content.length;
      for (const oldest of kept.values()) {
        if (bytes <= MOST_BYTES || oldest === file) break;
        drop(oldest);
      }
    },
    get,
    delete(id, organization, now) {
      const file = get(id, organization, now);
      if (file !== undefined) drop(file);
      return file !== undefined;
    },
    list: (organization, now) =>
      [...kept.values()].filter(({ id }) => get(id, organization, now) !== undefined).toReversed(),
    reset() {
      kept.clear();
      bytes = 0;
    },
  };
}

/** Writes a file as the provider lists it. */
export function toFileObject({ id, content, createdAt, expiresAt, filename, purpose }: StoredFile) {
  return {
    id,
    object: "file",
    bytes: content.length,
    created_at: Math.floor(createdAt / 1_000),
    expires_at: expiresAt === undefined ? null : Math.floor(expiresAt / 1_000),
    filename,
    purpose,
    status: "processed",
    status_details: null,
  };
}
