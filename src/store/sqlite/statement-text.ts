import { MillraceError } from "../../core/errors.ts";

/** What is known of a statement from its text. */
export interface StatementText {
  readonly sql: string;
  /** Its parameters in order of appearance, without the colon, each once. */
  readonly parameters: readonly string[];
}

/** Strings, quoted names and comments (skipped), parameters, and the semicolon between statements. */
const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?\*\/|::|:([A-Za-z_]\w*)|;(?=\s*\S)/g;
const LEADING_COMMENTS = /^(?:\s+|--[^\n]*\n|\/\*[\s\S]*?\*\/)*/;
/** Statements that would break the transaction of others, or change a connection. */
const FORBIDDEN = new Set("begin commit end rollback savepoint release attach detach pragma vacuum".split(" "));

/** Reads the parameters of one statement. Throws INPUT_INVALID for several statements, or one that handles transactions. */
export function parseStatement(sql: string): StatementText {
  const word = /^\w*/.exec(sql.replace(LEADING_COMMENTS, ""))?.[0].toLowerCase() ?? "";
  if (FORBIDDEN.has(word)) {
    throw new MillraceError("INPUT_INVALID", `A statement may not begin with "${word}".`, {
      facts: { sql },
      advice: "Transactions and settings belong to the store: give the statements of one transaction to write().",
    });
  }
  const parameters = new Set<string>();
  for (const match of sql.matchAll(TOKENS)) {
    if (match[1] !== undefined) parameters.add(match[1]);
    if (match[0] === ";") throw severalStatements(sql, match.index);
  }
  return { sql, parameters: [...parameters] };
}

function severalStatements(sql: string, index: number): MillraceError {
  return new MillraceError(
    "INPUT_INVALID",
    `There is more than one statement in a text: see behind character ${index}.`,
    {
      facts: { sql },
      advice: "Give each statement its own entry in write(), or put them into a migration.",
    },
  );
}

const IDENTIFIER = /^[A-Za-z_]\w{0,62}$/;

/** Puts a table's or column's name in quotes. Throws INPUT_INVALID for anything but letters, digits and underscores. */
export function quoteIdentifier(name: string): string {
  if (IDENTIFIER.test(name)) return `"${name}"`;
  throw new MillraceError("INPUT_INVALID", `${JSON.stringify(name)} cannot name a table or a column.`, {
    advice: "Use letters, digits and underscores, at most 63.",
  });
}
