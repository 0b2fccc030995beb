interface Part {
  readonly name: string;
  readonly tone: number;
  /** 0 to 1. */
  readonly share: number;
}

/** Shares of a whole, side by side; what is missing to it stays empty. Its words stand beside it. */
export function ShareBar({ parts }: { readonly parts: readonly Part[] }) {
  return (
    <span class="share-bar" aria-hidden="true">
      {parts
        .filter(({ share }) => share > 0)
        .map(({ name, tone, share }) => (
          <span key={name} class={`tone-${tone}`} title={name} style={{ width: `${share * 100}%` }} />
        ))}
    </span>
  );
}
