// What is typed for a value, while it is no value yet or is written otherwise than it is shown. Pure.

/** A draft, and the value that stood in the form when it was typed. */
export interface Typed<T, D> {
  draft: D;
  value: T;
}

/** How a value is written and read; undefined where the draft is none. */
export interface Way<T, D> {
  show: (value: T) => D;
  read: (draft: D) => T | undefined;
}

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What a field shows: the draft, unless the form holds another value by now. */
export function draftOf<T, D>(typed: Typed<T, D> | null, value: T, way: Way<T, D>): D {
  return typed !== null && isSame(typed.value, value) ? typed.draft : way.show(value);
}

/** A draft typed over a value: it stands for what it says, or else leaves the value as it is. */
export function typedOver<T, D>(draft: D, value: T, way: Way<T, D>): Typed<T, D> {
  const read = way.read(draft);
  return { draft, value: read === undefined ? value : read };
}
