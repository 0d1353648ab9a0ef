import type { LinkView, SwitchView } from "../../api/types";

/** How the link of a switch is shown: switched off, up, or wanted but failing. */
export function lightOf(view: SwitchView, link: LinkView | undefined): "up" | "off" | "failing" {
  if (view.enabled === false) return "off";
  return link?.state === "up" ? "up" : "failing";
}

export function kindName(kind: string): string {
  const names: Record<string, string> = { asterisk: "Asterisk (AMI)", "csta-xml": "CSTA XML", "csta-asn1": "CSTA ASN.1", "avaya-dmcc": "Avaya AES (DMCC)" };
  return names[kind] ?? kind;
}

/** Refused devices by the switch's own word: `1003, 1004 (overallMonitorLimitExceeded)`; the rest as a number. */
export function refusedWords(refusals: readonly { device: string; error: string }[], refused: number): string {
  const errors = [...new Set(refusals.map((one) => one.error))];
  const words = errors.map((error) => `${refusals.filter((one) => one.error === error).map((one) => one.device).join(", ")} (${error})`);
  const more = refused - refusals.length;
  return [...words, ...(more > 0 ? [`+${more}`] : [])].join("; ");
}
