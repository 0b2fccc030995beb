import { foldUnicode } from "./text/tokens.ts";

/** What is known of a call beside its prompt, as far as it decides whether its answer may serve others. */
export interface CallFacts {
  /** User turns, this one included. Default 1. */
  readonly turns?: number;
  /** Images, files. Default false. */
  readonly hasAttachments?: boolean;
  /** Whether the call offers tools with effects, or its answer calls one. Default false. */
  readonly hasTools?: boolean;
  /** True where variety is wanted. Default false. */
  readonly isCreative?: boolean;
  /** Whether the partition is shared by several users: then what is personal is refused. Default false. */
  readonly isShared?: boolean;
}

export type Refusal =
  | "empty"
  | "too-long"
  | "conversation"
  | "attachments"
  | "tools"
  | "creative"
  | "side-effect"
  | "freshness"
  | "personal"
  | "sensitive"
  | "injection";

const LONGEST_PROMPT = 8000;
const POLITE_START =
  /^(?:(?:please|kindly|hi|hello|hey|ok|okay|now|then|just|also|and|so|alexa|computer|assistant|immediately|urgently?|thanks)[\s,!.:]+)*(?:(?:can|could|would|will) you(?: please| kindly| just)? |i(?:'d| would) like (?:you )?to |i (?:want|need) (?:you )?to |let's |go ahead and |you (?:must|should) |make sure (?:to |you )?)?(?:please |immediately |kindly |now )?/;
const ACTION =
  /^(?:cancel|delete|remove|erase|wipe|send|pay|transfer|wire|lock|unlock|freeze|unfreeze|block|unblock|open|close|shut|order|reorder|book|reserve|buy|purchase|sell|trade|move|schedule|reschedule|start|stop|pause|resume|turn|switch|power|set|reset|update|upgrade|downgrade|change|create|add|approve|reject|decline|accept|submit|dispute|report|email|mail|text|message|notify|remind|call|phone|dial|play|increase|decrease|raise|lower|dim|renew|subscribe|unsubscribe|register|enroll|sign (?:me |us )?up|apply|activate|deactivate|enable|disable|install|uninstall|deploy|restart|reboot|shutdown|run|execute|publish|post|tweet|share|upload|withdraw|deposit|refund|return|redeem|donate|tip|invest|file|pull the plug|archive|merge|commit|push|drop|truncate|insert|kill|terminate|grant|revoke|invite|assign|forward|reply|confirm|ship|dispatch|arm|disarm|mute|unmute|wake|snooze|stake|mark|rename|replace|overwrite|pick up|put|hang up|top up|charge|debit|credit|print|log (?:me|us) (?:in|out)|ban|evict|fire|hire|close out|release|roll back|rollback|migrate|provision|scale|whitelist|blacklist)\b/;
/** Verbs that ask for text when a text is their object: "report on", "change the tone of this sentence". */
const TEXT_WORK =
  /^(?:create|add|remove|change|replace|update|rename|file|mark|run|return|set|put|drop|share|print|report|reply|insert|move|decrease|increase|delete|turn) .*\b(?:sentence|paragraph|text|poem|essay|story|word|words|phrase|tone|summary|regex|snippet|outline|headline|haiku|json|markdown|comment|comments|docstring|function that|query that|class that|script that)\b/;
const FRESH =
  /\b(?:now|right now|today(?:'s)?|tonight(?:'s)?|current|currently|latest|(?:(?:is|are|a|the) live|live (?:score|stream|feed|data|price|traffic|result|update|status|rate|chat)s?)|real-time|realtime|just (?:now|sent|made|received|paid|placed|ordered|happened|posted)|yesterday(?:'s)?|tomorrow(?:'s)?|(?:this|last|next|past|coming) (?:week|month|morning|afternoon|evening|night|weekend|quarter|year|hour|minute|monday|tuesday|wednesday|thursday|friday|saturday|sunday)|at the moment|at present|presently|so far|as of|up to date|up-to-date|breaking news|recent|recently|nowadays|these days|still (?:open|available|running|down|valid|in stock)|ago|upcoming|pending|any (?:new|updates?)|(?:what|which) time is it|(?:what|which) day is it)\b/;
/** The commonest of these words in other languages. */
const FRESH_ABROAD =
  /(?<!\p{L})(?:heute|jetzt|gestern|morgen|derzeit|momentan|aktuell\p{L}*|aujourd'hui|maintenant|demain|actuel\p{L}*|hoy|ahora|ayer|mañana|actualmente|vandaag|gisteren|momenteel|huidige|oggi|adesso|domani|ieri|hoje|amanhã|ontem)(?!\p{L})|今天|今晚|现在|目前|当前|昨天|明天|最新|天气|今日|現在|天気/u;
/** Things whose value moves, asked for as they stand. */
const MOVING =
  /\b(?:weather|forecast|temperature (?:outside|in [a-z]+)|stock price|share price|exchange rate|bitcoin price|score of the|traffic|queue length|wait time at|account balance|(?:is|are) .{0,40}\b(?:up|down|online|offline|in stock|available) (?:\?|$))/;
const PERSONAL = /\b(?:my|mine|our|ours|me|i|we|us)\b/;
const HOW_TO =
  /\b(?:how (?:do|can|could|should|would|to)|what (?:should|can|do|must) (?:i|we)|where (?:do|can) (?:i|we)|(?:can|may|should|must|do) (?:i|we) (?:need|have)?)\b|\bsteps?\b|\bway\b/;
const SECRET =
  /\b(?:ssn|social security number|passwords? (?:is|for)|(?:passcode|pin|cvv)(?: code| number)? (?:is|was)|(?:what(?:'s| is)) (?:the|my|his|her|our) (?:[a-z]+ )?(?:passcode|password|pin|cvv)|cvv|api[ _-]?keys?|secret key|private key|access token|bearer [a-z0-9]|passport number|date of birth)\b|\b(?:\d[ -]?){13,19}\b|\b\d{3}-\d{2}-\d{4}\b|\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,}|\b(?:sk|pk|ghp|xox[bp])[-_][A-Za-z0-9-]{8,}/i;
const INJECTION =
  /\b(?:ignore|disregard|forget) (?:all |any |the |your |my )*(?:previous|prior|above|earlier|system)|\bsystem prompt\b|<\|[a-z_]+\|>|\byou are now\b|\bdeveloper mode\b|\[\/?INST\]/i;

/**
 * Why an answer to a prompt must neither be stored for others nor be served from what is stored; undefined when it may. Apply it both
 * times. Of other languages it only knows the words for now and today; the guards hold such prompts to their terms.
 */
export function refusalOf(prompt: string, facts: CallFacts = {}): Refusal | undefined {
  if (prompt.trim() === "") return "empty";
  if (prompt.length > LONGEST_PROMPT) return "too-long";
  if ((facts.turns ?? 1) > 1) return "conversation";
  if (facts.hasAttachments === true) return "attachments";
  if (facts.hasTools === true) return "tools";
  if (facts.isCreative === true) return "creative";
  const folded = foldUnicode(prompt);
  if (INJECTION.test(folded)) return "injection";
  if (SECRET.test(folded)) return "sensitive";
  const text = folded.toLowerCase().replaceAll(/\s+/g, " ").trim();
  if (isAction(text)) return "side-effect";
  if (FRESH.test(text) || MOVING.test(text) || FRESH_ABROAD.test(text)) return "freshness";
  return facts.isShared === true && PERSONAL.test(text) && !HOW_TO.test(text) ? "personal" : undefined;
}

/** A request to do something, at the start of any of its sentences. */
function isAction(text: string): boolean {
  return text.split(/(?<=[.!?;])\s+|,\s+(?=(?:then|and)\s)|\s+and then\s+/).some((sentence) => {
    const asked = sentence.replace(POLITE_START, "");
    return ACTION.test(asked) && !TEXT_WORK.test(asked);
  });
}
