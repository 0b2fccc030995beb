import type { z } from "zod";
import { type ErrorCode, isErrorCode } from "../../../src/core/errors.ts";
import type { Random } from "../../../src/core/random.ts";
import type { AnyEventType } from "../../../src/runs/event-type.ts";
import { Go, type Keyed, type Order } from "./scene.ts";

/** Lets an error of this code pass: it says that it was done before. */
export function unless(code: ErrorCode): (error: unknown) => void {
  return (error) => {
    if (!isErrorCode(error, code)) throw error;
  };
}

export function pick(random: Random, below: number): number {
  return Math.floor(random.next() * below);
}

export function trigger(name: string, input: z.infer<typeof Keyed>, afterMs = 0): Order {
  return {
    afterMs,
    async act(engine) {
      const { runId } = await engine.trigger(name, input, { key: input.key });
      await engine.ended(runId);
    },
  };
}

/** Tells a run of something; it hears what comes after its birth, so that goes first. */
export function tell(
  random: Random,
  name: string,
  input: z.infer<typeof Keyed>,
  data: { readonly run: string },
  withinMs: number,
): Order {
  return {
    afterMs: random.next() * withinMs,
    async act(engine) {
      await engine.trigger(name, input, { key: input.key });
      await engine.emit(Go, data, { id: `go ${data.run}` });
    },
  };
}

export function emit(random: Random, type: AnyEventType, data: unknown, id: string, withinMs: number): Order {
  return {
    afterMs: random.next() * withinMs,
    act: async (engine) => void (await engine.emit(type, data, { id })),
  };
}
