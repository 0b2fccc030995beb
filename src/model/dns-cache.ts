import { lookup as systemLookup, type LookupAddress, type LookupAllOptions, type LookupOptions } from "node:dns";
import type { Clock } from "../core/clock.ts";

type Answered = (error: NodeJS.ErrnoException | null, address: string | LookupAddress[], family?: number) => void;

/** What `net.connect` takes as its `lookup`. */
export type Lookup = (hostname: string, options: LookupOptions, callback: Answered) => void;

/** Asks for all addresses of a name. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

export interface DnsCacheOptions {
  readonly clock: Clock;
  /** How long an answer is used, in milliseconds. Default 30 000. */
  readonly ttlMs?: number;
  /** Default: what the system answers (`getaddrinfo`, hosts file and all). */
  readonly lookup?: LookupAll;
}

interface Known {
  readonly addresses: readonly LookupAddress[];
  readonly until: number;
}

/** A base URL has one name, so few are ever kept; the oldest goes beyond this. */
const MOST_NAMES = 256;

/**
 * Remembers the addresses of names: the system's own look-up holds one of four threads for each connection that is made. A name that
 * cannot be looked up for a while keeps the addresses it had; failures are not kept.
 */
export function createDnsCache({ clock, ttlMs = 30_000, lookup = systemLookup }: DnsCacheOptions): Lookup {
  const known = new Map<string, Known>();

  return (hostname, options, callback) => {
    const { all = false, family = 0 } = options;
    const key = `${hostname} ${family}`;
    const found = known.get(key);
    if (found !== undefined && found.until > clock.monotonic()) {
      answer(found.addresses);
      return;
    }
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error === null && addresses.length > 0) {
        keep(addresses);
        answer(addresses);
      } else if (found === undefined) callback(error, []);
      else answer(found.addresses);
    });

    function keep(addresses: readonly LookupAddress[]): void {
      const oldest = known.keys().next().value;
      known.delete(key);
      if (known.size >= MOST_NAMES && oldest !== undefined) known.delete(oldest);
      known.set(key, { addresses, until: clock.monotonic() + ttlMs });
    }

    function answer(addresses: readonly LookupAddress[]): void {
      const [first] = addresses;
      if (all) callback(null, [...addresses]);
      else callback(null, first?.address ?? "", first?.family);
    }
  };
}
