import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

export const PAGE_TITLE_ID = "page-title";

export interface PageHeaderProps {
  readonly title: string;
  /** One line below the title. */
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
  /** A way back to the list that the page belongs to. */
  readonly back?: { readonly href: string; readonly label: string };
}

/** The head of a page. It also names the document, and takes the focus when the page is entered. */
export function PageHeader({ title, lead, actions, back }: PageHeaderProps) {
  useEffect(() => {
    document.title = title === "Millrace" ? title : `${title} · Millrace`;
  }, [title]);
  return (
    <header class="page-header">
      <div class="page-header-words">
        {back && (
          <a class="back-link" href={back.href}>
            {back.label}
          </a>
        )}
        <h1 id={PAGE_TITLE_ID} tabIndex={-1}>
          {title}
        </h1>
        {lead && <p class="lead">{lead}</p>}
      </div>
      {actions && <div class="page-actions">{actions}</div>}
    </header>
  );
}
