import type { ApiError } from "../api/api-error.ts";
import { Icon } from "./icon.tsx";

interface ProblemProps {
  readonly problem: ApiError;
  /** Offered as "Try again". */
  readonly onRetry?: () => unknown;
}

/** What went wrong, under which code, and what to do about it. */
export function Problem({ problem, onRetry }: ProblemProps) {
  const { title, detail, advice, code, requestId, mistakes } = problem.fields;
  return (
    <div class="notice notice-rust" role="alert">
      <Icon name="warning" size={20} />
      <div class="notice-words">
        <p class="notice-title">{title}</p>
        <p>{detail}</p>
        {mistakes.length > 0 && (
          <ul>
            {mistakes.map((mistake) => (
              <li key={mistake.pointer}>
                <code>{mistake.pointer}</code> {mistake.detail}
              </li>
            ))}
          </ul>
        )}
        <p>{advice}</p>
        <p class="fine">
          Code <code>{code}</code>
          {requestId !== "" && (
            <>
              , request <code>{requestId}</code>
            </>
          )}
        </p>
      </div>
      {onRetry && (
        <button type="button" class="button" onClick={() => void onRetry()}>
          <Icon name="retry" />
          Try again
        </button>
      )}
    </div>
  );
}
