import type { ComponentChildren } from "preact";
import type { Loaded } from "../data/loaded.ts";
import { Problem } from "./problem.tsx";

interface LoadedViewProps<T> {
  readonly state: Loaded<T>;
  readonly onRetry: () => unknown;
  readonly skeleton: ComponentChildren;
  readonly children: (data: T) => ComponentChildren;
}

/** Shows what was fetched; before that a skeleton, and when it failed the reason with a way to try again. */
export function LoadedView<T>({ state, onRetry, skeleton, children }: LoadedViewProps<T>) {
  switch (state.status) {
    case "loading":
      return <>{skeleton}</>;
    case "failed":
      return <Problem problem={state.problem} onRetry={onRetry} />;
    case "ready":
      return (
        <>
          {state.problem && <Problem problem={state.problem} onRetry={onRetry} />}
          {children(state.data)}
        </>
      );
  }
}
