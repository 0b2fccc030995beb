/** A dated snapshot belongs to its model. */
const SNAPSHOT = /-(?:\d{8}|\d{4}-\d{2}-\d{2})$/;
const CLAUDE = /^claude-([a-z]+)-(\d+)/;

/** The models that share their limits: a generation of Claude models of one size, or a model with its snapshots. */
export function familyOf(model: string): string {
  const claude = CLAUDE.exec(model);
  return claude === null ? model.replace(SNAPSHOT, "") : `claude-${claude[1]}-${claude[2]}`;
}
