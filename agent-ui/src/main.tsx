import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "./styles/base.css";
import { App } from "./app/App";
import { firstLocale, switchLocale } from "./domain/locale";
import { keptTheme, setTheme } from "./app/theme";

setTheme(keptTheme());
await switchLocale(firstLocale());

const root = document.getElementById("root");
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
