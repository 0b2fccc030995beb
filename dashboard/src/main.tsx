import { render } from "preact";
import { App } from "./app.tsx";
import { startClock } from "./data/now.ts";
import { startLive } from "./live/live.ts";
import { startNavigation } from "./routing/navigation.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/shell.css";
import "./styles/parts.css";
import "./styles/pages.css";
import "./styles/charts.css";
import "./styles/cache.css";

const root = document.querySelector("#root");
if (root === null) throw new Error("The page has no #root.");
startNavigation();
startClock();
startLive();
render(<App />, root);
