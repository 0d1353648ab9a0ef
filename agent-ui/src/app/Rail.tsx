import { BookUser, ChartNoAxesColumn, ContactRound, Ellipsis, Headset, History, LayoutGrid, ListOrdered, PanelLeft, PanelRight, PhoneForwarded, Settings, SquareArrowOutUpRight, UsersRound, Webhook, Wrench, type LucideIcon } from "lucide-react";
import { m } from "../i18n/generated/messages.js";
import { BareButton } from "../ui/Button/Button";
import { Menu, MenuItem } from "../ui/Menu/Menu";
import { AppLink } from "./AppLink";
import { drawers, useDrawer } from "./drawers";
import { useRights } from "./hooks";
import { useMedia } from "./media";
import { paths } from "./paths";
import { go, usePlace } from "./place";
import css from "./Rail.module.css";

interface Entry {
  to: string;
  icon: LucideIcon;
  word: () => string;
  /** Any of these rights shows it; none is for everybody. */
  rights: readonly string[];
  /** And any of these. */
  andAny?: readonly string[];
}

const ENTRIES: readonly Entry[] = [
  // Agents see colleagues beside their own work; the live view is for who also sees their calls or sets their state.
  { to: paths.live(), icon: LayoutGrid, word: m.rail_live, rights: ["agent.read.team"], andAny: ["call.read.team", "agent.state.write.team"] },
  { to: paths.desk(), icon: Headset, word: m.rail_desk, rights: [] },
  { to: paths.journal(), icon: History, word: m.rail_journal, rights: ["call.read"] },
  { to: paths.callbacks(), icon: PhoneForwarded, word: m.rail_callbacks, rights: ["callback.work", "missed.work"] },
  { to: paths.reports(), icon: ChartNoAxesColumn, word: m.rail_reports, rights: ["report.read"] },
  { to: paths.directory(), icon: BookUser, word: m.rail_directory, rights: [] },
  { to: paths.contacts(), icon: ContactRound, word: m.rail_contacts, rights: ["contact.read"] },
  { to: paths.setup(), icon: Wrench, word: m.rail_setup, rights: ["switch.admin", "device.admin"] },
  { to: paths.queues(), icon: ListOrdered, word: m.rail_queues, rights: ["queue.admin"] },
  { to: paths.popRules(), icon: SquareArrowOutUpRight, word: m.rail_pops, rights: ["pop.admin", "pop.preview"] },
  { to: paths.webhooks(), icon: Webhook, word: m.rail_hooks, rights: ["webhook.admin"] },
  { to: paths.users(), icon: UsersRound, word: m.rail_users, rights: ["user.admin"] },
];

const SETTINGS: Entry = { to: paths.settings(), icon: Settings, word: m.rail_settings, rights: [] };

/** Sections that stand beside each other at 320 px with the button of a drawer and the menu of the others. */
const IN_A_ROW = 3;

/** The sections of the desk; at the foot of the window on the smallest screens, the later ones in a menu. */
export function Rail() {
  const { has } = useRights();
  const isRow = useMedia("(max-width: 44.99rem)");
  const seen = ENTRIES.filter(({ rights, andAny }) => (rights.length === 0 || rights.some(has)) && (andAny?.some(has) ?? true));
  const shown = isRow ? seen.slice(0, IN_A_ROW) : seen;
  return (
    <nav className={css.rail} aria-label={m.rail_label()}>
      <DrawerButton drawer="list" icon={PanelLeft} word={m.pane_list()} />
      {shown.map((entry) => (
        <RailLink key={entry.to} {...entry} />
      ))}
      <span className={css.gap} />
      <DrawerButton drawer="tools" icon={PanelRight} word={m.pane_tools()} />
      {isRow ? <More entries={[...seen.slice(IN_A_ROW), SETTINGS]} /> : <RailLink {...SETTINGS} />}
    </nav>
  );
}

/** The sections for which the row has no room; it is marked while one of them is open. */
function More({ entries }: { entries: readonly Entry[] }) {
  const { pathname: open } = usePlace();
  const isHere = entries.some(({ to }) => to === open);
  const trigger = (
    <BareButton className={css.link ?? ""} {...(isHere ? { "aria-current": "page" } : {})}>
      <Ellipsis aria-hidden />
      <span>{m.bar_more()}</span>
    </BareButton>
  );
  return (
    <Menu trigger={trigger} aria-label={m.bar_more()} placement="top end" onAction={(to) => go(String(to))}>
      {entries.map(({ to, icon: Icon, word }) => (
        <MenuItem key={to} id={to} icon={<Icon aria-hidden />} {...(to === open ? { aside: "✓" } : {})}>
          {word()}
        </MenuItem>
      ))}
    </Menu>
  );
}

function RailLink({ to, icon: Icon, word }: Omit<Entry, "rights" | "andAny">) {
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
