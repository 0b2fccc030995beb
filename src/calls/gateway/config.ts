/** Who may use the gateway, and how much. */
export interface GatewayConfig {
  /** By name. A token's calls are those of a tenant of its name: answers kept for one are never given to another, and `calls.budgets.perTenant` holds. */
  readonly tokens?: Readonly<Record<string, GatewayToken>>;
  /** Whether requests without a token of the list are answered, too. Default true: on loopback everybody is the user of this machine. */
  readonly isOpen?: boolean;
}

export interface GatewayToken {
  /** What the client sends as `Authorization: Bearer` or `x-api-key`. At least 16 characters. */
  readonly key: string;
  /** Default: no bound. */
  readonly requestsPerMinute?: number;
  /** Input and output together, of what providers answer; answers that are kept cost nothing. Default: no bound. */
  readonly tokensPerMinute?: number;
  /** Requests at once. Default: no bound. */
  readonly parallel?: number;
}
