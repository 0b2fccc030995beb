import { isIPv6 } from "node:net";
import { MillraceError } from "../core/errors.ts";

/** Sent with every answer. The dashboard brings all it needs itself, so nothing else may be loaded or run. */
export const SECURITY_HEADERS = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

const LOOPBACK_V4 = /^127(?:\.\d{1,3}){3}$/;

/** Asks whether an address can be reached from this machine alone. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host === "[::1]" || LOOPBACK_V4.test(host);
}

export interface Origins {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** The browser's own word on where the request comes from (`Sec-Fetch-Site`). */
  readonly site: string | undefined;
}

/**
 * Refuses requests that a foreign page makes a browser send. A name that merely points at this machine is no loopback name (DNS
 * rebinding), and an origin must be the address that the request itself went to (cross-site requests). Throws ORIGIN_REFUSED.
 */
export function requireOwnOrigin({ host, origin, site }: Origins): void {
  if (host === undefined || !isLoopback(hostnameOf(host))) {
    throw new MillraceError("ORIGIN_REFUSED", `"${host ?? ""}" is not a name of this server.`, { facts: { host } });
  }
  if (origin !== undefined && !isSameOrigin(origin, host)) {
    throw new MillraceError("ORIGIN_REFUSED", `Requests from ${origin} are not allowed.`, { facts: { origin } });
  }
  if (origin === undefined && site === "cross-site") {
    throw new MillraceError("ORIGIN_REFUSED", "Requests from other sites are not allowed.");
  }
}

/** The same as a question. */
export function isOwnOrigin(origins: Origins): boolean {
  try {
    requireOwnOrigin(origins);
    return true;
  } catch {
    return false;
  }
}

/** The last name that was looked at: clients keep to one, and parsing an address costs as much as the rest of a small request. */
let last = { host: "", hostname: "" };

function hostnameOf(host: string): string {
  if (last.host !== host) last = { host, hostname: URL.parse(`http://${host}`)?.hostname ?? "" };
  return last.hostname;
}

function isSameOrigin(origin: string, host: string): boolean {
  return URL.canParse(origin) && new URL(origin).protocol === "http:" && new URL(origin).host === host.toLowerCase();
}

/** Throws TOKEN_REQUIRED for an address that others could reach: nothing would keep them out. */
export function requireLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new MillraceError(
    "TOKEN_REQUIRED",
    `Millrace does not listen on ${host}: others could reach it without a token.`,
    {
      facts: { host },
      advice:
        "Bind to 127.0.0.1; to reach it from elsewhere use a tunnel, for example `ssh -L 8018:127.0.0.1:8018 HOST`.",
    },
  );
}

/** Writes the address of a server: a version 6 address stands in brackets. */
export function toUrl(host: string, port: number): string {
  return `http://${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
