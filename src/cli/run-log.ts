import type { Log, LogFields } from "../core/log.ts";

/** A log for `millrace run`, which says itself how its run ended: what the engine logs about that is left out. */
export function withoutEnding(log: Log): Log {
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn(fields, message) {
      if (!isEnding(fields, message)) log.warn(fields, message);
    },
    error: (fields, message) => log.error(fields, message),
    child: (fields) => withoutEnding(log.child(fields)),
  };
}

function isEnding(fields: LogFields, message: string): boolean {
  return message === "a run failed" || (message === "a step's attempt failed" && fields["retryInMs"] === null);
}
