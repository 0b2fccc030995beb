import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { api } from "../api/api.ts";
import type { Loaded } from "./loaded.ts";
import { createLoader } from "./loader.ts";
import { useReload } from "./use-reload.ts";

export interface Resource<T> {
  readonly state: Loaded<T>;
  readonly reload: () => Promise<void>;
}

/** Reads a resource of the API, and reads it again whenever one of `reloadOn` changes. */
export function useResource<T>(path: string, reloadOn?: ReadonlySignal<unknown>): Resource<T> {
  const loader = useMemo(() => createLoader<T>((signal) => api.get<T>(path, signal)), [path]);
  useEffect(() => {
    void loader.load();
    return () => loader.close();
  }, [loader]);
  useReload(reloadOn, loader);
  return { state: loader.state.value, reload: () => loader.load() };
}
