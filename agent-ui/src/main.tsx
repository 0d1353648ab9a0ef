import "./app/storage";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./styles/base.css";
import { App } from "./app/App";
import { FRAME_AT } from "./app/paths";
import { firstLocale, switchLocale } from "./domain/locale";
import { keptTheme, setTheme } from "./app/theme";

setTheme(keptTheme());
await switchLocale(firstLocale());

const root = document.getElementById("root");
if (root !== null) {
  // The desk in a frame of another page, and the window by which one signs in to it.
  const isEmbed = window.location.pathname === FRAME_AT || window.location.pathname.startsWith(`${FRAME_AT}/`);
  const Shown = isEmbed ? (await import("./embed/EmbedApp")).EmbedApp : App;
  createRoot(root).render(
    <StrictMode>
      <Shown />
    </StrictMode>,
  );
}
