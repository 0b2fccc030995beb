import { createManualClock } from "../core/manual-clock.ts";
import { runJournalContract } from "./level-contract/journal.ts";
import { runLeaseContract } from "./level-contract/leases.ts";
import { createMemoryBackend } from "./memory-backend.ts";

const close = async (): Promise<void> => undefined;

runJournalContract("memory", async () => {
  const { journal } = createMemoryBackend({ clock: createManualClock(Date.UTC(2026, 0, 1)) });
  return { journal, another: async () => journal, close };
});

runLeaseContract("memory", async () => {
  const clock = createManualClock();
  const { leases } = createMemoryBackend({ clock });
  return { mine: leases, theirs: leases, pass: (ms) => clock.advance(ms), close };
});
