/** How long one request may take, part by part, in milliseconds. What is left out keeps the transport's default. */
export interface Timeouts {
  /** Until a socket carries the request: the wait for a free one, DNS, TCP and TLS. Default 10 000. */
  readonly connectMs?: number;
  /** From there until the headers; for a stream, until the first part of its content. Default 300 000. */
  readonly firstByteMs?: number;
  /** Between two pieces of the body. Default 120 000. */
  readonly betweenBytesMs?: number;
  /** For all of it. Default: no end. */
  readonly totalMs?: number;
}
