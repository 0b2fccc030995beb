import type { RunDetail } from "millrace/http";
import { Icon } from "./icon.tsx";

/** The stored error of a run or a step. */
export function RecordedError({
  error,
  title,
}: {
  readonly error: NonNullable<RunDetail["error"]>;
  readonly title: string;
}) {
  return (
    <div class="notice notice-rust">
      <Icon name="failed" size={20} />
      <div class="notice-words">
        <p class="notice-title">{title}</p>
        <p>{error.message}</p>
        {error.advice && <p>{error.advice}</p>}
        <p class="fine">
          Code <code>{error.code}</code>
        </p>
      </div>
    </div>
  );
}
