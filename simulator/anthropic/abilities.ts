const CLAUDE = /^claude-([a-z]+)-(\d+)(?:-(\d{1,2}))?(?:-|$)/;

interface Abilities {
  /** Whether sampling parameters may differ from their defaults. */
  readonly hasSampling: boolean;
  /** Whether the last message may be the assistant's. */
  readonly hasPrefill: boolean;
}

/** What a model lets its clients do; any that is not a Claude model can do everything. */
export function abilitiesOf(model: string): Abilities {
  const [, size, major, minor] = CLAUDE.exec(model) ?? [];
  if (major === undefined) return { hasSampling: true, hasPrefill: true };
  const version = Number(major) + Number(minor ?? 0) / 100;
  return { hasSampling: version < (size === "opus" ? 4.07 : 5), hasPrefill: version < 4.06 };
}
