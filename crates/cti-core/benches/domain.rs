//! Inputs per second of the domain on one core, at sites of different size (architecture §8: ≥ 300 000, flat).
#![allow(missing_docs, clippy::allow_attributes, reason = "criterion's macros make undocumented items")]
#![expect(clippy::unwrap_used, reason = "a bench stops at the first surprise")]

use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use cti_core::domain::Domain;
use cti_core::fact::Cause;
use cti_core::ids::{Native, SwitchId};
use cti_core::input::{DeviceKind, DeviceRef, Endpoint, Input, LinkChange, PartyInfo, SwitchEvent};
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use cti_core::time::Timestamp;

const INPUTS_PER_CALL: u64 = 8;

struct Site {
    domain: Domain,
    now: Timestamp,
    calls: u64,
    devices: u64,
}

fn endpoint(connection: String, device: u64) -> Endpoint {
    let extension: Arc<str> = format!("{}", 10_000 + device).into();
    Endpoint {
        connection: Native::from(connection),
        device: DeviceRef {
            native: Native::from(format!("PJSIP/{extension}")),
            kind: DeviceKind::Station,
            extension: Some(extension),
        },
        party: PartyInfo::default(),
        queue: None,
    }
}

impl Site {
    /// A site whose devices are all known, with a call up at every tenth.
    fn new(devices: u64) -> Self {
        let now = Timestamp::from_micros(1_795_000_000_000_000);
        let mut site = Self { domain: Domain::new(1), now, calls: 0, devices };
        let change = LinkChange::Configured {
            name: "PBX".into(),
            plan: NumberPlan { extension_pattern: "1XXXX".into(), ..NumberPlan::default() },
            policy: DialPolicy::default(),
            log_all: true,
        };
        let _ = site.domain.handle(now, Input::Link { switch: SwitchId::from("pbx"), change });
        for device in 0..devices {
            let device = endpoint(String::new(), device).device;
            site.event(SwitchEvent::Device { device, name: None, capabilities: None });
        }
        for at in 0..devices / 10 {
            let call = Native::from(format!("standing{at}"));
            let from = endpoint(format!("s{at}"), at * 10);
            site.event(SwitchEvent::Originated { call, from, dialled: Some("10001".into()) });
        }
        site
    }

    fn event(&mut self, event: SwitchEvent) {
        self.now = self.now.plus_millis(1);
        let decision = self
            .domain
            .handle(self.now, Input::Switch { switch: SwitchId::from("pbx"), at: self.now, event });
        std::hint::black_box(decision);
    }

    /// The inputs of one internal call: rings, talks, is held and retrieved, ends.
    fn script(&mut self) -> Vec<SwitchEvent> {
        self.calls += 1;
        let call = Native::from(format!("{}.{}", 1_795_000_000, self.calls));
        let (a, b) = ((self.calls * 7) % self.devices, (self.calls * 7 + 3) % self.devices);
        let from = endpoint(format!("a{}", self.calls), a);
        let to = endpoint(format!("b{}", self.calls), b);
        let (one, two) = (from.connection.clone(), to.connection.clone());
        let cleared = |connection: &Native, by_party| SwitchEvent::Cleared {
            call: call.clone(),
            connection: connection.clone(),
            cause: Cause::Normal,
            by_party,
        };
        vec![
            SwitchEvent::Originated { call: call.clone(), from, dialled: to.device.extension.clone() },
            SwitchEvent::Delivered {
                call: call.clone(),
                to: to.clone(),
                calling: PartyInfo::default(),
                dialled: None,
            },
            SwitchEvent::Established { call: call.clone(), to },
            SwitchEvent::Held { call: call.clone(), connection: two.clone() },
            SwitchEvent::Retrieved { call: call.clone(), connection: two.clone() },
            SwitchEvent::CallData {
                call: call.clone(),
                data: std::iter::once(("k".into(), "v".into())).collect(),
            },
            cleared(&one, true),
            cleared(&two, false),
        ]
    }
}

fn domain(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("domain");
    group.throughput(Throughput::Elements(INPUTS_PER_CALL * 100));
    for devices in [100, 1_000, 10_000] {
        let mut site = Site::new(devices);
        group.bench_function(format!("{devices} devices"), |bencher| {
            // Writing the script is part of the measured time: the figure is an upper bound.
            bencher.iter(|| {
                for _ in 0..100 {
                    for event in site.script() {
                        site.event(event);
                    }
                }
            });
        });
        assert_eq!(u64::try_from(site.domain.state().calls.len()).unwrap(), devices / 10);
    }
    group.finish();
}

criterion_group!(benches, domain);
criterion_main!(benches);
