//! A switch with its phones, its carrier and two manager sessions: the place where stories are played.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Mutex;

use crate::asterisk::{Asterisk, Flavour, HOUSE, OUTSIDE, PHONES, Version};
use crate::diary::Diary;
use crate::peers::free_port;
use crate::phone::{Identity, Phone};
use crate::wire::{Message, Wire};
use crate::{Result, Trouble};

/// Number of the first customer, who is also reached by it from inside (`0` and this).
pub const CUSTOMER: &str = "420555111222";

/// Number of the second customer, who only calls.
pub const SECOND_CUSTOMER: &str = "420555333444";

/// Lists a middleware asks for when it connects, in its order.
const RESYNC: [&str; 9] = [
    "CoreSettings",
    "CoreStatus",
    "CoreShowChannels",
    "QueueStatus",
    "DeviceStateList",
    "ExtensionStateList",
    "ParkedCalls",
    "PJSIPShowEndpoints",
    "PJSIPShowContacts",
];

/// Lists answered by one message instead of a list.
const SINGLE: [&str; 2] = ["CoreSettings", "CoreStatus"];

/// The laboratory of one test.
#[derive(Debug)]
pub struct Lab {
    /// The switch.
    pub asterisk: Asterisk,
    /// Session of the event user, begun with [`Lab::begin`].
    pub events: Wire,
    /// Session of the action user.
    pub actions: Wire,
    /// 1001, an agent.
    pub alice: Phone,
    /// 1002, an agent.
    pub bob: Phone,
    /// 1003, an agent.
    pub carol: Phone,
    /// 1004, forwards to 1005 when nobody answers.
    pub dave: Phone,
    /// 1005.
    pub erin: Phone,
    /// 1006, goes to voice mail when nobody answers.
    pub frank: Phone,
    /// Where 1009 is for who plays it: it does not register.
    pub ivan_port: u16,
    /// The first customer, outside.
    pub customer: Phone,
    /// The second customer, outside.
    pub second_customer: Phone,
    /// What people did since the story began.
    pub diary: Diary,
    /// Events before this position were waited for already.
    cursor: Mutex<usize>,
}

impl Lab {
    /// Starts a switch and all phones; everything stands when this returns.
    pub async fn start(version: Version, flavour: Flavour) -> Result<Self> {
        let ivan_port = free_port(HOUSE)?;
        let asterisk = Asterisk::start_with(version, flavour, &[("1009", ivan_port)]).await?;
        let switch = SocketAddr::new(HOUSE, asterisk.sip_port);
        let diary = Diary::default();
        let inside = |number: &'static str| inside_phone(number, switch, &diary);
        let outside = |number: &'static str, port| outside_phone(number, port, switch, &diary);
        Ok(Self {
            alice: inside("1001").await?,
            bob: inside("1002").await?,
            carol: inside("1003").await?,
            dave: inside("1004").await?,
            erin: inside("1005").await?,
            frank: inside("1006").await?,
            ivan_port,
            customer: outside(CUSTOMER, Some(asterisk.trunk_port)).await?,
            second_customer: outside(SECOND_CUSTOMER, None).await?,
            events: asterisk.events().await?,
            actions: asterisk.actions().await?,
            asterisk,
            diary,
            cursor: Mutex::default(),
        })
    }

    /// Opens a fresh event session as a middleware does: login, `FullyBooted`, then the lists. Phones and diary
    /// start anew.
    pub async fn begin(&mut self) -> Result<()> {
        self.diary.clear();
        for phone in self.phones() {
            phone.forget();
        }
        self.link().await
    }

    /// Opens a fresh event session and asks for the lists; what people did so far stays in the diary.
    pub async fn link(&mut self) -> Result<()> {
        self.events = self.asterisk.events().await?;
        self.events.until("FullyBooted", 0, |message| message.is("FullyBooted")).await?;
        for list in RESYNC {
            if SINGLE.contains(&list) {
                self.events.action(&[("Action", list)]).await?;
            } else {
                self.events.list(&[("Action", list)]).await?;
            }
        }
        self.set_cursor(self.events.mark());
        Ok(())
    }

    /// All phones, inside and outside.
    pub fn phones(&self) -> [&Phone; 8] {
        [
            &self.alice,
            &self.bob,
            &self.carol,
            &self.dave,
            &self.erin,
            &self.frank,
            &self.customer,
            &self.second_customer,
        ]
    }

    /// The three agents of the queues.
    pub fn agents(&self) -> [&Phone; 3] {
        [&self.alice, &self.bob, &self.carol]
    }

