import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createManualClock } from "../../core/manual-clock.ts";
import { createWriteQueue, type QueuedWrite, type WriteQueueOptions } from "./write-queue.ts";

function withQueue(options: Omit<WriteQueueOptions, "clock"> = {}) {
  const clock = createManualClock();
  const queue = createWriteQueue<QueuedWrite>({ clock, ...options });
  const refused: string[] = [];
  let sequence = 0;
  function add(count: number, { priority = "prompt", bytes = 1 }: Partial<QueuedWrite> = {}): void {
    for (let left = count; left > 0; left--) {
      const number = ++sequence;
      const reject = ({ code }: { code: string }) => void refused.push(`${number} ${code}`);
      queue.add({ priority, bytes, sequence: number, reject });
    }
  }
  const take = () => queue.take().map((write) => write.sequence);
  return { clock, queue, refused, add, take };
}

describe("the queue of writes", () => {
  it("parts what waits into two groups, and leaves few together", () => {
    const { add, take } = withQueue();
    add(23);
    assert.equal(take().length, 23);
    add(32);
    assert.deepEqual([take().length, take().length, take().length], [16, 16, 0]);
    add(1_000);
    assert.deepEqual([take().length, take().length, take().length], [500, 250, 125]);
  });

  it("lets what somebody waits for go before many rows, which get their turn however busy it is", () => {
    const { add, take } = withQueue({ smallest: 1, largest: 1 });
    add(1, { priority: "bulk" });
    add(20);
    const order = Array.from({ length: 12 }, () => take()[0]);
    assert.deepEqual(order, [2, 3, 4, 5, 6, 7, 8, 9, 1, 10, 11, 12]);
  });

  it("makes those wait for room that come when it is full, in their order", () => {
    const { queue, add, take, refused } = withQueue({ smallest: 2, largest: 2, mostJobs: 4 });
    add(6);
    assert.equal(queue.size, 6);
    assert.deepEqual(
      [take(), take(), take()],
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    );
    assert.deepEqual(refused, []);
  });

  it("counts bytes, too, but takes a large one when nothing else waits", () => {
    const { add, take } = withQueue({ mostBytes: 10 });
    add(1, { bytes: 100 });
    add(1, { bytes: 5 });
    assert.deepEqual(take(), [1], "the second one waits for room");
    assert.deepEqual(take(), [2]);
  });

  it("refuses what finds no room in time, and what comes when too many wait for it", async () => {
    const { clock, add, take, refused } = withQueue({ mostJobs: 1, mostWaiting: 2 });
    add(4);
    assert.deepEqual(refused, ["4 CAPACITY_REACHED"]);
    await clock.advance(29_999);
    assert.equal(refused.length, 1);
    await clock.advance(1);
    assert.deepEqual(refused, ["4 CAPACITY_REACHED", "2 CAPACITY_REACHED", "3 CAPACITY_REACHED"]);
    assert.deepEqual([take(), take()], [[1], []]);
  });

  it("knows the oldest write that waits", () => {
    const { queue, add, take } = withQueue({ mostJobs: 2, smallest: 1, largest: 1 });
    assert.equal(queue.oldest(), Infinity);
    add(1, { priority: "bulk" });
    add(3);
    take();
    assert.equal(queue.oldest(), 1);
  });
});
