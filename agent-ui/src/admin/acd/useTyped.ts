import { useState } from "react";
import { useTellUnread } from "../parts/unread";
import { draftOf, type Typed, typedOver, type Way } from "./typed";

export interface TypedField<D> {
  draft: D;
  /** What stands there cannot be read: the form keeps the value before and is not saved. */
  isUnread: boolean;
  type: (draft: D) => void;
  /** The field is left: what can be read is written as a value is. */
  leave: () => void;
}

/** A field whose text becomes a value only where it can be read. */
export function useTyped<T, D>(value: T, onChange: (value: T) => void, way: Way<T, D>): TypedField<D> {
  const [typed, setTyped] = useState<Typed<T, D> | null>(null);
  const draft = draftOf(typed, value, way);
  // What came from the server may be finer than one can type here; it bars nothing.
  const isUnread = typed !== null && draft === typed.draft && way.read(draft) === undefined;
  useTellUnread(isUnread);
  return {
    draft,
    isUnread,
    type: (next) => {
      setTyped(typedOver(next, value, way));
      const read = way.read(next);
      if (read !== undefined) onChange(read);
    },
    leave: () => {
      if (!isUnread) setTyped(null);
    },
  };
}
