import type { Dispatcher } from "undici";

/** The part of a fetch Response that AI SDK providers use. */
export interface Reply {
  readonly ok: boolean;
  readonly status: number;
  readonly statusText: string;
  readonly headers: ReplyHeaders;
  readonly body: { getReader(): ReplyReader; cancel(): Promise<void> };
}

export interface ReplyHeaders extends Iterable<readonly [string, string]> {
  get(name: string): string | null;
}

export interface ReplyReader {
  read(): Promise<
    { readonly done: false; readonly value: Uint8Array } | { readonly done: true; readonly value: undefined }
  >;
  cancel(): Promise<void>;
  releaseLock(): void;
}

/** Beyond so many unread bytes the socket is told to wait, so that a slow reader bounds memory. */
const READ_AHEAD_BYTES = 256 * 1024;

/** Sends a request; resolves when the headers are there, and lets the body be read piece by piece. */
export function openReply(
  dispatcher: Dispatcher,
  request: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const body = createBody();
    let controller: Dispatcher.DispatchController | undefined;

    function onAbort(): void {
      const reason = signal?.reason as Error;
      reject(reason);
      body.fail(reason);
      controller?.abort(reason);
    }
    function settle(): void {
      signal?.removeEventListener("abort", onAbort);
    }
    signal?.addEventListener("abort", onAbort, { once: true });

    dispatcher.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        body.control(started);
        if (signal?.aborted === true) started.abort(signal.reason as Error);
      },
      onResponseStart(_controller, status, headers, statusText = "") {
        if (status < 200) return;
        resolve({
          ok: status < 300,
          status,
          statusText,
          headers: toReplyHeaders(headers),
          body: { getReader: () => body.reader, cancel: () => body.reader.cancel() },
        });
      },
      onResponseData(_controller, chunk) {
        body.push(chunk);
      },
      onResponseEnd() {
        settle();
        body.end();
      },
      onResponseError(_controller, error) {
        settle();
        reject(error);
        body.fail(error);
      },
    });
  });
}

interface Body {
  readonly reader: ReplyReader;
  control(controller: Dispatcher.DispatchController): void;
  push(chunk: Uint8Array): void;
  end(): void;
  fail(error: Error): void;
}

type Ending = { readonly kind: "end" } | { readonly kind: "error"; readonly error: Error };

/** One writer, one reader, at most one read in waiting: all that a body needs of a stream. */
function createBody(): Body {
  const chunks: Uint8Array[] = [];
  let unread = 0;
  let ending: Ending | undefined;
  let controller: Dispatcher.DispatchController | undefined;
  let wake: (() => void) | undefined;

  function notify(): void {
    wake?.();
    wake = undefined;
  }
  function finish(how: Ending): void {
    ending ??= how;
    notify();
  }

  return {
    reader: {
      async read() {
        if (chunks.length === 0 && ending === undefined) await new Promise<void>((resolve) => (wake = resolve));
        const value = chunks.shift();
        if (value !== undefined) {
          unread -= value.length;
          if (unread < READ_AHEAD_BYTES && controller?.paused === true) controller.resume();
          return { done: false, value };
        }
        if (ending?.kind === "error") throw ending.error;
        return { done: true, value: undefined };
      },
      async cancel() {
        if (ending !== undefined) return;
        const reason = new DOMException("the reader lost interest", "AbortError");
        finish({ kind: "error", error: reason });
        controller?.abort(reason);
      },
      releaseLock: () => undefined,
    },
    control(started) {
      controller = started;
    },
    push(chunk) {
      chunks.push(chunk);
      unread += chunk.length;
      if (unread >= READ_AHEAD_BYTES) controller?.pause();
      notify();
    },
    end: () => finish({ kind: "end" }),
    fail: (error) => finish({ kind: "error", error }),
  };
}

function toReplyHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): ReplyHeaders {
  return {
    get(name) {
      const value = headers[name.toLowerCase()];
      return value === undefined ? null : String(value);
    },
    *[Symbol.iterator]() {
      for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined) yield [name, String(value)] as const;
      }
    },
  };
}