    /// Waits until one of these phones rings, and gives it.
    pub async fn first_ringing<'a>(&self, phones: &[&'a Phone]) -> Result<&'a Phone> {
        let (alerting, _) = self
            .sees("one of the agents rings", |message| {
                message.is("DeviceStateChange")
                    && message.get("State") == "RINGING"
                    && phones.iter().any(|phone| message.get("Device") == format!("PJSIP/{}", phone.number))
            })
            .await?;
        let device = alerting.get("Device").to_owned();
        let ringing = phones.iter().find(|phone| device == format!("PJSIP/{}", phone.number));
        let ringing = ringing.ok_or_else(|| Trouble::new("a phone that is none of ours rings"))?;
        ringing.rings().await?;
        Ok(ringing)
    }

    /// Waits for the next event of that name which was not waited for yet.
    pub async fn sees_event(&self, event: &str) -> Result<Message> {
        Ok(self.sees(event, |message| message.is(event)).await?.0)
    }

    /// Waits for the next message that `wanted` accepts and that was not waited for yet; gives it and its position.
    pub async fn sees(&self, what: &str, wanted: impl Fn(&Message) -> bool) -> Result<(Message, usize)> {
        let from = *self.cursor.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let (at, message) = self.events.until(what, from, wanted).await?;
        self.set_cursor(at + 1);
        Ok((message, at))
    }

    /// Waits until each of these devices (`PJSIP/1001`, `PJSIP/trunk`) is in a bridge with somebody.
    pub async fn connected(&self, devices: &[&str]) -> Result<()> {
        let what = format!("{devices:?} to be connected");
        self.events
            .settles(&what, |messages| {
                let talking = talking(messages);
                devices
                    .iter()
                    .all(|device| talking.iter().any(|channel| channel.starts_with(&format!("{device}-"))))
            })
            .await
    }

    /// Waits until the switch is idle: every channel hung up and every device and queue member said so.
    pub async fn quiet(&self) -> Result<()> {
        let quiet =
            self.events.settles("the switch to be quiet", |messages| unrest(messages).is_empty()).await;
        quiet
            .map_err(|error| Trouble(format!("{error}\nstill busy: {:?}", unrest(&self.events.since(0)))))?;
        // What was published before the last of these may still be queued; an answer comes behind it.
        self.events.action(&[("Action", "Ping")]).await?;
        Ok(())
    }

    /// Name of the youngest channel whose name starts so, of those this session saw begin or found in its lists.
    pub fn channel(&self, start: &str) -> Result<String> {
        let messages = self.events.since(0);
        let born =
            messages.iter().filter(|message| message.is("Newchannel") || message.is("CoreShowChannel"));
        let name = born.map(|message| message.get("Channel")).rfind(|name| name.starts_with(start));
        name.map(ToOwned::to_owned).ok_or_else(|| Trouble::new(format!("no channel {start} was seen")))
    }

    /// Runs an action of the action user, after noting in the diary what the desk does.
    pub async fn desk(&self, deed: &str, headers: &[(&str, &str)]) -> Result<Message> {
        self.diary.note(format!("desk: {deed}"));
        self.actions.action(headers).await
    }

    /// A SIP detail of a channel: `call-id`, `local_tag`, `remote_tag`.
    pub async fn sip_detail(&self, channel: &str, detail: &str) -> Result<String> {
        let variable = format!("CHANNEL(pjsip,{detail})");
        let headers = [("Action", "Getvar"), ("Channel", channel), ("Variable", variable.as_str())];
        Ok(self.actions.action(&headers).await?.get("Value").to_owned())
    }

    fn set_cursor(&self, position: usize) {
        *self.cursor.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = position;
    }
}

/// Starts one of the switch's own phones and waits until it is registered.
pub async fn inside_phone(number: &str, switch: SocketAddr, diary: &Diary) -> Result<Phone> {
    let name = PHONES.iter().find(|(known, _)| *known == number).map_or("", |(_, name)| name);
    let identity = Identity {
        number: number.to_owned(),
        name: name.to_owned(),
        secret: Some(format!("lab-{number}")),
        ip: HOUSE,
        port: None,
    };
    Phone::start(&identity, switch, diary).await
}

/// Starts a phone of the carrier's world. The first customer is also reached from inside, at the trunk's `port`.
pub async fn outside_phone(
    number: &str,
    port: Option<u16>,
    switch: SocketAddr,
    diary: &Diary,
) -> Result<Phone> {
    let identity =
        Identity { number: number.to_owned(), name: String::new(), secret: None, ip: OUTSIDE, port };
    Phone::start(&identity, switch, diary).await
}

/// Names of the channels that are in a bridge with at least one other.
fn talking(messages: &[Message]) -> BTreeSet<String> {
    let mut bridges: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for message in messages {
        let (bridge, uid) = (message.get("BridgeUniqueid"), message.get("Uniqueid"));
        if message.is("BridgeEnter") {
            let members = bridges.entry(bridge.to_owned()).or_default();
            members.insert(uid.to_owned(), message.get("Channel").to_owned());
        } else if message.is("BridgeLeave") {
            bridges.entry(bridge.to_owned()).or_default().remove(uid);
        }
    }
    bridges.into_values().filter(|members| members.len() > 1).flat_map(BTreeMap::into_values).collect()
}

/// Channels that live and devices that are busy, as far as these messages tell.
fn unrest(messages: &[Message]) -> Vec<String> {
    let mut busy = BTreeSet::new();
    for message in messages {
        let member = format!("{} in {}", message.get("Interface"), message.get("Queue"));
        let device = message.get("Device").to_owned();
        if message.is("Newchannel") || message.is("CoreShowChannel") {
            busy.insert(message.get("Uniqueid").to_owned());
        } else if message.is("Hangup") {
            busy.remove(message.get("Uniqueid"));
        } else if message.is("DeviceStateChange") && device.starts_with("PJSIP/") {
            let idle = matches!(message.get("State"), "NOT_INUSE" | "UNAVAILABLE" | "INVALID" | "UNKNOWN");
            if idle {
                busy.remove(&device)
            } else {
                busy.insert(device)
            };
        } else if message.is("QueueMemberStatus") {
            let idle = matches!(message.get("Status"), "0" | "1" | "4" | "5");
            if idle {
                busy.remove(&member)
            } else {
                busy.insert(member)
            };
        } else if message.is("QueueMemberRemoved") {
            busy.remove(&member);
        }
    }
    busy.into_iter().collect()
}
