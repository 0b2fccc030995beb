import { MillraceError } from "../../core/errors.ts";

/** What is known of a statement from its text. */
export interface StatementText {
  readonly sql: string;
  /** The same with `?` for each parameter: values bound by place cost a quarter of values bound by name. */
  readonly bySlot: string;
  /** The text between the parameters: one piece more than there are slots. */
  readonly pieces: readonly string[];
  /** The name of the parameter at each `?`, in order, without the colon. */
  readonly slots: readonly string[];
  /** Its parameters, each once. */
  readonly parameters: ReadonlySet<string>;
}

/** Strings, quoted names, comments and casts (skipped), parameters of every kind, and the semicolon between statements. */
const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|::|:([A-Za-z_]\w*)|[?@$]|;(?=\s*\S)/g;
const ONLY_COMMENTS = /^(?:\s+|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/|;)*$/;
const LEADING_COMMENTS = /^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/;
/** SQLite looks at the value of a bare parameter here, and compiles the statement anew at each use because of it: 0.2 ms for a claim. */
const LIMIT = /\blimit\s+$/i;
/** Statements that would break the transaction of others, or change a connection. */
const FORBIDDEN = new Set("begin commit end rollback savepoint release attach detach pragma vacuum".split(" "));

/** Reads the parameters of one statement. Throws INPUT_INVALID for several statements, or one that handles transactions. */
export function parseStatement(sql: string): StatementText {
  const word = /^\w*/.exec(sql.replace(LEADING_COMMENTS, ""))?.[0].toLowerCase() ?? "";
  if (FORBIDDEN.has(word)) {
    throw unfit(sql, `A statement may not begin with "${word}".`, {
      advice: "Transactions and settings belong to the store: give the statements of one transaction to write().",
    });
  }
  const slots: string[] = [];
  const pieces: string[] = [];
  let end = 0;
  const bySlot = sql.replace(TOKENS, (token: string, name: string | undefined, index: number) => {
    if (name !== undefined) {
      slots.push(name);
      pieces.push(sql.slice(end, index));
      end = index + token.length;
      return LIMIT.test(pieces.at(-1) ?? "") ? "? + 0" : "?";
    }
    if (token === ";" && !ONLY_COMMENTS.test(sql.slice(index))) {
      throw unfit(sql, `There is more than one statement in a text: see behind character ${index}.`, {
        advice: "Give each statement its own entry in write(), or put them into a migration.",
      });
    }
    if (token.length === 1 && "?@$".includes(token)) {
      throw unfit(sql, `A parameter is written ${token}: see character ${index + 1}.`, {
        advice: "Name parameters with a colon, for example :id, and give them by name.",
      });
    }
    return token;
  });
  pieces.push(sql.slice(end));
  return { sql, bySlot, pieces, slots, parameters: new Set(slots) };
}

function unfit(sql: string, message: string, { advice }: { readonly advice: string }): MillraceError {
  return new MillraceError("INPUT_INVALID", message, { facts: { sql }, advice });
}

const IDENTIFIER = /^[A-Za-z_]\w{0,62}$/;

/** Puts a table's or column's name in quotes. Throws INPUT_INVALID for anything but letters, digits and underscores. */
export function quoteIdentifier(name: string): string {
  if (IDENTIFIER.test(name)) return `"${name}"`;
  throw new MillraceError("INPUT_INVALID", `${JSON.stringify(name)} cannot name a table or a column.`, {
    advice: "Use letters, digits and underscores, at most 63.",
  });
}
