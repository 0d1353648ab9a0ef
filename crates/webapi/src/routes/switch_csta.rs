//! What a CSTA switch needs beyond what every switch has, as the API says it.

use serde::{Deserialize, Serialize};
use store::{CstaQueue, CstaRoutePoint, CstaSettings};
use utoipa::ToSchema;

/// How a CSTA switch speaks, and which of its devices are followed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct CstaView {
    /// Name of the dialect, for example `mitel-mx-one`; the standard's when not given.
    dialect: Option<String>,
    /// `xml`, `length2`, `hipath`, `tpkt` or `nul-xml`; only where the dialect lets choose.
    framing: Option<String>,
    /// 1, 2 or 3: phase of ASN.1; only where the dialect lets choose.
    phase: Option<u8>,
    /// `acse`, `bare`, `implicit` or `application`; only where the dialect lets choose.
    session: Option<String>,
    /// Avaya: name of the switch behind the server.
    switch_name: String,
    /// Numbers and ranges of phones that are followed beside those of people.
    #[schema(example = json!(["1001-1020", "1105"]))]
    stations: Vec<String>,
    /// Queues of the switch.
    queues: Vec<CstaQueueView>,
    /// Route points and pilots whose calls we send on.
    route_points: Vec<CstaRoutePointView>,
}

/// A route point or pilot of a CSTA switch: its calls go to a number, or are distributed by Tieline.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CstaRoutePointView {
    /// Its number.
    #[schema(example = "800")]
    device: String,
    /// The number its calls go to; when not given, they are distributed by Tieline.
    #[schema(example = "600")]
    #[serde(default)]
    target: Option<String>,
    /// How the switch holds them meanwhile: `route_loop` or `deflect_from_device`; the usual way of the dialect when not
    /// given. Not beside a target.
    #[serde(default)]
    held_by: Option<String>,
}

/// A queue of a CSTA switch.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CstaQueueView {
    /// Its number.
    #[schema(example = "600")]
    number: String,
    /// Name shown to people; the number when not given.
    #[serde(default)]
    name: Option<String>,
    /// Wrap-up that the switch gives after each call, seconds.
    #[serde(default)]
    wrap_up_s: u64,
}

impl From<CstaSettings> for CstaView {
    fn from(settings: CstaSettings) -> Self {
        let queue = |queue: CstaQueue| CstaQueueView {
            number: queue.number,
            name: queue.name,
            wrap_up_s: queue.wrap_up_s,
        };
        let point = |point: CstaRoutePoint| CstaRoutePointView {
            device: point.device,
            target: point.target,
            held_by: point.held_by,
        };
        Self {
            dialect: settings.dialect,
            framing: settings.framing,
            phase: settings.phase,
            session: settings.session,
            switch_name: settings.switch_name,
            stations: settings.stations,
            queues: settings.queues.into_iter().map(queue).collect(),
            route_points: settings.route_points.into_iter().map(point).collect(),
        }
    }
}

impl From<CstaView> for CstaSettings {
    fn from(view: CstaView) -> Self {
        let text = |text: Option<String>| text.filter(|text| !text.trim().is_empty());
        let queue = |queue: CstaQueueView| CstaQueue {
            number: queue.number,
            name: queue.name,
            wrap_up_s: queue.wrap_up_s,
        };
        let point = |point: CstaRoutePointView| CstaRoutePoint {
            device: point.device,
            target: text(point.target),
            held_by: text(point.held_by),
        };
        Self {
            dialect: text(view.dialect),
            framing: text(view.framing),
            phase: view.phase,
            session: text(view.session),
            switch_name: view.switch_name,
            stations: view.stations,
            queues: view.queues.into_iter().map(queue).collect(),
            route_points: view.route_points.into_iter().map(point).collect(),
        }
    }
}
