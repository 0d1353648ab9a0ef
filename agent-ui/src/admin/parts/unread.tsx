// Fields whose text is no value yet: while one of them stands in a form, the form is not saved.
import { createContext, type ReactNode, useCallback, useContext, useEffect, useState } from "react";

type Tell = (by: 1 | -1) => void;

const Teller = createContext<Tell>(() => {});

export interface Unread {
  /** How many fields hold text that cannot be read. */
  count: number;
  tell: Tell;
  /** Goes up whenever what was typed is thrown away. */
  round: number;
  forget: () => void;
}

/** What a form knows of its fields that cannot be read; its fields stand in `UnreadFields`. */
export function useUnread(): Unread {
  const [count, setCount] = useState(0);
  const [round, setRound] = useState(0);
  const tell = useCallback<Tell>((by) => setCount((now) => now + by), []);
  return { count, tell, round, forget: () => setRound((now) => now + 1) };
}

/** Fields of one form; what is typed in them goes when the form forgets it. */
export function UnreadFields({ of, children }: { of: Unread; children: ReactNode }) {
  return <Teller key={of.round} value={of.tell}>{children}</Teller>;
}

/** Tells the form about this field. */
export function useTellUnread(isUnread: boolean): void {
  const tell = useContext(Teller);
  useEffect(() => {
    if (!isUnread) return;
    tell(1);
    return () => tell(-1);
  }, [isUnread, tell]);
}
