import { type ReactNode, useEffect } from "react";
import { Logo } from "../app/Logo";
import { pageTitle } from "../app/title";
import { LANGUAGE_NAMES, LANGUAGE_ORDER, switchLocale } from "../domain/locale";
import { m } from "../i18n/generated/messages.js";
import { getLocale } from "../i18n/generated/runtime.js";
import { Segments } from "../ui/Segments/Segments";
import css from "./SignIn.module.css";

const TITLE = "way-in-title";

/** The frame of what comes before the desk: the language on top, one card, a foot. */
export function WayIn({ title, children, foot }: { title: string; children: ReactNode; foot: ReactNode }) {
  useEffect(() => pageTitle.set(title), [title]);
  return (
    <div className={css.page}>
      <header className={css.top}>
        <LanguageSwitch />
      </header>
      <main className={css.main}>
        <Brand />
        <section className={css.card} aria-labelledby={TITLE}>
          <h1 id={TITLE} className={css.title}>
            {title}
          </h1>
          {children}
        </section>
        <p className={css.hint}>{m.sign_in_hint()}</p>
      </main>
      <footer className={css.foot}>{foot}</footer>
    </div>
  );
}

function Brand() {
  return (
    <div className={css.brand}>
      <Logo />
      <div>
        <p className={css.name}>{m.app_name()}</p>
        <p className={css.tagline}>{m.sign_in_tagline()}</p>
      </div>
    </div>
  );
}

function LanguageSwitch() {
  const options = LANGUAGE_ORDER.map((id) => ({ id, label: LANGUAGE_NAMES[id] }));
  return <Segments label={m.language()} options={options} value={getLocale()} onChange={(locale) => void switchLocale(locale)} />;
}
