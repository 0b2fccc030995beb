import { APICallError, type LanguageModelV4, type LanguageModelV4StreamPart } from "@ai-sdk/provider";
import { ModelFailure } from "./failure.ts";
import type { Model } from "./model.ts";

/** Makes a language model of the AI SDK, specification version 4, of a model. Failures become APICallError, as its callers expect. */
export function toAiSdk(model: Model): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: model.provider,
    modelId: model.name,
    supportedUrls: { "image/*": [/^https:\/\/.*$/] },
    async doGenerate(options) {
      try {
        return await model.generate(options);
      } catch (error) {
        throw toApiCallError(error);
      }
    },
    async doStream(options) {
      const parts = model.stream(options)[Symbol.asyncIterator]();
      // An error before the first part is one of the call, not of its stream.
      const first = await parts.next().catch((error: unknown) => {
        throw toApiCallError(error);
      });
      let next: Promise<IteratorResult<LanguageModelV4StreamPart>> | undefined = Promise.resolve(first);
      const stream = new ReadableStream<LanguageModelV4StreamPart>(
        {
          async pull(controller) {
            const part = await (next ?? parts.next()).catch((error: unknown) => {
              throw toApiCallError(error);
            });
            next = undefined;
            if (part.done === true) controller.close();
            else controller.enqueue(part.value);
          },
          async cancel() {
            await parts.return?.();
          },
        },
        { highWaterMark: 0 },
      );
      return { stream };
    },
  };
}

function toApiCallError(error: unknown): unknown {
  if (!(error instanceof ModelFailure)) return error;
  const { message, detail, status, isRetryable } = error;
  return new APICallError({
    message: detail === "" ? message : `${message}: ${detail}`,
    // Neither the address nor the request is anybody's business above.
    url: "",
    requestBodyValues: {},
    isRetryable,
    cause: error,
    ...(status === undefined ? {} : { statusCode: status }),
  });
}
