import { MillraceError } from "millrace";
import { withoutPassword } from "../event-place.ts";

/** The database is there and is none of Home Assistant's. */
export function notRecorder(address: string): MillraceError {
  return new MillraceError("EVENTS_UNREADABLE", `The database ${withoutPassword(address)} has no table of states.`, {
    facts: { database: withoutPassword(address) },
    advice: "Give the address of the database that Home Assistant's recorder writes (db_url).",
    isRetryable: false,
  });
}

/** What a driver says, as an error that says what to do. `isFinal` asks whether another try does not cure an error of this code. */
export function toUnreadable(address: string, error: unknown, isFinal: (code: string) => boolean): MillraceError {
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
