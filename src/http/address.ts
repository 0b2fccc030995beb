import { once } from "node:events";
import { createServer } from "node:net";
import { MillraceError } from "../core/errors.ts";
import { requireLoopback } from "./guard.ts";

export interface Address {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
}

/** Tries an address before anything else is done. Throws TOKEN_REQUIRED, ADDRESS_IN_USE. */
export async function requireFreeAddress({ host, port }: Address): Promise<void> {
  requireLoopback(host);
  const trial = createServer();
  try {
    await once(trial.listen({ host, port }), "listening");
  } catch (error) {
    throw listenError(error, { host, port });
  }
  await new Promise((resolve) => trial.close(resolve));
}

/** Words what went wrong at opening a port. */
export function listenError(cause: unknown, { host, port }: Address): MillraceError {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const options = { facts: { host, port }, cause };
  switch (code) {
    case "EADDRINUSE":
      return new MillraceError("ADDRESS_IN_USE", `Port ${port} on ${host} is taken by another program.`, {
        ...options,
        advice: `Stop the other program or choose another port, for example --port ${port === 65_535 ? 8018 : port + 1}.`,
      });
    case "EACCES":
      return new MillraceError("ADDRESS_IN_USE", `Port ${port} needs rights that this user does not have.`, {
        ...options,
        advice: "Choose a port from 1024 on, for example --port 8018.",
      });
    default:
      return new MillraceError("ADDRESS_IN_USE", `Nothing can listen at ${host}${code === "" ? "" : ` (${code})`}.`, {
        ...options,
        advice: "Give an address of this machine, for example --host 127.0.0.1.",
      });
  }
}
