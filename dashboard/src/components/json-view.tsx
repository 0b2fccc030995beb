/** A stored value as people read it: indented JSON that folds away. */
export function JsonView({
  label,
  value,
  isOpen = false,
}: {
  readonly label: string;
  readonly value: unknown;
  readonly isOpen?: boolean;
}) {
  return (
    <details class="json" open={isOpen}>
      <summary>{label}</summary>
      {/* A box that scrolls must be reachable by keyboard. */}
      <pre tabIndex={0} role="region" aria-label={label}>
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  );
}
