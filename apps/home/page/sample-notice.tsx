import { Icon } from "../../../dashboard/src/components/icon.tsx";
import type { HomeView } from "../api.ts";

/** Says that what is shown is made up, as long as no real home was read. */
export function SampleNotice({ homes }: { readonly homes: readonly HomeView[] }) {
  if (homes.length === 0 || !homes.every(({ isSample }) => isSample)) return null;
  return (
    <div class="notice notice-plain">
      <Icon name="home" size={20} />
      <div class="notice-words">
        <p class="notice-title">This is a sample home, made up from a seed</p>
        <p>
          Read your own with <code>millrace run home.daily --events FILE</code>.
        </p>
      </div>
    </div>
  );
}
