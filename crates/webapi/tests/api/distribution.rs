//! Calls of queues, of the PBX and of our own, as the switch tells of them.

use std::net::Ipv4Addr;

use axum::body::Body;
use axum::http::{Request, header};
use cti_core::fact::Waits;
use cti_core::ids::CallId;
use cti_core::input::{
    DeviceState, Input, LinkChange, MemberSeen, PartyInfo, Reported, Snapshot, SwitchEvent,
};
use cti_core::permit::{CommandName, Support};
use webapi::PeerAddress;
use webapi::ports::Switchboard as _;

use super::{Answer, World, endpoint, station};

impl World {
    /// The switch comes back as one that rings telephones outside, too.
    pub(crate) async fn rings_outside(&self) {
        let mut capabilities =
            self.look(|state| state.switches.values().next().unwrap().capabilities.clone()).await;
        capabilities.insert(CommandName::OfferOutside, Support::Supported);
        self.link(LinkChange::Up { version: "22.10.1".into(), capabilities }).await;
    }

    /// Sends a form as a browser does that shows a page of `origin`.
    pub(crate) async fn post_form(
        &self,
        path: &str,
        origin: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Answer {
        self.post_form_from(0, path, origin, fields).await
    }

    /// The same by a visitor of its own address.
    pub(crate) async fn post_form_from(
        &self,
        visitor: u32,
        path: &str,
        origin: Option<&str>,
        fields: &[(&str, &str)],
    ) -> Answer {
        let mut request = Request::post(path)
            .header(header::HOST, "cti.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(origin) = origin {
            request = request.header(header::ORIGIN, origin);
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let mut request = request.body(Body::from(body)).unwrap();
        request.extensions_mut().insert(PeerAddress(Ipv4Addr::from_bits(visitor).into()));
        self.answer(request).await
    }

    /// The switch shows its whole picture: nobody calls, and the phones are free. Before that nothing is offered.
    pub(crate) async fn picture(&self) {
        let member = |extension: &str| MemberSeen {
            queue: "sales".into(),
            device: station(extension),
            name: extension.into(),
            paused: false,
            reason: None,
            dynamic: true,
        };
        let free = |extension: &str| (station(extension), Reported::Known(DeviceState::Idle));
        let snapshot = Snapshot {
            boot_epoch: "boot 1".into(),
            calls: Vec::new(),
            queues: Vec::new(),
            members: ["1001", "1002"].map(member).into(),
            devices: ["1001", "1002", "1003"].map(free).into(),
        };
        self.tell(Input::Snapshot { switch: "praha".into(), at: self.board.now(), snapshot }).await;
    }

    /// A queue rings a member for a call that waits in it, and the member answers.
    pub(crate) async fn offered(&self, key: &str, extension: &str, queue: &str) {
        let mut to = endpoint(&format!("{key}-{extension}"), station(extension));
        to.queue = Some(queue.into());
        self.event(SwitchEvent::Delivered {
            call: key.into(),
            to: to.clone(),
            calling: PartyInfo::default(),
            dialled: None,
        })
        .await;
        self.event(SwitchEvent::Established { call: key.into(), to }).await;
    }

    /// An outside caller arrives at a place where the switch holds it for us.
    pub(crate) async fn arrives(&self, key: &str, point: &str) -> CallId {
        let call = self.outside(key).await;
        self.event(SwitchEvent::RouteRequested {
            call: key.into(),
            connection: format!("{key}-out").into(),
            point: point.into(),
            waits: Waits::Held,
        })
        .await;
        call
    }
}
