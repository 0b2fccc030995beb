interface MeterProps {
  readonly label: string;
  readonly value: number;
  /** Undefined: there is no bound. */
  readonly most: number | undefined;
  readonly format: (value: number) => string;
}

/** How much of a bound is used. */
export function Meter({ label, value, most, format }: MeterProps) {
  const words = most === undefined ? `${format(value)}, no bound` : `${format(value)} of ${format(most)}`;
  return (
    <div class="meter">
      <p class="meter-words">
        <span>{label}</span>
        <span class="number">{words}</span>
      </p>
      {most === undefined ? (
        <div class="meter-bed meter-open" />
      ) : (
        <div
          class="meter-bed"
          role="meter"
          aria-label={label}
          aria-valuemin={0}
          aria-valuemax={most}
          aria-valuenow={Math.min(value, most)}
          aria-valuetext={words}
        >
          <span class="meter-fill" style={{ width: `${Math.min(100, (100 * value) / Math.max(1, most))}%` }} />
        </div>
      )}
    </div>
  );
}
