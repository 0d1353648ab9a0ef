import { Keyboard, LogOut, Monitor, Moon, Phone, Plug, Settings, Sun } from "lucide-react";
import { go } from "../../app/place";
import { useLive, useLiveClient, useMe, usePreferences, useSession } from "../../app/hooks";
import { paths } from "../../app/paths";
import { shortcuts } from "../../app/shortcuts";
import { m } from "../../i18n/generated/messages.js";
import { MenuItem, MenuLine, MenuPanel, MenuSection, type PanelOfButton } from "../../ui/Menu/Menu";

/** Settings, theme, phone, connection, the way out. */
export function ProfileMenu(panel: PanelOfButton) {
  const me = useMe();
  const live = useLiveClient();
  const session = useSession();
  const { preferences, save } = usePreferences();
  const isOff = useLive((state) => state.connection.phase === "off");
  const acts: Record<string, () => void> = {
    settings: () => go(paths.settings()),
    phone: session.changePhone,
    connect: () => (isOff ? live.connect() : live.disconnect()),
    shortcuts: shortcuts.open,
    out: session.signOut,
    system: () => save({ theme: "system" }),
    light: () => save({ theme: "light" }),
    dark: () => save({ theme: "dark" }),
  };
  const themes = [
    { id: "system", icon: Monitor, word: m.theme_system() },
    { id: "light", icon: Sun, word: m.theme_light() },
    { id: "dark", icon: Moon, word: m.theme_dark() },
  ] as const;
  return (
    <MenuPanel {...panel} aria-label={m.profile_menu()} placement="bottom end" head={<span className="truncate">{me.name}</span>} onAction={(key) => acts[String(key)]?.()}>
      <MenuItem id="settings" icon={<Settings aria-hidden />}>{m.rail_settings()}</MenuItem>
      <MenuItem id="phone" icon={<Phone aria-hidden />}>{m.phone_change()}</MenuItem>
      <MenuItem id="connect" icon={<Plug aria-hidden />}>{isOff ? m.link_connect() : m.link_disconnect()}</MenuItem>
      <MenuItem id="shortcuts" icon={<Keyboard aria-hidden />} kbd="?">{m.profile_shortcuts()}</MenuItem>
      <MenuSection title={m.settings_theme()}>
        {themes.map(({ id, icon: Icon, word }) => (
          <MenuItem key={id} id={id} icon={<Icon aria-hidden />} {...(preferences.theme === id ? { aside: "✓" } : {})}>
            {word}
          </MenuItem>
        ))}
      </MenuSection>
      <MenuLine />
      <MenuItem id="out" icon={<LogOut aria-hidden />}>{m.profile_sign_out()}</MenuItem>
    </MenuPanel>
  );
}
