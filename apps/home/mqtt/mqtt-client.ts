import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { type Clock, MillraceError } from "millrace";

/* The part of MQTT 3.1.1 (OASIS, 2014) that one who tells a few values needs: quality of service 0, retained messages, a last will. */

const CONNECT = 0x10;
const CONNACK = 0x20;
const PUBLISH = 0x30;
const SUBSCRIBE = 0x82;
const PINGREQ = 0xc0;
const DISCONNECT = 0xe0;
const RETAINED = 0x01;
const KEEP_ALIVE_S = 60;
const ANSWER_MS = 10_000;
const MOST_BYTES = 65_536;

export interface MqttMessage {
  readonly topic: string;
  readonly payload: string;
}

export interface MqttOptions {
  /** `mqtt://user:password@host:1883`, or `mqtts://` with TLS. */
  readonly url: string;
  readonly clientId: string;
  /** What the broker tells the others, retained, when we are gone without a word. */
  readonly will: MqttMessage;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface MqttClient {
  /** Sends a retained message. */
  publish(message: MqttMessage): void;
  subscribe(topic: string, listener: (payload: string) => void): void;
  /** Resolves when the connection has ended, however that came. */
  readonly closed: Promise<void>;
  close(): void;
}

/** Connects to a broker. Throws HOME_ASSISTANT_UNREACHABLE when it does not answer, HOME_ASSISTANT_REFUSED when it does not let us in. */
export async function connectMqtt(options: MqttOptions): Promise<MqttClient> {
  const { clock, signal } = options;
  const { socket, shown } = open(options);
  const late = clock.after(ANSWER_MS, () => socket.destroy(new Error("no answer in 10 s")));
  const abort = (): void => void socket.destroy();
  signal.addEventListener("abort", abort, { once: true });
  const listeners = new Map<string, (payload: string) => void>();
  const welcomed = Promise.withResolvers<number>();
  const closed = Promise.withResolvers<void>();
  let failure: Error | undefined;
  let rest: Buffer = Buffer.alloc(0);
  let packetId = 0;

  socket.on("error", (error) => (failure = error));
  socket.on("close", () => {
    signal.removeEventListener("abort", abort);
    ping.cancel();
    welcomed.reject(failure ?? new Error("the connection was closed"));
    closed.resolve();
  });
  socket.on("data", (bytes) => {
    rest = Buffer.concat([rest, bytes]);
    for (let packet = firstPacket(rest); packet !== undefined; packet = firstPacket(rest)) {
      rest = rest.subarray(packet.end);
      if (packet.type === CONNACK) welcomed.resolve(packet.body[1] ?? 255);
      else if (packet.type === PUBLISH) hear(packet.body);
    }
    if (rest.length > MOST_BYTES) socket.destroy(new Error("a message is too long"));
  });
  function hear(body: Buffer): void {
    const length = body.readUInt16BE(0);
    listeners.get(body.toString("utf8", 2, 2 + length))?.(body.toString("utf8", 2 + length));
  }
  let ping = clock.after((KEEP_ALIVE_S * 1_000) / 2, beat);
  function beat(): void {
    socket.write(toPacket(PINGREQ));
    ping = clock.after((KEEP_ALIVE_S * 1_000) / 2, beat);
  }

  try {
    socket.write(hello(options));
    const code = await welcomed.promise;
    if (code !== 0) {
      throw new MillraceError("HOME_ASSISTANT_REFUSED", `The MQTT broker at ${shown} does not let us in (${code}).`, {
        facts: { url: shown, code },
        advice: "Check user and password of apps.home.mqtt.",
      });
    }
  } catch (error) {
    socket.destroy();
    signal.throwIfAborted();
    if (error instanceof MillraceError) throw error;
    throw new MillraceError("HOME_ASSISTANT_UNREACHABLE", `The MQTT broker at ${shown} does not answer.`, {
      facts: { url: shown },
      advice: "Check the address in apps.home.mqtt.",
      cause: error,
    });
  } finally {
    late.cancel();
  }
  return {
    publish: ({ topic, payload }) => void socket.write(toPacket(PUBLISH | RETAINED, text(topic), Buffer.from(payload))),
    subscribe(topic, listener) {
      listeners.set(topic, listener);
      packetId += 1;
      socket.write(toPacket(SUBSCRIBE, Buffer.from([packetId >> 8, packetId & 255]), text(topic), Buffer.from([0])));
    },
    closed: closed.promise,
    close: () => void socket.end(toPacket(DISCONNECT)),
  };
}

function open({ url }: MqttOptions): { readonly socket: Socket; readonly shown: string } {
  const { protocol, hostname, port } = new URL(url);
  const isSafe = protocol === "mqtts:";
  const host = hostname.replace(/^\[|\]$/g, "");
  const place = { host, port: Number(port === "" ? (isSafe ? 8883 : 1883) : port) };
  const socket = isSafe ? connectTls({ ...place, servername: host }) : connectTcp(place);
  return { socket, shown: `${protocol}//${host}:${place.port}` };
}

/** CONNECT, with a clean session. */
function hello({ url, clientId, will }: MqttOptions): Buffer {
  const { username, password } = new URL(url);
  const flags = 0x02 | 0x04 | 0x20 | (username === "" ? 0 : 0x80) | (username === "" || password === "" ? 0 : 0x40);
  return toPacket(
    CONNECT,
    text("MQTT"),
    Buffer.from([4, flags, 0, KEEP_ALIVE_S]),
    text(clientId),
    text(will.topic),
    text(will.payload),
    ...(username === "" ? [] : [text(decodeURIComponent(username))]),
    ...(username === "" || password === "" ? [] : [text(decodeURIComponent(password))]),
  );
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
}

/** The length stands in front, seven bits a byte, the lowest first. */
function toPacket(first: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const length: number[] = [];
  for (let left = body.length; ; left >>= 7) {
    length.push(left > 127 ? (left & 127) | 128 : left);
    if (left <= 127) break;
  }
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

/** The first packet of what has come; undefined while it is not whole. */
function firstPacket(
  bytes: Buffer,
): { readonly type: number; readonly body: Buffer; readonly end: number } | undefined {
  let length = 0;
  for (let index = 1; index <= 4; index++) {
    const byte = bytes[index];
    if (byte === undefined) return undefined;
    length |= (byte & 127) << (7 * (index - 1));
    if (byte > 127) continue;
    const end = index + 1 + length;
    return bytes.length < end ? undefined : { type: (bytes[0] ?? 0) & 0xf0, body: bytes.subarray(index + 1, end), end };
  }
  return undefined;
}
