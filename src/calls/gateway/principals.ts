import { hash } from "node:crypto";
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors.ts";
import { startDeadline } from "../../resilience/deadline.ts";
import { createRateLimiter, type RateLimiter } from "../../resilience/rate-limiter.ts";
import type { GatewayConfig, GatewayToken } from "./config.ts";
import type { RequestHeaders } from "./controls.ts";

/** Whoever sends a request. */
export interface Principal {
  /** The token's name; undefined for whoever is on this machine. */
  readonly tenant: string | undefined;
  /** Whether requests are counted at all. */
  readonly isBounded: boolean;
  /** Lets a request in. Throws RATE_LIMITED at once when that would pass a bound of the token; `facts.retryAfterMs` says when it would not. */
  admit(estimate: { readonly tokens: number }): Promise<Admission>;
}

export interface Admission {
  /** Says what was used, and that the request has ended. Once. */
  end(used: { readonly tokens: number }): void;
}

export interface Principals {
  /** Throws TOKEN_REFUSED. */
  of(headers: RequestHeaders): Principal;
}

const FREE: Admission = { end: () => undefined };
const ANYBODY: Principal = { tenant: undefined, isBounded: false, admit: () => Promise.resolve(FREE) };
const BEARER = /^bearer\s+/i;

/** Knows tokens by the hashes of their keys, so that nothing is learned from how long the search takes. */
export function createPrincipals({ tokens = {}, isOpen = true }: GatewayConfig, clock: Clock): Principals {
  const byHash = new Map(
    Object.entries(tokens).map(([name, token]) => [hash("sha256", token.key), createPrincipal(name, token, clock)]),
  );
  return {
    of(headers) {
      if (byHash.size === 0 && isOpen) return ANYBODY;
      const key = keyOf(headers);
      const found = key === undefined ? undefined : byHash.get(hash("sha256", key));
      if (found !== undefined) return found;
      if (isOpen) return ANYBODY;
      throw new MillraceError(
        "TOKEN_REFUSED",
        key === undefined ? "There is no API token." : "The API token is not known.",
      );
    },
  };
}

function keyOf({ authorization, "x-api-key": key }: RequestHeaders): string | undefined {
  if (typeof authorization === "string" && BEARER.test(authorization)) return authorization.replace(BEARER, "");
  return typeof key === "string" ? key : undefined;
}

function createPrincipal(tenant: string, token: GatewayToken, clock: Clock): Principal {
  const { requestsPerMinute = Infinity, tokensPerMinute = Infinity, parallel = Infinity } = token;
  if (requestsPerMinute === Infinity && tokensPerMinute === Infinity && parallel === Infinity) {
    return { ...ANYBODY, tenant };
  }
  const limiter = createRateLimiter({
    clock,
    axes: { requests: { limit: requestsPerMinute }, tokens: { limit: tokensPerMinute } },
  });
  let running = 0;
  return {
    tenant,
    isBounded: true,
    async admit({ tokens }) {
      if (running >= parallel) throw tooMany(tenant, `has ${parallel} requests under way, which is its most`, 1_000);
      running++;
      const reservation = await reserve(limiter, Math.min(tokens, tokensPerMinute), { tenant, clock }).catch(
        (error: unknown) => {
          running--;
          throw error;
        },
      );
      return {
        end(used) {
          running--;
          reservation.settle({ requests: 1, tokens: used.tokens });
        },
      };
    },
  };
}

/** Clients do the waiting: they are told how long. */
async function reserve(
  limiter: RateLimiter<"requests" | "tokens">,
  tokens: number,
  { tenant, clock }: { readonly tenant: string; readonly clock: Clock },
) {
  using deadline = startDeadline({ clock, ms: 1 });
  try {
    return await limiter.reserve({ requests: 1, tokens }, { deadline });
  } catch (error) {
    const ms = error instanceof MillraceError ? error.facts["retryAfterMs"] : undefined;
    throw tooMany(tenant, "is at its limit of requests or tokens a minute", typeof ms === "number" ? ms : 1_000);
  }
}

function tooMany(tenant: string, what: string, retryAfterMs: number): MillraceError {
  return new MillraceError("RATE_LIMITED", `The token ${tenant} ${what}.`, {
    facts: { limit: "gateway", tenant, retryAfterMs },
    isRetryable: true,
  });
}
