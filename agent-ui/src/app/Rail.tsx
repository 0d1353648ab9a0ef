import { BookUser, ContactRound, Headset, PanelLeft, PanelRight, Settings, SquareArrowOutUpRight, UsersRound, Wrench, type LucideIcon } from "lucide-react";
import { m } from "../i18n/generated/messages.js";
import { AppLink } from "./AppLink";
import { drawers, useDrawer } from "./drawers";
import { useRights } from "./hooks";
import { paths } from "./paths";
import css from "./Rail.module.css";

interface Entry {
  to: string;
  icon: LucideIcon;
  word: () => string;
  /** Any of these rights shows it; none is for everybody. */
  rights: readonly string[];
}

const ENTRIES: readonly Entry[] = [
  { to: paths.desk(), icon: Headset, word: m.rail_desk, rights: [] },
  { to: paths.directory(), icon: BookUser, word: m.rail_directory, rights: [] },
  { to: paths.contacts(), icon: ContactRound, word: m.rail_contacts, rights: ["contact.read"] },
  { to: paths.setup(), icon: Wrench, word: m.rail_setup, rights: ["switch.admin", "device.admin"] },
  { to: paths.popRules(), icon: SquareArrowOutUpRight, word: m.rail_pops, rights: ["pop.admin", "pop.preview"] },
  { to: paths.users(), icon: UsersRound, word: m.rail_users, rights: ["user.admin"] },
];

/** The sections of the desk; at the foot of the window on the smallest screens. */
export function Rail() {
  const { has } = useRights();
  const seen = ENTRIES.filter(({ rights }) => rights.length === 0 || rights.some(has));
  return (
    <nav className={css.rail} aria-label={m.rail_label()}>
      <DrawerButton drawer="list" icon={PanelLeft} word={m.pane_list()} />
      {seen.map((entry) => (
        <RailLink key={entry.to} {...entry} />
      ))}
      <span className={css.gap} />
      <DrawerButton drawer="tools" icon={PanelRight} word={m.pane_tools()} />
      <RailLink to={paths.settings()} icon={Settings} word={m.rail_settings} />
    </nav>
  );
}

function RailLink({ to, icon: Icon, word }: Omit<Entry, "rights">) {
  return (
    <AppLink to={to} className={css.link}>
      <Icon aria-hidden />
      <span>{word()}</span>
    </AppLink>
  );
}

/** Shown only where the pane is a drawer and the page has it; the style sheet knows. */
function DrawerButton({ drawer, icon: Icon, word }: { drawer: "list" | "tools"; icon: LucideIcon; word: string }) {
  const open = useDrawer();
  return (
    <button type="button" className={css.link} data-drawer={drawer} aria-expanded={open === drawer} aria-controls={`pane-${drawer}`} onClick={() => drawers.toggle(drawer)}>
      <Icon aria-hidden />
      <span>{word}</span>
    </button>
  );
}
