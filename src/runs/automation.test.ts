import assert from "node:assert/strict";
import { describe, it } from "node:test";

import { z } from "zod";

import { isErrorCode } from "../core/errors.ts";
import { defineAutomation, type EventOf, type RunEvent } from "./automation.ts";
import type { Step } from "./step.ts";
import type { Stored } from "./stored.ts";
import { on } from "./trigger.ts";

/** Compiles only when both types are the same. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : never;
function same<A, B>(...proof: Same<A, B>[]): void {
  assert.ok(proof.length <= 1);
}

describe("defineAutomation", () => {
  it("refuses a name that would not do in an address", () => {
    for (const name of ["", "Daily", "home daily", ".daily", "home..daily", "a/b"]) {
      assert.throws(
        () => defineAutomation(name, { on: [on.manual()] }, async () => null),
        (error) => isErrorCode(error, "INPUT_INVALID") && error.message.includes(`"${name}"`),
      );
    }
  });

  it("types the event as the union of its triggers, told apart by type", () => {
    const schema = z.object({ path: z.string(), limit: z.number().optional() });
    const automation = defineAutomation(
      "digest",
      { on: [on.cron("0 3 * * *"), on.manual(schema)] },
      async ({ event }) => {
        if (event.type === "cron") {
          same<typeof event.data.scheduledFor, string>(true);
          // @ts-expect-error -- a clock brings no path
          return event.data.path as string;
        }
        same<typeof event.type, "manual">(true);
        const limit: number | undefined = event.data.limit;
        return `${event.data.path} ${limit ?? ""}`;
      },
    );
    assert.equal(automation.name, "digest");
  });

  it("gives a manual event the stored form of what its schema gives", () => {
    const trigger = on.manual(z.object({ since: z.coerce.date(), note: z.string().optional() }));
    type Event = EventOf<typeof trigger>;
    same<Event["data"]["since"], string>(true);
    same<Event, RunEvent<"manual", { since: string; note?: string }>>(true);
    assert.deepEqual(trigger.paths, []);
  });
});

describe("Stored", () => {
  it("says what JSON makes of a value", () => {
    same<Stored<{ at: Date; tags: string[]; n: number }>, { at: string; tags: string[]; n: number }>(true);
    same<Stored<undefined>, null>(true);
    same<Stored<{ a?: Date; b: Date | undefined }>, { a?: string; b: string | undefined }>(true);
    same<Stored<[Date, undefined]>, [string, null]>(true);
    same<Stored<Map<string, string>>, never>(true);
    same<Stored<{ f: () => void }>, { f: never }>(true);
    same<Stored<bigint>, never>(true);
  });

  it("holds for what a step gives back", () => {
    async function body(step: Step): Promise<void> {
      const dates = await step.run("dates", () => [new Date(0)]);
      // @ts-expect-error -- a Date comes back as text
      dates[0]?.getTime();
      const { done } = await step.map("each", [1, 2], (item) => ({ item, at: new Date(item) }));
      same<(typeof done)[number], { item: number; at: string }>(true);
      const nothing = await step.run("nothing", () => undefined);
      same<typeof nothing, null>(true);
    }
    assert.equal(body.length, 1);
  });
});
