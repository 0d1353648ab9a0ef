import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { LogIn } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { beFramed } from "../api/client";
import { LiveContext, MeContext, type MeView, PreferencesContext, SessionContext } from "../app/context";
import { LiveRegions } from "../app/LiveRegions";
import { paths } from "../app/paths";
import { useStoredPreferences } from "../app/preferences";
import { queryClient } from "../app/query";
import { forgetPerson, live, ME_KEY, readMe, signOut } from "../app/session";
import { setTheme } from "../app/theme";
import { PhoneChoice } from "../desk/PhoneChoice";
import { SignIn } from "../desk/SignIn";
import { errorText } from "../domain/can";
import { onLocale, switchLocale } from "../domain/locale";
import { m } from "../i18n/generated/messages.js";
import { getLocale, isLocale } from "../i18n/generated/runtime.js";
import { Button } from "../ui/Button/Button";
import { Empty } from "../ui/Empty/Empty";
import { Locale } from "../ui/Locale/Locale";
import { InlineError, Message } from "../ui/Message/Message";
import { EmbedDesk } from "./EmbedDesk";
import { guest, stand } from "./host";
import { answerOpener, signInByWindow } from "./signIn";
import css from "./Embed.module.css";

const isFramed = window.parent !== window;

/** The desk for a frame of another page, and the window by which one signs in to it. */
export function EmbedApp() {
  const locale = useSyncExternalStore(onLocale, getLocale);
  const Shown = window.location.pathname === paths.frameSignIn() ? SignInWindow : isFramed ? Frame : NoFrame;
  return (
    <Locale locale={locale === "en" ? "en-GB" : locale}>
      <QueryClientProvider client={queryClient}>
        <LiveRegions />
        <Shown key={locale} />
      </QueryClientProvider>
    </Locale>
  );
}

function NoFrame() {
  return <main className={css.alone}><Empty icon={<LogIn />} title={m.embed_alone()}>{m.embed_alone_text()}</Empty></main>;
}

/** Nobody is known without a token, and only a press opens the window that gives one. */
function Frame() {
  const [hasToken, setToken] = useState(false);
  const { data: me } = useQuery({ queryKey: ME_KEY, queryFn: readMe, staleTime: Number.POSITIVE_INFINITY, retry: true, enabled: hasToken });
  const isIn = hasToken && me !== null && me !== undefined;
  useEffect(() => stand.signedIn(isIn), [isIn]);
  useEffect(() => {
    if (me === null) gone();
  }, [me]);
  // What was of one person (the live picture, records, marks) must not meet the next one: the frame begins anew.
  const gone = () => {
    beFramed(null);
    window.location.reload();
  };
  useEffect(() => live.on((signal) => {
    if (signal.kind !== "signed_out") return;
    forgetPerson();
  }), []);
  const entered = () => {
    queryClient.removeQueries({ queryKey: ME_KEY });
    setToken(true);
  };
  if (!isIn) return <SignedOut isWaiting={hasToken} onSignedIn={entered} />;
  return (
    <LiveContext value={live}>
      <MeContext value={me}>
        <Entered key={me.user ?? me.login} me={me} />
      </MeContext>
    </LiveContext>
  );
}

function SignedOut({ isWaiting, onSignedIn }: { isWaiting: boolean; onSignedIn: () => void }) {
  const [isBlocked, setBlocked] = useState(false);
  const press = () => {
    void signInByWindow().then((end) => {
      setBlocked(end === "blocked");
      if (end === "signed_in") onSignedIn();
    });
  };
  return (
    <main className={css.alone}>
      <Empty icon={<LogIn />} title={m.embed_sign_in()} action={<Button kind="primary" size="lg" isPending={isWaiting} onPress={press}>{m.sign_in_submit()}</Button>}>{m.embed_sign_in_text()}</Empty>
      {isBlocked && <Message tone="warn" live="alert">{m.embed_blocked()}</Message>}
    </main>
  );
}

function Entered({ me }: { me: MeView }) {
  const hold = useStoredPreferences();
  const [isChoosing, setChoosing] = useState(me.primary_device === null || me.primary_device === undefined);
  const isKnown = hold !== null;
  useEffect(() => {
    if (isKnown && !isChoosing) live.connect();
  }, [isKnown, isChoosing]);
  useEffect(() => {
    if (hold === null) return;
    setTheme(hold.preferences.theme);
    if (isLocale(hold.preferences.language)) void switchLocale(hold.preferences.language);
  }, [hold]);
  const [session] = useState(() => ({ signOut: () => void signOut(), changePhone: () => setChoosing(true) }));
  useEffect(() => guest.onSignOut(session.signOut), [session]);
  if (hold === null) return null;
  return (
    <PreferencesContext value={hold}>
      <SessionContext value={session}>{isChoosing ? <PhoneChoice onDone={() => setChoosing(false)} /> : <EmbedDesk />}</SessionContext>
    </PreferencesContext>
  );
}

/** Beside the page: signs in as the desk does, hands a token to the frame and closes. */
function SignInWindow() {
  const { data: me, isPending } = useQuery({ queryKey: ME_KEY, queryFn: readMe, staleTime: Number.POSITIVE_INFINITY, retry: true });
  if (isPending) return null;
  return me === null || me === undefined ? <SignIn /> : <HandOver />;
}

function HandOver() {
  const [isOpened, setOpened] = useState(true);
  const [failure, setFailure] = useState<string | null>(null);
  useEffect(() => {
    const { isOpened: found, stop } = answerOpener((error) => setFailure(errorText(error)));
    setOpened(found);
    return stop;
  }, []);
  return (
    <main className={css.alone}>
      <Empty icon={<LogIn />} title={m.embed_signed_in()}>{isOpened ? m.embed_window_closes() : m.embed_no_opener()}</Empty>
      {failure !== null && <InlineError>{failure}</InlineError>}
    </main>
  );
}
