import type { ComponentType } from "preact";
import type { IconName } from "./components/icon.tsx";
import type { Params } from "./routing/match.ts";

export interface PageProps {
  /** What the path's `:name` parts were. */
  readonly params: Params;
  /** The query of the address. */
  readonly query: URLSearchParams;
}

export interface PageDefinition {
  /** With `:name` for parameters: `/runs/:id`. */
  readonly path: string;
  readonly page: ComponentType<PageProps>;
  /** Its entry in the navigation; left out for pages that are reached from others. */
  readonly link?: { readonly label: string; readonly icon: IconName };
}

/** The pages of an app, as the dashboard takes them. */
export interface AppPages {
  /** The heading of its part of the navigation. */
  readonly name: string;
  readonly pages: readonly PageDefinition[];
  /** Its figures on the overview. */
  readonly tiles?: ComponentType;
}
