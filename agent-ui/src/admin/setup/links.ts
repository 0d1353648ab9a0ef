import type { LinkView, SwitchView } from "../../api/types";

/** How the link of a switch is shown: switched off, up, or wanted but failing. */
export function lightOf(view: SwitchView, link: LinkView | undefined): "up" | "off" | "failing" {
  if (view.enabled === false) return "off";
  return link?.state === "up" ? "up" : "failing";
}

export function kindName(kind: string): string {
  return kind === "asterisk" ? "Asterisk (AMI)" : kind;
}
