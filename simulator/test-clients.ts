import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { createSimulator, type Simulator, type SimulatorOptions } from "./index.ts";

/** A simulator that runs, and the official clients that ask it; they do not try again. */
export interface Clients extends AsyncDisposable {
  readonly simulator: Simulator;
  readonly openai: OpenAI;
  readonly anthropic: Anthropic;
  readonly get: (path: string, init?: RequestInit) => Promise<Response>;
  /** A control call with a JSON body. */
  readonly control: (path: string, body?: unknown) => Promise<Response>;
}

export async function openClients(options: SimulatorOptions = {}): Promise<Clients> {
  const simulator = createSimulator(options);
  const url = await simulator.start();
  return {
    simulator,
    openai: new OpenAI({ apiKey: "k", baseURL: `${url}/v1`, maxRetries: 0 }),
    anthropic: new Anthropic({ apiKey: "k", baseURL: url, maxRetries: 0 }),
    get: (path, init) => fetch(url + path, init),
    control: (path, body) => fetch(`${url}/_simulator/${path}`, { method: "POST", body: JSON.stringify(body ?? {}) }),
    [Symbol.asyncDispose]: () => simulator.stop(),
  };
}

/** Resolves when something holds that the simulator says of itself. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
