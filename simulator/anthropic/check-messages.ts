import { type BadRequest, type Fields, isObject, objectsOf } from "../question.ts";
import { abilitiesOf } from "./abilities.ts";

/** A version that is still answered has no end date; from the newer one on sampling is not a client's business. */
const VERSIONS = new Set(["2023-06-01", "2026-10-21"]);
const NEWER_VERSION = "2026-10-21";
const SAMPLING = ["temperature", "top_p", "top_k"];
/** A value that says nothing. */
const SAMPLING_DEFAULTS: Readonly<Record<string, unknown>> = { temperature: 1, top_p: 1, top_k: 0 };
const MOST_BREAKPOINTS = 4;
const LEAST_THINKING_TOKENS = 1_024;

type Check = (body: Fields, version: string) => BadRequest | undefined;

/** Finds what is wrong with a question; `isCount` where only its tokens are asked for, so that no answer needs a limit. */
export function checkMessages(
  body: unknown,
  version: string | string[] | undefined,
  isCount: boolean,
): BadRequest | undefined {
  if (version === undefined) return { field: null, message: "anthropic-version: header is required" };
  if (typeof version !== "string" || !VERSIONS.has(version)) {
    return { field: null, message: `anthropic-version: "${String(version)}" is not a valid version` };
  }
  if (!isObject(body)) return { field: null, message: "The request body is not valid JSON" };
  for (const check of isCount ? CHECKS.filter((each) => each !== checkMaxTokens) : CHECKS) {
    const mistake = check(body, version);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}

function bad(field: string, message: string): BadRequest {
  return { field, message: `${field}: ${message}` };
}

const checkMaxTokens: Check = ({ max_tokens: maxTokens }) => {
  if (typeof maxTokens !== "number") return bad("max_tokens", "Field required");
  if (Number.isInteger(maxTokens) && maxTokens >= 1) return undefined;
  return bad("max_tokens", "Input should be greater than or equal to 1");
};

const CHECKS: readonly Check[] = [
  ({ model }) => (typeof model === "string" && model !== "" ? undefined : bad("model", "Field required")),
  checkMaxTokens,
  ({ messages }) => {
    if (!Array.isArray(messages)) return bad("messages", "Field required");
    if (messages.length === 0) return bad("messages", "at least one message is required");
    const strange = messages.findIndex(
      (message) => !isObject(message) || (message["role"] !== "user" && message["role"] !== "assistant"),
    );
    return strange === -1 ? undefined : bad(`messages.${strange}.role`, "Input should be 'user' or 'assistant'");
  },
  (body, version) => {
    const given = SAMPLING.filter((name) => name in body);
    const [first] = given;
    if (version === NEWER_VERSION && first !== undefined) {
      return bad(first, `not supported by version ${version}`);
    }
    if (abilitiesOf(String(body["model"])).hasSampling) return undefined;
    const unusual = given.find((name) => body[name] !== SAMPLING_DEFAULTS[name]);
    return unusual === undefined ? undefined : bad(unusual, "not supported by this model");
  },
  (body, version) => (version === NEWER_VERSION ? checkNewerContent(body) : undefined),
  checkPrefill,
  checkThinking,
  checkTools,
  checkContent,
  checkToolResults,
  checkBreakpoints,
  ({ stream }) =>
    stream === undefined || typeof stream === "boolean" ? undefined : bad("stream", "Input should be a valid boolean"),
  ({ stop_sequences: stop }) => {
    if (stop === undefined || (Array.isArray(stop) && stop.every((each) => typeof each === "string"))) return undefined;
    return bad("stop_sequences", "Input should be a list of strings");
  },
];

function checkNewerContent({ messages }: Fields): BadRequest | undefined {
  for (const [index, { role, content }] of objectsOf(messages).entries()) {
    for (const [place, { type, citations }] of objectsOf(content).entries()) {
      const field = `messages.${index}.content.${place}`;
      if (role === "assistant" && type === "document")
        return bad(field, "document blocks are not allowed in assistant messages");
      if (role === "user" && type === "text" && Array.isArray(citations) && citations.length > 0) {
        return bad(field, "citations are not allowed in user messages");
      }
    }
  }
  return undefined;
}

function checkPrefill({ model, messages }: Fields): BadRequest | undefined {
  const isPrefilled = objectsOf(messages).at(-1)?.["role"] === "assistant";
  if (!isPrefilled || abilitiesOf(String(model)).hasPrefill) return undefined;
  return {
    field: "messages",
    message: "This model does not support assistant message prefill. The conversation must end with a user message.",
  };
}

function checkThinking({ thinking, max_tokens: maxTokens, tool_choice: choice }: Fields): BadRequest | undefined {
  if (!isObject(thinking) || thinking["type"] === "disabled") return undefined;
  const { type, budget_tokens: budget } = thinking;
  if (type !== "enabled" && type !== "adaptive") {
    return bad("thinking.type", "Input should be 'enabled', 'adaptive' or 'disabled'");
  }
  if (type === "enabled") {
    if (typeof budget !== "number" || budget < LEAST_THINKING_TOKENS) {
      return bad("thinking.enabled.budget_tokens", "Input should be greater than or equal to 1024");
    }
    if (typeof maxTokens === "number" && budget >= maxTokens) {
      return bad("max_tokens", "must be greater than thinking.budget_tokens");
    }
  }
  if (isObject(choice) && (choice["type"] === "any" || choice["type"] === "tool")) {
    return bad("thinking", "may not be enabled when tool_choice forces tool use");
  }
  return undefined;
}

function checkTools({ tools, tool_choice: choice }: Fields): BadRequest | undefined {
  if (tools !== undefined && !Array.isArray(tools)) return bad("tools", "Input should be a list");
  const names = objectsOf(tools).map(({ name }) => name);
  const unnamed = names.findIndex((name) => typeof name !== "string" || name === "");
  if (unnamed !== -1) return bad(`tools.${unnamed}.name`, "Field required");
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return bad("tools", "Tool names must be unique.");
  if (!isObject(choice) || choice["type"] !== "tool" || names.includes(choice["name"])) return undefined;
  return bad("tool_choice", `Tool '${String(choice["name"])}' not found in provided tools`);
}

/** Every message says something; the last one may be an empty beginning of the answer. */
function checkContent({ messages }: Fields): BadRequest | undefined {
  const list = objectsOf(messages);
  for (const [index, { role, content }] of list.entries()) {
    if (content === undefined) return bad(`messages.${index}.content`, "Field required");
    const isList = Array.isArray(content) && content.every(isObject);
    if (typeof content !== "string" && !isList)
      return bad(`messages.${index}.content`, "Input should be a valid string or list");
    const isLastTurn = role === "assistant" && index === list.length - 1;
    if (content.length === 0 && !isLastTurn)
      return bad(
        `messages.${index}`,
        "all messages must have non-empty content except for the optional final assistant message",
      );
    if (objectsOf(content).some(({ type, text }) => type === "text" && text === ""))
      return bad("messages", "text content blocks must be non-empty");
  }
  return undefined;
}

/** Every call of a tool must be answered by the very next message, and only there. */
function checkToolResults({ messages }: Fields): BadRequest | undefined {
  const list = objectsOf(messages);
  for (const [index, { content }] of list.entries()) {
    const asked = objectsOf(content).filter(({ type }) => type === "tool_use");
    const answered = new Set(objectsOf(list[index + 1]?.["content"]).map(({ tool_use_id: id }) => id));
    const missing = asked.find(({ id }) => !answered.has(id));
    const called = new Set(objectsOf(list[index - 1]?.["content"]).map(({ id }) => id));
    const strange = objectsOf(content).findIndex(
      ({ type, tool_use_id: id }) => type === "tool_result" && !called.has(id),
    );
    if (strange !== -1) {
      const said =
        "unexpected `tool_use_id` found in `tool_result` blocks: it has no `tool_use` block in the previous message";
      return bad(`messages.${index}.content.${strange}`, said);
    }
    if (missing !== undefined) {
      return bad(
        `messages.${index}`,
        `\`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${String(missing["id"])}`,
      );
    }
  }
  return undefined;
}

function checkBreakpoints({ tools, system, messages, cache_control: top }: Fields): BadRequest | undefined {
  const blocks = [
    ...objectsOf(tools),
    ...objectsOf(system),
    ...objectsOf(messages).flatMap(({ content }) => objectsOf(content)),
  ];
  const ttls = [...blocks.map((block) => block["cache_control"]), top].filter(isObject).map(({ ttl = "5m" }) => ttl);
  if (ttls.length > MOST_BREAKPOINTS) {
    return bad("cache_control", `A maximum of ${MOST_BREAKPOINTS} blocks may have it, found ${ttls.length}`);
  }
  const strange = ttls.find((ttl) => ttl !== "5m" && ttl !== "1h");
  if (strange !== undefined) return bad("cache_control.ttl", "Input should be '5m' or '1h'");
  const shorter = ttls.indexOf("5m");
  if (shorter === -1 || !ttls.slice(shorter).includes("1h")) return undefined;
  return bad("cache_control.ttl", "a block of '1h' must not come after one of '5m'");
}
