//! One CSTA link without sockets and clocks: bytes and time go in, bytes and outputs come out.

mod output;

pub use output::{MonitorUse, Output, RequestId, Settled, Survey, SurveyedCall, Welcome};
