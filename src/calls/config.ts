import type { Duration } from "../core/duration.ts";

/** Bounds of one model. */
export interface ModelLimits {
  /** Requests under way at once, of automations and of the gateway's clients together. Default 5 for automations, and 100 beside for clients. */
  readonly parallel?: number;
  /** Default: what the provider's headers say. */
  readonly requestsPerMinute?: number;
  /** Input and output together. Default: what the provider's headers say. */
  readonly tokensPerMinute?: number;
}

/** How model calls are bounded, and what happens when they fail. */
export interface CallsConfig extends ModelLimits {
  /** Whether `parallel` is where a limit begins that learns from how it goes, up to 100. Default false. */
  readonly adaptive?: boolean;
  /** By alias or `provider/model`; wins over what stands above. */
  readonly perModel?: Readonly<Record<string, ModelLimits>>;
  readonly breaker?: {
    /** Failures in a row that open it. Default 5. */
    readonly failures?: number;
    /** The longest it stays open before a probe. Default 60s; the first probe goes after 5s. */
    readonly open?: Duration;
  };
  readonly retry?: {
    /** Tries of one request in all. Default 3. */
    readonly attempts?: number;
    /** Longest wait after the first failure. Default 4s. */
    readonly base?: Duration;
    /** Longest wait ever. Default 10s. */
    readonly max?: Duration;
    /** Retries as a share of all requests to a model, beyond ten at once. Default 0.2. */
    readonly share?: number;
  };
  /** Who answers, in this order, when a model cannot: by alias or `provider/model`. */
  readonly fallback?: Readonly<Record<string, readonly string[]>>;
  /** Longest wait for the first byte of an answer, and for more of it, while another candidate could be asked. Default 30s, at most half of the time left. */
  readonly firstByte?: Duration;
  /** Whether a request that is later than 95 % of its model's is sent once more beside, for at most 5 % of them. Default false. */
  readonly hedge?: boolean;
  /** US dollars, by days of the configured time zone. */
  readonly budgets?: {
    readonly day?: number;
    /** By the name of an automation; `*` for each one that is not named. */
    readonly perAutomation?: Readonly<Record<string, number>>;
    /** By tenant; `*` for each one that is not named. */
    readonly perTenant?: Readonly<Record<string, number>>;
  };
  /**
   * Which part of each limit this process takes while nothing tells it what others use (several processes without Redis, or while it is
   * away). Default: one part of as many as there are processes on the same Postgres.
   */
  readonly share?: number;
  /** How long calls stay in the ledger. Default 90d. */
  readonly keep?: Duration;
}
