import { createRoot } from "react-dom/client";
import { m } from "./i18n/generated/messages.js";

createRoot(document.getElementById("root")!).render(<h1>{m.app_name()} {m.waiting_callers({ count: 3 })}</h1>);
