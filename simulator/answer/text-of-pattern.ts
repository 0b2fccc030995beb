import type { Random } from "millrace";

/** Repetitions without an upper bound stop here. */
const MOST_REPEATS = 8;

/** What classes and their complements choose from. */
const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_-. /:@+%".split("");

/**
 * Writes a text that matches a simple regular expression: literals, classes, groups, choices, repetitions. Gives undefined for what it
 * does not know (look-around, back references), or when what it wrote does not match after all.
 */
export function textOfPattern(pattern: string, random: Random): string | undefined {
  let at = 0;

  function choice(): string {
    const branches: (() => string)[] = [];
    const start = at;
    let depth = 0;
    const starts = [start];
    for (let index = start; index < pattern.length; index++) {
      const char = pattern[index];
      if (char === "\\") index++;
      else if (char === "[") index = endOfClass(index);
      else if (char === "(") depth++;
      else if (char === ")" && depth-- === 0) break;
      else if (char === "|" && depth === 0) starts.push(index + 1);
    }
    for (const from of starts) {
      branches.push(() => {
        at = from;
        return sequence();
      });
    }
    const text = (branches[Math.floor(random.next() * branches.length)] ?? sequence)();
    at = endOfGroup(at);
    return text;
  }

  function sequence(): string {
    let text = "";
    while (at < pattern.length && pattern[at] !== ")" && pattern[at] !== "|") {
      const from = at;
      const first = atom();
      const [least, most] = repeats();
      const count = least + Math.floor(random.next() * (most - least + 1));
      const after = at;
      if (count > 0) text += first;
      for (let index = 1; index < count; index++) {
        at = from;
        text += atom();
      }
      at = after;
    }
    return text;
  }

  function atom(): string {
    const char = pattern[at++] ?? "";
    if (char === "^" || char === "$") return "";
    if (char === ".") return one("abcdefghijklmnopqrstuvwxyz");
    if (char === "\\") return escaped(pattern[at++] ?? "");
    if (char === "[") return classAtom();
    if (char !== "(") return char;
    if (pattern[at] === "?") {
      if (pattern[at + 1] !== ":") throw new SyntaxError("look-around and names are not known");
      at += 2;
    }
    const text = choice();
    at += 1;
    return text;
  }

  function classAtom(): string {
    const end = endOfClass(at - 1);
    const body = pattern.slice(at, end);
    at = end + 1;
    const matcher = new RegExp(`[${body}]`, "u");
    return one(ALPHABET.filter((char) => matcher.test(char)).join(""));
  }

  function escaped(char: string): string {
    if (char === "d") return one("0123456789");
    if (char === "w") return one("abcdefghijklmnopqrstuvwxyz0123456789_");
    if (char === "s") return " ";
    if (char === "S" || char === "D") return one("abcdefghijklmnopqrstuvwxyz");
    if (char === "W") return one(" -.:");
    if (char === "b" || char === "B") return "";
    if (/[a-zA-Z0-9]/.test(char)) throw new SyntaxError(`\\${char} is not known`);
    return char;
  }

  function repeats(): readonly [number, number] {
    const rest = pattern.slice(at);
    const match = /^(?:\{(\d+)(,)?(\d+)?\}|([*+?]))\??/.exec(rest);
    if (match === null) return [1, 1];
    at += match[0].length;
    if (match[4] === "?") return [0, 1];
    if (match[4] !== undefined) return [match[4] === "+" ? 1 : 0, MOST_REPEATS];
    const least = Number(match[1]);
    if (match[2] === undefined) return [least, least];
    return [least, match[3] === undefined ? least + MOST_REPEATS : Number(match[3])];
  }

  function endOfClass(from: number): number {
    let index = from + 1;
    while (index < pattern.length && pattern[index] !== "]") index += pattern[index] === "\\" ? 2 : 1;
    return index;
  }
  /** From within a branch to the bracket that closes its group, or to the end. */
  function endOfGroup(from: number): number {
    let depth = 0;
    for (let index = from; index < pattern.length; index++) {
      const char = pattern[index];
      if (char === "\\") index++;
      else if (char === "[") index = endOfClass(index);
      else if (char === "(") depth++;
      else if (char === ")" && depth-- === 0) return index;
    }
    return pattern.length;
  }
  function one(chars: string): string {
    return chars[Math.floor(random.next() * chars.length)] ?? "";
  }

  try {
    const text = choice();
    return new RegExp(pattern, "u").test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
