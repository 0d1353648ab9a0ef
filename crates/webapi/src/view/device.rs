//! Devices, assignments and the extension list.

use cti_core::fact::ExtensionRow;
use cti_core::ids::{AgentId, AssignmentId, CallId, DeviceId, ExtensionId, Native, SwitchId, UserId};
use cti_core::input::{DeviceKind, DeviceState};
use cti_core::permit::Capabilities;
use cti_core::state::{Assignment, Device, State};
use cti_core::time::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::view::word;

/// A device.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DeviceView {
    #[schema(value_type = String)]
    pub(crate) id: DeviceId,
    #[schema(value_type = String)]
    pub(crate) switch: SwitchId,
    /// The switch's id.
    #[schema(value_type = String)]
    pub(crate) pbx_id: Native,
    #[schema(value_type = String)]
    pub(crate) kind: DeviceKind,
    pub(crate) extension: Option<String>,
    pub(crate) name: Option<String>,
    #[schema(value_type = String)]
    pub(crate) state: DeviceState,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) since: Timestamp,
    /// Who has it now.
    #[schema(value_type = Option<String>)]
    pub(crate) user: Option<UserId>,
    #[schema(value_type = Option<String>)]
    pub(crate) agent: Option<AgentId>,
    /// Live calls here.
    #[schema(value_type = Vec<String>)]
    pub(crate) calls: Vec<CallId>,
    /// What it can do, by command: `supported`, `emulated` or `unsupported` with the reason.
    #[schema(value_type = Object)]
    pub(crate) capabilities: Capabilities,
}

/// A device.
pub(crate) fn device(state: &State, id: DeviceId, device: &Device) -> DeviceView {
    DeviceView {
        id,
        switch: device.switch.clone(),
        pbx_id: device.native.clone(),
        kind: device.kind,
        extension: device.extension.as_deref().map(ToOwned::to_owned),
        name: device.name.as_deref().map(ToOwned::to_owned),
        state: device.state,
        since: device.since,
        user: state.user_of(id),
        agent: device.agent,
        calls: device.legs.iter().map(|(call, _)| *call).collect(),
        capabilities: state.capabilities(id).cloned().unwrap_or_default(),
    }
}

/// A running assignment.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AssignmentView {
    #[schema(value_type = String)]
    pub(crate) id: AssignmentId,
    #[schema(value_type = String)]
    pub(crate) device: DeviceId,
    #[schema(value_type = String)]
    pub(crate) user: UserId,
    /// `fixed` or `hot_desk`.
    pub(crate) kind: String,
    /// True for the device that takes offers and click-to-dial.
    pub(crate) primary: bool,
    #[schema(value_type = String, format = DateTime)]
    pub(crate) from: Timestamp,
}

/// A running assignment.
pub(crate) fn assignment(id: AssignmentId, one: &Assignment) -> AssignmentView {
    AssignmentView {
        id,
        device: one.assigned.device,
        user: one.assigned.user,
        kind: word(&one.assigned.kind),
        primary: one.assigned.primary,
        from: one.from,
    }
}

/// A row of the extension list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExtensionView {
    #[schema(value_type = String)]
    pub(crate) id: ExtensionId,
    #[schema(value_type = String)]
    pub(crate) switch: SwitchId,
    /// What people dial.
    pub(crate) extension: String,
    /// Full number with country code.
    pub(crate) number: Option<String>,
    #[schema(value_type = Option<String>)]
    pub(crate) user: Option<UserId>,
    /// Contact person shown for the line.
    pub(crate) contact: Option<String>,
    /// Number that calls from here to numbers outside are shown under; none leaves it to the switch.
    pub(crate) caller_id: Option<String>,
    /// True has calls from here to numbers outside recorded.
    pub(crate) record: bool,
    pub(crate) active: bool,
    /// Devices that ring for it.
    #[schema(value_type = Vec<String>)]
    pub(crate) devices: Vec<DeviceId>,
}

/// A row of the extension list.
pub(crate) fn extension(state: &State, id: ExtensionId, row: &ExtensionRow) -> ExtensionView {
    let rings = |device: &Device| {
        device.switch == row.switch && device.extension.as_deref() == Some(row.extension.as_ref())
    };
    let devices = state.devices.iter().filter(|(_, device)| rings(device));
    ExtensionView {
        id,
        switch: row.switch.clone(),
        extension: row.extension.to_string(),
        number: row.number.as_deref().map(ToOwned::to_owned),
        user: row.user,
        contact: row.contact.as_deref().map(ToOwned::to_owned),
        caller_id: row.caller_id.as_deref().map(ToOwned::to_owned),
        record: row.record,
        active: row.active,
        devices: devices.map(|(id, _)| *id).collect(),
    }
}
