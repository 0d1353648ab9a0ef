import "./app/storage";
import { type ReactNode, StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./styles/base.css";
import { App } from "./app/App";
import { FRAME_AT } from "./app/paths";
import { firstLocale, switchLocale } from "./domain/locale";
import { keptTheme, setTheme } from "./app/theme";

setTheme(keptTheme());
await switchLocale(firstLocale());

function draw(Shown: () => ReactNode): void {
  const root = document.getElementById("root");
  if (root === null) return;
  createRoot(root).render(
    <StrictMode>
      <Shown />
    </StrictMode>,
  );
}

// The desk in a frame of another page, and the window by which one signs in to it. Not awaited: its code waits for this.
const isEmbed = window.location.pathname === FRAME_AT || window.location.pathname.startsWith(`${FRAME_AT}/`);
if (isEmbed) void import("./embed/EmbedApp").then(({ EmbedApp }) => draw(EmbedApp));
else draw(App);
