import { useQuery } from "@tanstack/react-query";
import { Eye, EyeOff } from "lucide-react";
import { type FormEvent, type KeyboardEvent, useRef, useState } from "react";
import { isServerThere } from "../api/client";
import { announce } from "../app/announce";
import { signIn } from "../app/session";
import { errorText } from "../domain/can";
import { m } from "../i18n/generated/messages.js";
import { Button, IconButton } from "../ui/Button/Button";
import { TextField } from "../ui/Field/Field";
import { InlineError } from "../ui/Message/Message";
import { LinkLight } from "../ui/StateMark/StateMark";
import { WayIn } from "./WayIn";
import css from "./SignIn.module.css";

/** The way in: name and password, the language, and whether the server is there at all. */
export function SignIn() {
  return (
    <WayIn title={m.sign_in_title()} foot={<ServerLight />}>
      <SignInForm />
    </WayIn>
  );
}

function SignInForm() {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const [isAsking, setAsking] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [wasTried, setTried] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  const second = useRef<HTMLInputElement>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (login.trim() === "") return first.current?.focus();
    if (password === "") return second.current?.focus();
    setAsking(true);
    setFailure(null);
    try {
      await signIn(login.trim(), password);
      announce(m.sign_in_title());
    } catch (error) {
      setFailure(errorText(error));
      setAsking(false);
      second.current?.select();
    }
  };
  const missing = (value: string) => (wasTried && value.trim() === "" ? m.sign_in_empty() : null);
  return (
    <form className={css.form} onSubmit={(event) => void submit(event)} noValidate>
      <TextField label={m.sign_in_name()} name="login" autoComplete="username" size="lg" value={login} onChange={setLogin} error={missing(login)} inputRef={first} spellCheck="false" autoFocus />
      <PasswordField value={password} onChange={setPassword} error={missing(password)} inputRef={second} />
      {failure !== null && <InlineError>{failure}</InlineError>}
      <Button type="submit" kind="primary" size="lg" wide isPending={isAsking}>
        {m.sign_in_submit()}
      </Button>
    </form>
  );
}

interface PasswordFieldProps {
  value: string;
  onChange(value: string): void;
  error: string | null;
  inputRef: React.Ref<HTMLInputElement>;
}

function PasswordField({ value, onChange, error, inputRef }: PasswordFieldProps) {
  const [isShown, setShown] = useState(false);
  const [caps, setCaps] = useState(false);
  const look = (event: KeyboardEvent) => setCaps(event.getModifierState("CapsLock"));
  return (
    <div onKeyDown={look} onKeyUp={look}>
      <TextField
        label={m.sign_in_password()}
        name="password"
        type={isShown ? "text" : "password"}
        autoComplete="current-password"
        size="lg"
        value={value}
        onChange={onChange}
        error={error}
        inputRef={inputRef}
        {...(caps ? { hint: m.sign_in_caps() } : {})}
        suffix={<IconButton kind="quiet" size="sm" icon={isShown ? <EyeOff aria-hidden /> : <Eye aria-hidden />} label={isShown ? m.sign_in_hide() : m.sign_in_show()} onPress={() => setShown(!isShown)} />}
      />
    </div>
  );
}

const LOOK_EVERY_MS = 10_000;

/** Whether the server answers, before anybody can be known to it. */
function ServerLight() {
  const { data: isUp } = useQuery({
    queryKey: ["livez"],
    queryFn: isServerThere,
    refetchInterval: LOOK_EVERY_MS,
  });
  if (isUp === undefined) return null;
  return (
    <p className={css.server}>
      <LinkLight state={isUp ? "up" : "failing"} />
      {isUp ? m.server_up() : m.server_down()}
    </p>
  );
}
