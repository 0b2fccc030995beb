const NEGATING = new Set(["un", "in", "im", "il", "ir", "dis", "non", "de", "mis", "anti"]);

/** Whether one word is the other under a prefix that turns its sense: "eligible" and "ineligible", "connect" and "disconnect". */
export function isPrefixOpposite(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  const prefix = long.slice(0, long.length - short.length);
  return short.length >= 3 && long.endsWith(short) && NEGATING.has(prefix);
}
