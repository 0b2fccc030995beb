import type { Clock } from "../core/clock.ts";
import { MillraceError } from "../core/errors.ts";
import { toModelFailure } from "../model/to-model-failure.ts";
import type { CallContext } from "./pipeline.ts";

/**
 * Counts one request to a model: that it was sent, how long it took, and what a failure may have cost. What an answer used is told by
 * `send` itself. Throws MillraceError as it came, all else as ModelFailure.
 */
export async function countRequest<T>(
  send: () => Promise<T>,
  { tally, deadline }: Pick<CallContext, "tally" | "deadline">,
  clock: Clock,
): Promise<T> {
  tally.sent();
  const sentAt = clock.monotonic();
  try {
    return await send();
  } catch (error) {
    if (error instanceof MillraceError) {
      tally.usedNothing();
      throw error;
    }
    const failure = toModelFailure(error, clock.now());
    if (failure.mayBeBilled || deadline.signal.aborted) tally.usedUnknown();
    else tally.usedNothing();
    throw failure;
  } finally {
    tally.took("providerMs", clock.monotonic() - sentAt);
  }
}
