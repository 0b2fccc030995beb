import type { Prepared } from "../text/prepare.ts";
import type { Guard } from "./guard.ts";
import { residual } from "./multiset.ts";

/** Guard 6: the same words in other roles. Names and figures keep their order, and what stands around a direction word or the same grammar does. */
export const order: Guard = {
  name: "order",
  veto(a, b) {
    if (a.isSymmetric && b.isSymmetric) return undefined;
    return passiveTurned(a, b) ?? (isPassivePair(a, b) ? undefined : (namesTurned(a, b) ?? wordsTurned(a, b)));
  },
};

function namesTurned(a: Prepared, b: Prepared): string | undefined {
  const left = a.order.filter((name) => b.order.includes(name));
  const right = b.order.filter((name) => a.order.includes(name));
  if (left.join("\n") === right.join("\n") || (a.hasList && b.hasList && !a.hasDirection)) return undefined;
  return left.length < 2 ? undefined : `${left.join(", ")} against ${right.join(", ")}`;
}

function wordsTurned(a: Prepared, b: Prepared): string | undefined {
  const left = stems(a);
  const right = stems(b);
  const isSameBag = left.length === right.length && residual(left, right).length === 0;
  if (!isSameBag) return undefined;
  if (isDirectionTurned(a, b)) return `${around(a)} against ${around(b)}`;
  if (left.join("\n") === right.join("\n")) return undefined;
  if (isSubjectQuestion(a) !== isSubjectQuestion(b)) return "who does it against to whom it is done";
  const isSameGrammar = a.skeleton === b.skeleton && !(a.hasList && !a.hasDirection);
  if (!isSameGrammar && !(a.hasDirection && b.hasDirection && around(a) !== around(b))) return undefined;
  return `${left.join(" ")} against ${right.join(" ")}`;
}

function stems({ content }: Prepared): string[] {
  return content.filter(({ isSoft }) => !isSoft).map(({ stem }) => stem);
}

/** The same direction words, before other words: "from A to B" and "to A from B". */
function isDirectionTurned(a: Prepared, b: Prepared): boolean {
  const [left, right] = [a, b].map(({ sequence }) =>
    sequence
      .filter((word) => DIRECTED.has(word))
      .toSorted()
      .join(),
  );
  return left === right && around(a) !== around(b);
}

/** "Who helps Kim", and not "who does Kim help". */
function isSubjectQuestion({ skeleton }: Prepared): boolean {
  return /^(?:who|what|which) _/.test(skeleton) && !/ (?:do|does|did|is|are|was|were|can|will|should) /.test(skeleton);
}

/** The content words beside each direction word. */
function around({ sequence, content }: Prepared): string {
  const isContent = new Set(content.map(({ stem }) => stem));
  const words = sequence.filter((word) => isContent.has(word) || DIRECTED.has(word));
  return words
    .flatMap((word, at) => (DIRECTED.has(word) ? [`${word} ${words[at + 1] ?? ""}`] : []))
    .toSorted()
    .join();
}

const DIRECTED = new Set("into onto from than before after over under versus against behind above below to".split(" "));

function isPassivePair(a: Prepared, b: Prepared): boolean {
  return (a.passive === undefined) !== (b.passive === undefined);
}

/** "Was A bought by B" asks for "did B buy A", not for "did A buy B". */
function passiveTurned(a: Prepared, b: Prepared): string | undefined {
  const passive = a.passive ?? b.passive;
  if (passive === undefined || !isPassivePair(a, b)) return undefined;
  const active = stems(a.passive === undefined ? a : b);
  const agentAt = active.indexOf(passive.agent);
  const verbAt = active.indexOf(passive.verb);
  return verbAt >= 0 && agentAt > verbAt ? `${passive.agent} does it, or has it done` : undefined;
}
