/** A stored value as people read it: indented JSON that folds away. */
export function JsonView({
  label,
  value,
  name,
  isOpen = false,
}: {
  readonly label: string;
  readonly value: unknown;
  /** How it is read out, where several on a page have one label. */
  readonly name?: string;
  readonly isOpen?: boolean;
}) {
  return (
    <details class="json" open={isOpen}>
      <summary>{label}</summary>
      {/* A box that scrolls must be reachable by keyboard. */}
      <pre tabIndex={0} role="region" aria-label={name ?? label}>
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  );
}
