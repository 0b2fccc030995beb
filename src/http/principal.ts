import type { IncomingHttpHeaders } from "node:http";

/** Who asks. What is kept for one principal is never given to another. */
export interface Principal {
  readonly id: string;
}

/** Tells who sent a request. */
export type PrincipalOf = (request: { readonly headers: IncomingHttpHeaders }) => Principal;

/** Whoever is on this machine: the server listens nowhere else. */
export const LOOPBACK: Principal = { id: "loopback" };
