// Dynamics 365, Channel Integration Framework 2.0. Page of the channel provider: one that loads msdyn_ciLibrary.js.
// Checked against the JavaScript reference of CIF (CIFInitDone, onclicktoact, setClickToAct, searchAndOpenRecords,
// openForm, createRecord, updateRecord, setMode). Records come back as JSON in a string.
import { type Adapter, idIn, is, Logs, subjectOf } from "./adapter";
import type { DeskMessages } from "../protocol";

interface Cif {
  addHandler(event: string, handler: (data: string) => void): void;
  setClickToAct(on: boolean): Promise<unknown>;
  setMode(mode: number): Promise<unknown>;
  getEnvironment(): Promise<unknown>;
  searchAndOpenRecords(entity: string, query: string, searchOnly: boolean): Promise<string>;
  openForm(options: string): Promise<unknown>;
  createRecord(entity: string, data: string): Promise<string>;
  updateRecord(entity: string, id: string, data: string): Promise<string>;
}

declare global {
  interface Window {
    Microsoft?: { CIFramework?: Cif };
  }
}

const DOCKED = 1;
const COLUMNS = ["telephone1", "mobilephone", "telephone2"];

export function dynamics(): Adapter {
  let cif: Cif | null = null;
  let logs: Logs | null = null;
  let isOn = false;
  const offer = () => void cif?.setClickToAct(isOn).catch(complain);
  return {
    start(phone, _into, options) {
      const entity = options.entity ?? "contact";
      const begin = () => {
        const found = window.Microsoft?.CIFramework;
        if (cif !== null || found === undefined) return;
        cif = found;
        logs = new Logs(phone, "phonecall");
        cif.addHandler("onclicktoact", (text) => {
          const { value, entityLogicalName, entityId } = read(text);
          if (value) phone.dial(value, entityId ? { type: entityLogicalName ?? entity, id: bare(entityId) } : undefined);
        });
        offer();
      };
      // Nothing may be asked before this event; who came after it learns by the first answer.
      window.addEventListener("CIFInitDone", begin);
      void window.Microsoft?.CIFramework?.getEnvironment().then(begin, complain);
    },
    on(type, data) {
      if (is("state", type, data) && data.signed_in !== isOn) {
        isOn = data.signed_in;
        offer();
      }
      if (cif === null) return;
      const there = cif;
      if (is("call.offered", type, data) && !data.resumed) void there.setMode(DOCKED).catch(complain);
      if (is("screen.pop", type, data)) void pop(there, data).catch(complain);
      if (is("call.log", type, data)) void logs?.save(data, async () => idOf(await there.createRecord("phonecall", JSON.stringify(make(data)))), async (id) => void (await there.updateRecord("phonecall", id, JSON.stringify({ description: data.note }))));
    },
  };
}

function complain(error: unknown): void {
  console.error("tieline: Dynamics refused", error);
}

interface Click {
  value?: string;
  entityLogicalName?: string;
  entityId?: string;
}

function read(text: string): Click {
  try {
    const click: unknown = JSON.parse(text);
    return typeof click === "object" && click !== null ? click : {};
  } catch {
    return {};
  }
}

/** Dynamics writes ids with and without braces. */
const bare = (id: string): string => id.replace(/[{}]/g, "").slice(0, 120);

async function pop(cif: Cif, { call, url }: DeskMessages["screen.pop"]): Promise<void> {
  const entityId = idIn(call, "dynamics", "dynamics365", "dataverse");
  if (url !== null) window.open(url, "tieline-pop", "noopener");
  else if (entityId !== null) await cif.openForm(JSON.stringify({ entityName: "contact", entityId }));
  else if (call.number !== null) await cif.searchAndOpenRecords("contact", queryOf(call.number), false);
}

/** Contacts that have this number in one of their fields; several are shown to choose from. */
export function queryOf(number: string): string {
  // A bare plus sign would be read as a blank.
  const digits = encodeURIComponent(number.replace(/[^0-9+*#]/g, ""));
  const filter = COLUMNS.map((column) => `${column} eq '${digits}'`).join(" or ");
  return `?$select=fullname,${COLUMNS.join(",")}&$filter=${filter}&$search=${digits}`;
}

function make(log: DeskMessages["call.log"]): Record<string, unknown> {
  const { call, record } = log;
  return {
    subject: subjectOf(log),
    description: log.note,
    phonenumber: call.number ?? "",
    directioncode: call.direction === "outbound",
    actualdurationminutes: Math.ceil(log.duration_ms / 60_000),
    actualstart: call.started_at,
    actualend: log.ended_at,
    ...(record === null || !/^[a-z_]+$/.test(record.type) ? {} : { [`regardingobjectid_${record.type}@odata.bind`]: `/${record.type}s(${record.id})` }),
  };
}

function idOf(answer: string): string {
  const made: unknown = JSON.parse(answer);
  if (typeof made === "object" && made !== null && "id" in made) return String(made.id);
  throw new Error("createRecord gave no id");
}
