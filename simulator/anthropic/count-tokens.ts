import { countPrompt } from "../account/prompt-cache.ts";
import { answer, type Exchange, refuse } from "../exchange.ts";
import { BODY_LIMITS, parseJson, readBody } from "../http/read-body.ts";
import { parseMessages } from "./messages.ts";

/** Answers `POST /v1/messages/count_tokens`: the number that a message would be charged for. */
export async function countTokens(exchange: Exchange): Promise<void> {
  const { request } = exchange;
  const body = await readBody(request, BODY_LIMITS.question);
  if (body === "too large") {
    refuse(exchange, { kind: "too-large", what: "Request exceeds the maximum size" });
    return;
  }
  const parsed = parseMessages(parseJson(body), request.headers["anthropic-version"], true);
  if (parsed.ok) answer(exchange, { input_tokens: countPrompt(parsed.question.prompt) });
  else refuse(exchange, { kind: "bad-request", mistake: parsed });
}
