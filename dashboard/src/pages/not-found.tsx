import { PageHeader } from "../components/page-header.tsx";

/** Any address that is no page. */
export function NotFound() {
  return (
    <>
      <PageHeader title="There is no such page" lead="The address may be mistyped, or the page has moved." />
      <p>
        Go to the <a href="/">overview</a> or the <a href="/runs">runs</a>.
      </p>
    </>
  );
}
