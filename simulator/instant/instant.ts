import type { Socket } from "node:net";
import { chanceOf, drawLatencyMs } from "../chance.ts";
import type { World } from "../world.ts";
import { createFixedAnswers, type FixedAnswer } from "./fixed-answers.ts";

/** Answers a connection with fixed bytes, as long as it asks for what has some; the rest is handed over. */
export type InstantServer = (socket: Socket) => void;

const HEAD_END = "\r\n\r\n";
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i;
/** What is left to a real HTTP server: bodies of unknown length, clients that wait for leave, or want to be let go. */
const SPECIAL = /\r\n(?:transfer-encoding|expect|connection: *close)/i;
const STREAMED = /"stream"\s*:\s*true/;

/**
 * Creates the server of instant mode. It reads a question no further than it must to answer: neither keys, nor fields, nor limits are
 * looked at, and nothing is charged.
 */
export function createInstantServer(world: World, handOver: (socket: Socket) => void): InstantServer {
  const answers = createFixedAnswers(world);
  let served = 0;

  function reply(socket: Socket, { plain, streamed }: FixedAnswer, body: Buffer, done: () => void): void {
    const bytes = STREAMED.test(body.toString("latin1")) ? streamed : plain;
    const { latencyMs } = world.behaviour();
    const wait =
      typeof latencyMs === "number"
        ? latencyMs
        : drawLatencyMs(latencyMs, chanceOf(world.seed, "instant", (served += 1)));
    const send = (): void => {
      world.stats.ended(200, true);
      if (socket.writable) socket.write(bytes);
      done();
    };
    if (wait === 0) send();
    else world.clock.after(wait, send);
  }

  return (socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    let chunks: Buffer[] = [];
    let bytes = 0;
    /** How many bytes the next question needs to be whole. */
    let needed = 0;
    let isBusy = false;

    function leave(): void {
      socket.off("data", take);
      socket.unshift(Buffer.concat(chunks));
      handOver(socket);
    }
    function take(chunk: Buffer): void {
      chunks.push(chunk);
      bytes += chunk.length;
      if (!isBusy && bytes >= needed) next();
    }
    function next(): void {
      const [first = Buffer.alloc(0)] = chunks;
      const all = chunks.length === 1 ? first : Buffer.concat(chunks);
      chunks = all.length === 0 ? [] : [all];
      const end = all.indexOf(HEAD_END);
      if (end === -1) {
        needed = bytes + 1;
        return;
      }
      const head = all.toString("latin1", 0, end);
      const path = head.startsWith("POST ") ? head.slice("POST ".length, head.indexOf(" ", "POST ".length)) : "";
      const answer = answers.get(path);
      if (answer === undefined || SPECIAL.test(head)) {
        leave();
        return;
      }
      const bodyAt = end + HEAD_END.length;
      needed = bodyAt + Number(CONTENT_LENGTH.exec(head)?.[1] ?? 0);
      if (bytes < needed) return;
      const body = all.subarray(bodyAt, needed);
      const rest = all.subarray(needed);
      chunks = rest.length === 0 ? [] : [rest];
      bytes = rest.length;
      needed = 1;
      isBusy = true;
      world.stats.arrived(`POST ${path}`, true);
      reply(socket, answer, body, () => {
        isBusy = false;
        if (bytes > 0) next();
      });
    }
    socket.on("data", take);
  };
}
