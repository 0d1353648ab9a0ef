//! ECMA-269 in one set of types, whatever encoding and phase carried it.
//!
//! Names are those of the standard. Fields that no decision of ours needs are not here: a decoder keeps them in
//! [`More::private`] when they are private data and drops them otherwise; the raw frame is kept beside as evidence.

mod cause;
mod decoration;
mod event;
mod fault;
mod id;
mod service;
mod state;

pub use cause::EventCause;
pub use decoration::{Decorated, decoration};
pub use event::{ConnectionListItem, Event, EventReport, More};
pub use fault::{Fault, FaultCategory, Outcome, shown};
pub(crate) use fault::{PRIVATE_DATA_ERROR, fault_code, fault_word};
pub use id::{
    CallId, CallLinkage, ConnectionId, CrossRef, DeviceId, InvokeId, LocalDevice, NumberKind, Octets, Party,
    Private, Secret, Stamp,
};
pub use service::{
    AgentEntry, AgentGroupState, AppSession, AutoOriginate, DeviceCategory, ListedDevice, MonitorFilter,
    MonitorObject, MonitorType, Participation, Request, RequestTypes, Response, SessionRefusal,
    SnapshotCallItem, SnapshotDeviceItem,
};
pub use state::{AgentState, ConnectionState, RequestedAgentState, SystemStatus};

/// One message of either direction.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// A service is asked for. Whether it is answered says [`Request::is_confirmed`].
    Request {
        /// Id that the answer repeats; each direction counts for itself.
        id: InvokeId,
        /// What is asked.
        request: Request,
    },
    /// A positive answer.
    Response {
        /// Id of the request.
        id: InvokeId,
        /// What is answered.
        response: Response,
    },
    /// A negative answer: universalFailure, a ROSE Reject or a negative ECMA-354 response.
    Fault {
        /// Id of the request; none when the peer could not even read it (ROSE Reject with NULL).
        id: Option<InvokeId>,
        /// Why.
        fault: Fault,
    },
    /// Something happened at a monitored object.
    Event(Box<EventReport>),
    /// Well-formed, but no message of ours: counted and kept as evidence.
    Unknown {
        /// Id of the message, where it has one.
        id: Option<InvokeId>,
        /// Name of the root element, or `operation 371`, `event 2/3`.
        name: String,
    },
}
