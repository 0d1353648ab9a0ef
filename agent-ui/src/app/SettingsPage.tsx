import { type ReactNode, useState } from "react";
import { LANGUAGE_NAMES, LANGUAGE_ORDER, switchLocale } from "../domain/locale";
import { m } from "../i18n/generated/messages.js";
import { getLocale, isLocale } from "../i18n/generated/runtime.js";
import { Button } from "../ui/Button/Button";
import { Switch } from "../ui/Choice/Choice";
import { Pane } from "../ui/Pane/Pane";
import { Segments } from "../ui/Segments/Segments";
import { Select } from "../ui/Select/Select";
import { usePreferences } from "./hooks";
import { askToNotify, notify, notifyState } from "./notify";
import { Page } from "./Page";
import { playOnce } from "./sound";
import { TelLinks } from "./TelLinks";
import css from "./SettingsPage.module.css";

/** What a person sets for itself; it follows the person to every computer. */
export function SettingsPage() {
  return (
    <Page
      title={m.settings_title()}
      stage={
        <Pane title={m.settings_title()} padded>
          <div className={css.page}>
            <Look />
            <Calls />
            <Start />
          </div>
        </Pane>
      }
    />
  );
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={css.group}>
      <h3 className={css.title}>{title}</h3>
      {children}
    </section>
  );
}

function Look() {
  const { preferences, save } = usePreferences();
  const themes = [
    { id: "system", label: m.theme_system() },
    { id: "light", label: m.theme_light() },
    { id: "dark", label: m.theme_dark() },
  ] as const;
  const languages = LANGUAGE_ORDER.map((id) => ({ id, label: LANGUAGE_NAMES[id] }));
  const speak = (id: string) => {
    if (!isLocale(id)) return;
    save({ language: id });
    void switchLocale(id);
  };
  return (
    <Group title={m.settings_look()}>
      <div className={css.row}>
        <span>{m.settings_theme()}</span>
        <Segments label={m.settings_theme()} options={themes} value={preferences.theme} onChange={(theme) => save({ theme })} />
      </div>
      <Select label={m.language()} choices={languages} value={getLocale()} onChange={speak} />
      <Setting isOn={preferences.compact_rows} text={m.settings_compact_text()} onChange={(compact_rows) => save({ compact_rows })}>
        {m.settings_compact()}
      </Setting>
    </Group>
  );
}

interface SettingProps {
  isOn: boolean;
  text: string;
  onChange(isOn: boolean): void;
  children: ReactNode;
}

function Setting({ isOn, text, onChange, children }: SettingProps) {
  return (
    <div className={css.setting}>
      <Switch isSelected={isOn} onChange={onChange}>
        {children}
      </Switch>
      <p className={css.note}>{text}</p>
    </div>
  );
}

function Calls() {
  const { preferences, save } = usePreferences();
  const [isBlocked, setBlocked] = useState(false);
  const play = async () => setBlocked(!(await playOnce()));
  return (
    <Group title={m.settings_calls()}>
      <Setting isOn={preferences.sound} text={isBlocked ? m.sound_blocked_text() : m.settings_sound_text()} onChange={(sound) => save({ sound })}>
        {m.settings_sound()}
      </Setting>
      <div className={css.buttons}>
        <Button onPress={() => void play()}>{m.settings_sound_test()}</Button>
      </div>
      <Notifications />
      <Windows />
      <TelLinks />
    </Group>
  );
}

function Notifications() {
  const { preferences, save } = usePreferences();
  const [permission, setPermission] = useState(notifyState);
  const words = {
    granted: m.settings_notify_granted(),
    denied: m.settings_notify_denied(),
    default: m.settings_notify_default(),
    unsupported: m.settings_notify_unsupported(),
  };
  const ask = async () => {
    const answer = await askToNotify();
    setPermission(answer);
    if (answer === "granted") save({ notifications: true });
  };
  return (
    <>
      <Setting isOn={preferences.notifications} text={words[permission]} onChange={(notifications) => save({ notifications })}>
        {m.settings_notify()}
      </Setting>
      <div className={css.buttons}>
        {permission === "default" && <Button onPress={() => void ask()}>{m.settings_notify_ask()}</Button>}
        <Button reason={permission === "granted" ? null : words[permission]} onPress={() => notify("test", m.incoming_title(), m.settings_notify_test_body())}>
          {m.settings_notify_test()}
        </Button>
      </div>
    </>
  );
}

/** A small window that closes itself tells whether pops may open here. */
function Windows() {
  const [answer, setAnswer] = useState<string | null>(null);
  const probe = () => {
    // Not from the press itself, as a pop is not: only then the answer is the one that counts.
    setTimeout(() => {
      const opened = window.open("about:blank", "tieline-probe", "popup,width=320,height=200");
      setAnswer(opened === null ? m.settings_window_blocked() : m.settings_window_ok());
      opened?.close();
    }, 1_500);
  };
  return (
    <div className={css.setting}>
      <div className={css.buttons}>
        <Button onPress={probe}>{m.settings_window_test()}</Button>
      </div>
      <p className={css.note} role="status">
        {answer ?? m.settings_window_text()}
      </p>
    </div>
  );
}

function Start() {
  const { preferences, save } = usePreferences();
  return (
    <Group title={m.settings_start()}>
      <Setting isOn={preferences.auto_connect} text={m.settings_auto_text()} onChange={(auto_connect) => save({ auto_connect })}>
        {m.settings_auto()}
      </Setting>
    </Group>
  );
}
