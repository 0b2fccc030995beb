import { Icon } from "../components/icon.tsx";
import { connection } from "../live/live.ts";

const LOOKS = {
  connecting: { icon: "clock", words: "Connecting" },
  open: { icon: "running", words: "Live" },
  lost: { icon: "warning", words: "Not connected, trying again" },
} as const;

/** Whether what the page shows follows what happens. */
export function ConnectionState() {
  const { icon, words } = LOOKS[connection.value];
  return (
    <p class="connection" role="status" data-connection={connection.value}>
      <Icon name={icon} />
      {words}
    </p>
  );
}
