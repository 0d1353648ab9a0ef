// Salesforce, Open CTI for Lightning Experience. Page of the adapter: one that loads opencti_min.js of the own domain.
// Checked against the Open CTI Developer Guide (enableClickToDial, onClickToDial, onNavigationChange, screenPop,
// searchAndScreenPop, saveLog, refreshView, setSoftphonePanelVisibility, setSoftphonePanelHeight).
import { type Adapter, idIn, is, Logs, type Phone, seconds, subjectOf } from "./adapter";
import type { DeskMessages } from "../protocol";

interface Answer {
  success: boolean;
  returnValue?: unknown;
  errors?: unknown;
}

interface ClickToDial {
  number: string;
  recordId?: string;
  recordName?: string;
  objectType?: string;
}

interface OpenCti {
  SCREENPOP_TYPE: { SOBJECT: string; URL: string };
  CALL_TYPE: { INBOUND: string };
  enableClickToDial(args: { callback?: (answer: Answer) => void }): void;
  disableClickToDial(args: { callback?: (answer: Answer) => void }): void;
  onClickToDial(args: { listener: (payload: ClickToDial) => void }): void;
  onNavigationChange(args: { listener: (payload: Partial<ClickToDial> & { url?: string }) => void }): void;
  setSoftphonePanelVisibility(args: { visible: boolean }): void;
  setSoftphonePanelHeight(args: { heightPX: number }): void;
  screenPop(args: { type: string; params: object; callback?: (answer: Answer) => void }): void;
  searchAndScreenPop(args: { searchParams: string; queryParams: string; callType: string; deferred: boolean; callback?: (answer: Answer) => void }): void;
  saveLog(args: { value: Record<string, unknown>; callback: (answer: Answer) => void }): void;
  refreshView(args: object): void;
}

declare global {
  interface Window {
    sforce?: { opencti?: OpenCti };
  }
}

export function salesforce(): Adapter {
  const cti = window.sforce?.opencti;
  if (cti === undefined) throw new Error("sforce.opencti is not there: load …/lightning/opencti_min.js of your domain before this");
  let logs: Logs | null = null;
  let isOn = false;
  return {
    start(phone) {
      logs = new Logs(phone, "Task");
      cti.onClickToDial({ listener: (click) => phone.dial(click.number, recordOf(click)) });
      cti.onNavigationChange({ listener: (shown) => phone.recordShown(recordOf(shown) ?? null) });
    },
    on(type, data) {
      if (is("state", type, data) && data.signed_in !== isOn) {
        isOn = data.signed_in;
        if (isOn) cti.enableClickToDial({});
        else cti.disableClickToDial({});
      }
      if (is("call.offered", type, data) && !data.resumed) cti.setSoftphonePanelVisibility({ visible: true });
      if (is("resize", type, data)) cti.setSoftphonePanelHeight({ heightPX: data.height });
      if (is("screen.pop", type, data)) pop(cti, data);
      if (is("call.log", type, data)) void logs?.save(data, () => save(cti, make(data)), (id) => save(cti, { Id: id, ...texts(data) }).then(() => undefined));
    },
  };
}

function recordOf({ recordId, objectType, recordName }: Partial<ClickToDial>): Parameters<Phone["dial"]>[1] {
  if (!recordId) return undefined;
  return { type: (objectType || "record").slice(0, 80), id: recordId.slice(0, 120), ...(recordName ? { name: recordName.slice(0, 200) } : {}) };
}

function pop(cti: OpenCti, { call, url }: DeskMessages["screen.pop"]): void {
  const recordId = idIn(call, "salesforce");
  if (url !== null) cti.screenPop({ type: cti.SCREENPOP_TYPE.URL, params: { url } });
  else if (recordId !== null) cti.screenPop({ type: cti.SCREENPOP_TYPE.SOBJECT, params: { recordId } });
  else if (call.number !== null) cti.searchAndScreenPop({ searchParams: call.number, queryParams: "", callType: cti.CALL_TYPE.INBOUND, deferred: false });
}

const texts = (log: DeskMessages["call.log"]) => ({ Description: log.note, ...(log.category === null ? {} : { CallDisposition: log.category }) });

function make(log: DeskMessages["call.log"]): Record<string, unknown> {
  const { call, record } = log;
  const isPerson = record !== null && ["Contact", "Lead"].includes(record.type);
  const own = idIn(call, "salesforce");
  const link = record === null ? (own === null ? {} : { WhoId: own }) : isPerson ? { WhoId: record.id } : { WhatId: record.id };
  return {
    entityApiName: "Task",
    TaskSubtype: "Call",
    Status: "Completed",
    Subject: subjectOf(log),
    CallType: call.direction === "outbound" ? "Outbound" : call.direction === "inbound" ? "Inbound" : "Internal",
    CallDurationInSeconds: seconds(log.duration_ms),
    CallObject: call.id,
    ActivityDate: log.ended_at.slice(0, 10),
    ...texts(log),
    ...link,
  };
}

/** The id of the record that was saved. */
function save(cti: OpenCti, value: Record<string, unknown>): Promise<string> {
  return new Promise((resolve, reject) => {
    cti.saveLog({
      value,
      callback: ({ success, returnValue, errors }) => {
        if (!success) return reject(new Error(JSON.stringify(errors ?? "saveLog was refused")));
        cti.refreshView({});
        resolve(idOf(returnValue));
      },
    });
  });
}

/** Older versions give the id itself, newer ones an object with it. */
function idOf(value: unknown): string {
  if (typeof value === "object" && value !== null && "recordId" in value) return String(value.recordId);
  return String(value);
}
