import type { SwitchView } from "../../api/types";

/** Kinds of switches, as the server names them. */
export const KINDS = ["asterisk", "csta-xml", "csta-asn1", "avaya-dmcc"] as const;

/** How a CSTA switch speaks and what is followed, every value as it is typed; all empty for an Asterisk. */
export interface CstaDraft {
  dialect: string;
  framing: string;
  phase: string;
  session: string;
  switch_name: string;
  stations: string;
  /** One queue a line: number; name; seconds of wrap-up. */
  queues: string;
  /** Where calls of route points go; the form has no fields for it and leaves it as it is. */
  route_points: NonNullable<NonNullable<SwitchView["csta"]>["route_points"]>;
}

export type CstaFault = "queue_form" | "station_form";

interface Dialect {
  id: string;
  /** Switches it is for. */
  label: string;
  kinds: readonly string[];
  /** Usual port, with TLS behind it; empty where none is known. */
  ports: readonly [string, string];
}

/** The dialects that the server knows; the first of a kind is the usual one. */
export const DIALECTS: readonly Dialect[] = [
  { id: "ecma-323", label: "ECMA-323", kinds: ["csta-xml"], ports: ["", ""] },
  { id: "ecma-285", label: "ECMA-285 (Phase III)", kinds: ["csta-asn1"], ports: ["", ""] },
  { id: "avaya-dmcc", label: "Avaya AES (DMCC)", kinds: ["avaya-dmcc"], ports: ["4721", "4722"] },
  { id: "mitel-mivoice5000", label: "Mitel MiVoice 5000", kinds: ["csta-xml", "csta-asn1"], ports: ["", ""] },
  { id: "mitel-mx-one", label: "Mitel MiVoice MX-ONE", kinds: ["csta-xml"], ports: ["8882", "8883"] },
  { id: "mitel-office400", label: "Mitel MiVoice Office 400", kinds: ["csta-xml"], ports: ["", ""] },
  { id: "openscape", label: "Unify OpenScape", kinds: ["csta-xml"], ports: ["", ""] },
  { id: "hipath", label: "Siemens HiPath 3000, OpenOffice", kinds: ["csta-asn1"], ports: ["7001", "7001"] },
  { id: "alcatel-oxe", label: "Alcatel OmniPCX Enterprise", kinds: ["csta-asn1"], ports: ["2555", "2555"] },
  { id: "ericsson-md110", label: "Ericsson MD110", kinds: ["csta-asn1"], ports: ["", ""] },
];

/** The one dialect that leaves framing, phase and session open. */
const OPEN = "mitel-mivoice5000";

/** What such a dialect may be told; what is left out is tried. */
export const OPEN_CHOICES = {
  framing: ["xml", "length2", "hipath", "tpkt", "nul-xml"],
  phase: ["1", "2", "3"],
  session: ["acse", "bare", "implicit", "application"],
} as const;

export const NO_CSTA: CstaDraft = { dialect: "", framing: "", phase: "", session: "", switch_name: "", stations: "", queues: "", route_points: [] };

export function isCsta(kind: string): boolean {
  return kind !== "asterisk";
}

export function dialectsOf(kind: string): readonly Dialect[] {
  return DIALECTS.filter((one) => one.kinds.includes(kind));
}

/** The dialect of a form: the chosen one, or the usual one of its kind. */
export function dialectOf(kind: string, chosen: string): Dialect | undefined {
  const fitting = dialectsOf(kind);
  return fitting.find((one) => one.id === chosen) ?? fitting[0];
}

/** True where framing, phase and session are to be chosen. */
export function isOpen(kind: string, dialect: string): boolean {
  return isCsta(kind) && dialectOf(kind, dialect)?.id === OPEN;
}

/** Usual ports of a kind and dialect: without and with TLS. */
export function portsOf(kind: string, dialect: string): readonly [string, string] {
  return isCsta(kind) ? dialectOf(kind, dialect)?.ports ?? ["", ""] : ["5038", "5039"];
}

export function cstaDraftOf(csta: SwitchView["csta"]): CstaDraft {
  if (csta == null) return NO_CSTA;
  const queue = ({ number, name, wrap_up_s }: { number: string; name?: string | null; wrap_up_s?: number }) => {
    const parts = wrap_up_s ? [number, name ?? "", String(wrap_up_s)] : [number, name ?? ""];
    return parts.join("; ").replace(/[; ]+$/, "");
  };
  return {
    dialect: csta.dialect ?? "",
    framing: csta.framing ?? "",
    phase: csta.phase == null ? "" : String(csta.phase),
    session: csta.session ?? "",
    switch_name: csta.switch_name ?? "",
    stations: (csta.stations ?? []).join(", "),
    queues: (csta.queues ?? []).map(queue).join("\n"),
    route_points: csta.route_points ?? [],
  };
}

/** What the server takes; of an open dialect only what was chosen. */
export function cstaBodyOf(kind: string, draft: CstaDraft) {
  const open = isOpen(kind, draft.dialect);
  const chosen = (text: string) => (open && text !== "" ? text : null);
  return {
    dialect: dialectOf(kind, draft.dialect)?.id ?? null,
    framing: chosen(draft.framing),
    phase: chosen(draft.phase) === null ? null : Number(draft.phase),
    session: chosen(draft.session),
    switch_name: kind === "avaya-dmcc" ? draft.switch_name.trim() : "",
    stations: draft.stations.split(/[,;\s]+/).filter((one) => one !== ""),
    queues: queueLines(draft.queues).map(([number = "", name = "", seconds = ""]) => ({ number, name: name || null, wrap_up_s: Number(seconds || 0) })),
    route_points: draft.route_points,
  };
}

export function cstaFaultsOf(draft: CstaDraft): Partial<Record<"stations" | "queues", CstaFault>> {
  const stations = draft.stations.split(/[,;\s]+/).filter((one) => one !== "");
  const isQueue = ([number = "", , seconds = "", ...more]: string[]) => /^\d+$/.test(number) && /^\d{0,4}$/.test(seconds) && more.length === 0;
  return {
    ...(stations.every((one) => /^\d+(-\d+)?$/.test(one)) ? {} : { stations: "station_form" }),
    ...(queueLines(draft.queues).every(isQueue) ? {} : { queues: "queue_form" }),
  };
}

function queueLines(text: string): string[][] {
  return text.split("\n").filter((line) => line.trim() !== "").map((line) => line.split(";").map((part) => part.trim()));
}
