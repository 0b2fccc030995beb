import { useEffect, useRef } from "preact/hooks";
import { Announcer } from "./components/announcer.tsx";
import { PAGE_TITLE_ID } from "./components/page-header.tsx";
import { CORE_PAGES } from "./core-pages.ts";
import type { PageDefinition } from "./page-types.ts";
import { NotFound } from "./pages/not-found.tsx";
import { APP_PAGES } from "./pages.ts";
import { matchPath, type Params } from "./routing/match.ts";
import { address } from "./routing/navigation.ts";
import { Navigation } from "./shell/navigation.tsx";

const SECTIONS = [CORE_PAGES, ...APP_PAGES];

/** The whole page: navigation beside the page that the address names. */
export function App() {
  const { path, search } = address.value;
  const found = findPage(path);
  const Page = found?.definition.page ?? NotFound;
  useFocusOnTitle(path);
  return (
    <>
      <a class="skip-link" href="#content">
        Skip to the content
      </a>
      <div class="shell">
        <Navigation sections={SECTIONS} path={path} />
        <main id="content" class="content" tabIndex={-1}>
          <Page key={path} params={found?.params ?? {}} query={new URLSearchParams(search)} />
        </main>
      </div>
      <Announcer />
    </>
  );
}

function findPage(path: string): { readonly definition: PageDefinition; readonly params: Params } | undefined {
  for (const definition of SECTIONS.flatMap(({ pages }) => pages)) {
    const params = matchPath(definition.path, path);
    if (params !== undefined) return { definition, params };
  }
  return undefined;
}

/** A page that is entered gets the focus on its title, as a loaded document would be read from its top. */
function useFocusOnTitle(path: string): void {
  const seen = useRef(path);
  useEffect(() => {
    if (seen.current === path) return;
    seen.current = path;
    document.getElementById(PAGE_TITLE_ID)?.focus({ preventScroll: true });
  }, [path]);
}
