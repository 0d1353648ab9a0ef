import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useMemo, useState } from "react";
import { isLocale } from "../i18n/generated/runtime.js";
import { switchLocale } from "../domain/locale";
import { LiveContext, MeContext, type MeView, PreferencesContext, type PreferencesHold, SessionContext } from "./context";
import { useStoredPreferences } from "./preferences";
import { forgetPerson, live, ME_KEY, readMe, signOut } from "./session";
import { setTheme } from "./theme";

// Who is signed in needs no page to sign in; for who is not, the desk comes while a name is typed.
const SignIn = lazy(() => import("../desk/SignIn").then(({ SignIn: component }) => ({ default: component })));
const loadDesk = () => import("./Desk");
const Desk = lazy(() => loadDesk().then(({ Desk: component }) => ({ default: component })));
const PhoneChoice = lazy(() => import("../desk/PhoneChoice").then(({ PhoneChoice: component }) => ({ default: component })));

/** Lets nobody past who is not signed in; asks for the phone once per sign-in. */
export function Gate() {
  const { data: me, isPending, isError } = useQuery({ queryKey: ME_KEY, queryFn: readMe, staleTime: Number.POSITIVE_INFINITY, retry: true });
  useEffect(() => live.on((signal) => signal.kind === "signed_out" && forgetPerson()), []);
  useEffect(() => void loadDesk(), []);
  if (isPending) return null;
  if (isError || me === null || me === undefined) return <Suspense><SignIn /></Suspense>;
  return (
    <LiveContext value={live}>
      <MeContext value={me}>
        <Entered key={me.user ?? me.login} me={me} />
      </MeContext>
    </LiveContext>
  );
}

function Entered({ me }: { me: MeView }) {
  const hold = useStoredPreferences();
  if (hold === null) return null;
  return <WithPreferences me={me} hold={hold} />;
}

const CHOSEN_KEPT_AS = "tieline.phone-chosen";

function WithPreferences({ me, hold }: { me: MeView; hold: PreferencesHold }) {
  const { theme, language, auto_connect, compact_rows } = hold.preferences;
  const [isChoosing, setChoosing] = useState(() => !isChosen(me, auto_connect));
  useEffect(() => {
    if (!isChoosing) live.connect();
  }, [isChoosing]);
  useEffect(() => setTheme(theme), [theme]);
  useEffect(() => {
    if (isLocale(language)) void switchLocale(language);
  }, [language]);
  useEffect(() => {
    document.documentElement.dataset.density = compact_rows ? "compact" : "normal";
  }, [compact_rows]);
  const session = useMemo(
    () => ({
      signOut: () => {
        sessionStorage.removeItem(CHOSEN_KEPT_AS);
        void signOut();
      },
      changePhone: () => setChoosing(true),
    }),
    [],
  );
  const chosen = () => {
    sessionStorage.setItem(CHOSEN_KEPT_AS, me.user ?? me.login);
    setChoosing(false);
  };
  return (
    <PreferencesContext value={hold}>
      <SessionContext value={session}>
        <Suspense>{isChoosing ? <PhoneChoice onDone={chosen} /> : <Desk />}</Suspense>
      </SessionContext>
    </PreferencesContext>
  );
}

/** A reload does not ask again, nor does whoever wants to connect by itself or has no phone to choose. */
function isChosen(me: MeView, isAutomatic: boolean): boolean {
  const isKept = sessionStorage.getItem(CHOSEN_KEPT_AS) === (me.user ?? me.login);
  const isSet = isAutomatic && me.primary_device !== null && me.primary_device !== undefined;
  return isKept || isSet;
}
