// Names of the API for the desk: each is a generated type, none is written here anew.
import type { components } from "./generated/rest";

type Schemas = components["schemas"];

export type AgentView = Schemas["AgentView"];
export type CallContact = Schemas["CallContactView"];
/** A call as `view:calls` and `/v1/calls/{id}` send it. */
export type CallDetail = Schemas["CallDetailView"];
export type CheckStep = Schemas["CheckStep"];
export type CommandView = Schemas["CommandView"];
export type ContactImport = Schemas["ContactImportView"];
export type ContactMatch = Schemas["MatchView"];
export type ContactView = Schemas["ContactView"];
export type DeviceView = Schemas["DeviceView"];
export type ExtensionRequest = Schemas["ExtensionRequest"];
export type ExtensionView = Schemas["ExtensionView"];
export type Finding = Schemas["Finding"];
/** A row of `/v1/contacts/history`. */
export type HistoryRow = Schemas["HistoryView"];
export type Impact = Schemas["Impact"];
export type LinkView = Schemas["LinkView"];
export type LookupView = Schemas["LookupView"];
export type MappingImport = Schemas["MappingImportView"];
export type NumberPlan = Schemas["NumberPlanView"];
export type PopLogView = Schemas["PopLogView"];
export type PopPreview = Schemas["PreviewReply"];
export type PopRule = Schemas["PopRuleView"];
export type PopView = Schemas["PopView"];
export type Preferences = Schemas["Preferences"];
/** A queue as `view:queues` sends it. */
export type QueueNow = Schemas["QueueBoardView"];
export type QueueView = Schemas["QueueView"];
export type RefusedRow = Schemas["RefusedRow"];
export type SetupView = Schemas["SetupView"];
export type SwitchBody = Schemas["SwitchRequest"];
export type SwitchView = Schemas["SwitchView"];
export type OwnRange = Schemas["OwnRangeView"];
export type UserPatch = Schemas["UserPatch"];
export type UserView = Schemas["UserView"];

// Distribution and work beside calls.
export type AgentProfile = Schemas["AgentProfile"];
export type Block = Schemas["Block"];
export type Calendar = Schemas["Calendar"];
export type CallbackForm = Schemas["CallbackForm"];
/** When a callback is made that was ordered by key. */
export type CallbackWhen = Schemas["CallbackWhen"];
export type CallMatch = Schemas["CallMatch"];
export type CategoryChoice = Schemas["DispositionChoiceView"];
export type Condition = Schemas["Condition"];
export type EntryPreview = Schemas["EntryPreviewReply"];
export type EntryPreviewWish = Schemas["EntryPreviewRequest"];
export type EntryRule = Schemas["EntryRule"];
export type Interaction = Schemas["InteractionView"];
export type Membership = Schemas["MembershipView"];
export type MissedCall = Schemas["MissedView"];
export type Opening = Schemas["Opening"];
export type PauseReason = Schemas["ReasonView"];
export type QueueDetail = Schemas["QueueDetailView"];
/** A queue beyond one of its limits. */
export type QueueAlert = Schemas["AlertView"];
export type QueueLimits = Schemas["QueueLimitsView"];
export type QueueSettings = Schemas["QueueSettings"];
export type QueueTouch = Schemas["QueueTouch"];
export type SkillNeed = Schemas["SkillNeed"];
export type Target = Schemas["Target"];
export type WorkWish = Schemas["WorkWish"];
