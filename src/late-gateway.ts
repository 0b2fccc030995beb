import type { Gateway, GatewayOptions } from "./calls/gateway/gateway.ts";

/** A gateway whose code is loaded with its first request, so that no start waits for it. */
export function createLateGateway(options: GatewayOptions): Gateway {
  let opened: Gateway | undefined;
  let opening: Promise<Gateway> | undefined;

  async function open(): Promise<Gateway> {
    const { createGateway } = await import("./calls/gateway/gateway.ts");
    opened ??= createGateway(options);
    return opened;
  }
  function use(work: (gateway: Gateway) => Promise<void>): Promise<void> {
    return opened === undefined ? (opening ??= open()).then(work) : work(opened);
  }

  return {
    generate: (lane, exchange) => use((gateway) => gateway.generate(lane, exchange)),
    embed: (exchange) => use((gateway) => gateway.embed(exchange)),
    countTokens: (exchange) => use((gateway) => gateway.countTokens(exchange)),
    models: (exchange, id) => use((gateway) => gateway.models(exchange, id)),
    refuse: (lane, error, exchange) => use((gateway) => gateway.refuse(lane, error, exchange)),
  };
}
