//! CSTA, the way computers talk to telephone switches (ECMA-269): codecs, dialects, session. No I/O, no clock.
//!
//! ```text
//! bytes ─▶ frame ─▶ xml | ber ─▶ model::Message ─▶ session ─▶ crate `links`
//! bytes ◀─ frame ◀─ xml | ber ◀─ model::Message ◀─ session ◀─ crate `links`
//! ```
//!
//! One [`model`] in the words of ECMA-269 stands between the two encodings: ASN.1 (ECMA-285, and ECMA-218 and
//! ECMA-180 before it) and XML (ECMA-323, ECMA-354). What a switch says beyond the model is kept verbatim; it is never
//! an error. Both ends of the wire are here: the simulator encodes what the daemon decodes.

pub mod ber;
pub mod dialect;
pub mod error;
pub mod explain;
pub mod frame;
pub mod model;
pub mod session;
pub mod wire;
pub mod xml;

pub use error::{Malformed, Unencodable};
pub use model::Message;
