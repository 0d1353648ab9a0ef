import { Keyboard, LogOut, Moon, Phone, Plug, Settings } from "lucide-react";
import { useGo } from "../../app/AppLink";
import { useLive, useLiveClient, useMe, usePreferences, useSession } from "../../app/hooks";
import { paths } from "../../app/paths";
import { shortcuts } from "../../app/shortcuts";
import { initials } from "../../domain/format";
import { m } from "../../i18n/generated/messages.js";
import { Button } from "../../ui/Button/Button";
import { Menu, MenuItem, MenuLine, MenuSection } from "../../ui/Menu/Menu";
import { Avatar } from "../../ui/Tag/Tag";
import css from "./PhoneBar.module.css";

/** Me: settings, theme, phone, connection, the way out. */
export function Profile() {
  const me = useMe();
  const live = useLiveClient();
  const session = useSession();
  const go = useGo();
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
  const themes = { system: m.theme_system(), light: m.theme_light(), dark: m.theme_dark() };
  const trigger = (
    <Button kind="quiet" aria-label={`${m.profile_menu()}: ${me.name}`}>
      <Avatar>{initials(me.name)}</Avatar>
    </Button>
  );
  return (
    <div className={css.profile}>
      <Menu trigger={trigger} aria-label={m.profile_menu()} placement="bottom end" head={<span className="truncate">{me.name}</span>} onAction={(key) => acts[String(key)]?.()}>
        <MenuItem id="settings" icon={<Settings aria-hidden />}>{m.rail_settings()}</MenuItem>
        <MenuItem id="phone" icon={<Phone aria-hidden />}>{m.phone_change()}</MenuItem>
        <MenuItem id="connect" icon={<Plug aria-hidden />}>{isOff ? m.link_connect() : m.link_disconnect()}</MenuItem>
        <MenuItem id="shortcuts" icon={<Keyboard aria-hidden />} kbd="?">{m.profile_shortcuts()}</MenuItem>
        <MenuSection title={m.settings_theme()}>
          {(["system", "light", "dark"] as const).map((theme) => (
            <MenuItem key={theme} id={theme} icon={<Moon aria-hidden />} {...(preferences.theme === theme ? { aside: "✓" } : {})}>
              {themes[theme]}
            </MenuItem>
          ))}
        </MenuSection>
        <MenuLine />
        <MenuItem id="out" icon={<LogOut aria-hidden />}>{m.profile_sign_out()}</MenuItem>
      </Menu>
    </div>
  );
}
