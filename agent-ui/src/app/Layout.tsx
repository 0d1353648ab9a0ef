import { m } from "../i18n/generated/messages.js";
import { PhoneBar } from "../desk/bar/PhoneBar";
import { CurrentPage } from "./CurrentPage";
import { Rail } from "./Rail";
import { Shortcuts } from "./Shortcuts";
import { Toasts } from "./Toasts";
import { useIncoming } from "./incoming";
import { comesLater } from "./later";
import css from "./Layout.module.css";

/** Nothing to see: a card must not draw the whole frame again. */
function Incoming() {
  useIncoming();
  return null;
}

// Nobody is asked for work in the first moment.
const useWatch = comesLater(() => import("../callbacks/WorkWatch"));

function Work() {
  const code = useWatch();
  return code && <code.WorkWatch />;
}

/** The frame of every signed-in screen: bar on top, rail at the left, the page. */
export function Layout() {
  return (
    <div className={css.frame}>
      <a href="#content" className={css.skip}>
        {m.skip_to_content()}
      </a>
      <PhoneBar />
      <Rail />
      <div className={css.page}>
        <CurrentPage />
      </div>
      <Work />
      <Toasts />
      <Shortcuts />
      <Incoming />
    </div>
  );
}
