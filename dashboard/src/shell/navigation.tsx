import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { Icon } from "../components/icon.tsx";
import { Logo } from "../components/logo.tsx";
import type { AppPages, PageDefinition } from "../page-types.ts";
import { ConnectionState } from "./connection-state.tsx";

interface NavigationProps {
  readonly sections: readonly AppPages[];
  readonly path: string;
}

/** The way between the pages: a rail at the side, or on a narrow page a bar with a menu. */
export function Navigation({ sections, path }: NavigationProps) {
  const isOpen = useSignal(false);
  useEffect(() => {
    isOpen.value = false;
  }, [path]);

  function closeOnEscape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || !isOpen.peek()) return;
    isOpen.value = false;
    document.getElementById("menu-button")?.focus();
  }

  return (
    <header class="rail" onKeyDown={closeOnEscape}>
      <a class="brand" href="/" aria-label="Millrace, overview">
        <Logo />
        <span>Millrace</span>
      </a>
      <button
        type="button"
        id="menu-button"
        class="menu-button"
        aria-expanded={isOpen.value}
        aria-controls="menu"
        onClick={() => (isOpen.value = !isOpen.value)}
      >
        <Icon name="menu" size={20} />
        Menu
      </button>
      <div id="menu" class={isOpen.value ? "menu is-open" : "menu"}>
        <nav aria-label="Pages">
          {sections.map((section, index) => (
            <Section key={section.name} section={section} path={path} hasHeading={index > 0} />
          ))}
        </nav>
        <ConnectionState />
      </div>
      <Current />
    </header>
  );
}

interface SectionProps {
  readonly section: AppPages;
  readonly path: string;
  readonly hasHeading: boolean;
}

function Section({ section, path, hasHeading }: SectionProps) {
  return (
    <>
      {hasHeading && <p class="rail-heading">{section.name}</p>}
      <ul>
        {section.pages.map((page) => (
          <Entry key={page.path} page={page} path={path} />
        ))}
      </ul>
    </>
  );
}

function Entry({ page, path }: { readonly page: PageDefinition; readonly path: string }) {
  if (page.link === undefined) return null;
  return (
    <li>
      <a href={page.path} aria-current={currentness(page.path, path)}>
        <Icon name={page.link.icon} size={18} />
        {page.link.label}
      </a>
    </li>
  );
}

/** A page below this one (a run below the runs) marks it too, though not as the page itself. */
function currentness(own: string, path: string): "page" | "true" | undefined {
  if (path === own) return "page";
  return own !== "/" && path.startsWith(`${own}/`) ? "true" : undefined;
}

/** Water lines at the foot of the rail; an ornament. */
function Current() {
  return (
    <svg class="rail-water" viewBox="0 0 240 90" preserveAspectRatio="none" aria-hidden="true" focusable="false">
      <path d="M0 22c30-18 50-18 80 0s50 18 80 0 50-18 80 0" />
      <path d="M0 44c30-18 50-18 80 0s50 18 80 0 50-18 80 0" />
      <path d="M0 66c30-18 50-18 80 0s50 18 80 0 50-18 80 0" />
    </svg>
  );
}
