/** What a button does and says that opens a panel which is drawn beside it. */
export function opens(what: "menu" | "dialog", isOpen: boolean, set: (open: boolean) => void) {
  return {
    "aria-haspopup": what,
    "aria-expanded": isOpen,
    onPress: () => set(!isOpen),
    onKeyDown: (event: { key: string; continuePropagation: () => void }) => {
      if (what === "menu" && (event.key === "ArrowDown" || event.key === "ArrowUp")) set(true);
      else event.continuePropagation();
    },
  } as const;
}
