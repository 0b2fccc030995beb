/** A value of a command. */
export type RedisArgument = string | number | Buffer;

/** The commands that the cache needs of a Redis client: an `ioredis` one fits as it is. It must not queue commands while offline. */
export interface RedisLike {
  /** Sends a command; texts of the reply are strings. */
  call(command: string, args: RedisArgument[]): Promise<unknown>;
  /** The same with buffers. */
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>;
  on(event: "ready", listener: () => void): unknown;
  off(event: "ready", listener: () => void): unknown;
}

/** A second connection, for messages alone. It subscribes again by itself when it was cut off. */
export interface RedisSubscriber {
  subscribe(channel: string): Promise<unknown>;
  on(event: "message", listener: (channel: string, message: string) => void): unknown;
  on(event: "ready", listener: () => void): unknown;
  off(event: "message", listener: (channel: string, message: string) => void): unknown;
  off(event: "ready", listener: () => void): unknown;
}
