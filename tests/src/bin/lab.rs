//! `lab [16|22] [plain|freepbx] [PHONE …]`: the laboratory as a program, for suites that are not written in Rust.
//!
//! Starts a real Asterisk, the phones named (1001 to 1010; 1001, 1002 and 1003 when none is) and two customers outside
//! (`customer`, `customer2`). `lab at ADDRESS:PORT [PHONE …]` starts the phones and customers alone, at a switch that
//! somebody else runs. Prints one line of JSON that says where everything is, then takes orders on standard
//! input, one JSON object a line, and answers each with one: `{"id":1,"do":"dial","phone":"customer","to":"…"}` gives
//! `{"id":1,"ok":true}` or `{"id":1,"ok":false,"error":"…"}`. Orders run side by side. At the end of its input it ends
//! everything.
#![expect(clippy::print_stdout, reason = "this is how it talks to the suite")]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json};
use tests::asterisk::{Asterisk, Flavour, HOUSE, PHONES, Version};
use tests::diary::Diary;
use tests::lab::{CUSTOMER, SECOND_CUSTOMER, inside_phone, outside_phone};
use tests::phone::Phone;
use tests::{Result, Trouble};
use tokio::sync::{Mutex, mpsc};
use tokio::task::JoinSet;

/// One line of input.
#[derive(Debug, Deserialize)]
struct Order {
    id: u64,
    #[serde(flatten)]
    deed: Deed,
}

/// What can be ordered. Those that wait end when it has come, or with what came instead.
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
enum Deed {
    /// The phone dials a number.
    Dial { phone: String, to: String },
    /// Waits until the phone rings.
    Rings { phone: String },
    /// Answers the ringing call and waits until it talks.
    Answer { phone: String },
    /// Waits until a call of the phone is answered, by whichever side.
    Talks { phone: String },
    /// Hangs up, or rejects the ringing call, and waits until it is over.
    HangUp { phone: String },
    /// Waits until a call of the phone is over.
    Free { phone: String },
    /// Puts the current call on hold.
    Hold { phone: String },
    /// Takes the current call off hold.
    Resume { phone: String },
    /// Transfers the current call.
    Transfer { phone: String, to: String },
    /// Sends digits in the current call.
    Digits { phone: String, digits: String },
    /// Forgets what the phone did so far: the next wait is for what comes now.
    Forget { phone: String },
    /// A manager action of the action user; answers with its first message.
    Action { headers: BTreeMap<String, String> },
    /// Ends the switch (`how` = `restart`) or kills it (`crash`), and starts it again.
    Again { how: Again },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Again {
    Restart,
    Crash,
}

struct Room {
    /// None when somebody else runs the switch.
    asterisk: Option<Mutex<Asterisk>>,
    sip: SocketAddr,
    phones: BTreeMap<String, Phone>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let room = Arc::new(Room::start(&arguments).await?);
    println!("{}", room.introduction().await);
    let mut lines = input();
    // Dropped at the end of the input: what is under way then is not waited for.
    let mut orders = JoinSet::new();
    while let Some(line) = lines.recv().await {
        let room = Arc::clone(&room);
        orders.spawn(async move { println!("{}", room.answer(&line).await) });
        while orders.try_join_next().is_some() {}
    }
    Ok(())
}

/// Lines of standard input; ends with it.
fn input() -> mpsc::Receiver<String> {
    let (sender, lines) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(std::io::Result::ok) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    lines
}

impl Room {
    async fn start(arguments: &[String]) -> Result<Self> {
        let (mut version, mut flavour, mut numbers) = (Version::V22, Flavour::Plain, Vec::new());
        let mut elsewhere = None;
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "16" => version = Version::V16,
                "22" => version = Version::V22,
                "plain" => flavour = Flavour::Plain,
                "freepbx" => flavour = Flavour::FreePbx,
                "at" => elsewhere = Some(address(words.next())?),
                number if PHONES.iter().any(|(known, _)| *known == number) => numbers.push(number),
                other => return Err(Trouble::new(format!("{other:?} is no version, flavour or phone"))),
            }
        }
        if numbers.is_empty() {
            numbers = vec!["1001", "1002", "1003"];
        }
        let (asterisk, sip, trunk) = if let Some(switch) = elsewhere {
            (None, switch, None)
        } else {
            let asterisk = Asterisk::start(version, flavour).await?;
            let (sip, trunk) = (SocketAddr::new(HOUSE, asterisk.sip_port), asterisk.trunk_port);
            (Some(Mutex::new(asterisk)), sip, Some(trunk))
        };
        let diary = Diary::default();
        let mut phones = BTreeMap::new();
        for number in numbers {
            phones.insert(number.to_owned(), inside_phone(number, sip, &diary).await?);
        }
        phones.insert("customer".to_owned(), outside_phone(CUSTOMER, trunk, sip, &diary).await?);
        phones.insert("customer2".to_owned(), outside_phone(SECOND_CUSTOMER, None, sip, &diary).await?);
        Ok(Self { asterisk, sip, phones })
    }

    /// Where everything is.
    async fn introduction(&self) -> Value {
        let switch = match &self.asterisk {
            None => Value::Null,
            Some(asterisk) => {
                let asterisk = asterisk.lock().await;
                json!({
                    "address": asterisk.manager().ip(),
                    "port": asterisk.manager().port(),
                    "user": "cti-ev",
                    "password": tests::asterisk::EVENT_SECRET,
                    "user_actions": "cti-act",
                    "password_actions": tests::asterisk::ACTION_SECRET,
                    "context": asterisk.flavour.phone_context(),
                })
            }
        };
        json!({
            "ready": true,
            "switch": switch,
            "sip": self.sip,
            "phones": self.phones.keys().collect::<Vec<_>>(),
            "customers": [CUSTOMER, SECOND_CUSTOMER],
        })
    }

    async fn answer(&self, line: &str) -> Value {
        let order: Order = match serde_json::from_str(line) {
            Ok(order) => order,
            Err(error) => return json!({ "ok": false, "error": format!("{line}: {error}") }),
        };
        match self.carry_out(order.deed).await {
            Ok(Value::Null) => json!({ "id": order.id, "ok": true }),
            Ok(result) => json!({ "id": order.id, "ok": true, "result": result }),
            Err(error) => json!({ "id": order.id, "ok": false, "error": error.to_string() }),
        }
    }

    async fn carry_out(&self, deed: Deed) -> Result<Value> {
        match deed {
            Deed::Dial { phone, to } => self.phone(&phone)?.dial(&to).await?,
            Deed::Rings { phone } => drop(self.phone(&phone)?.rings().await?),
            Deed::Answer { phone } => drop(self.phone(&phone)?.answer().await?),
            Deed::Talks { phone } => drop(self.phone(&phone)?.talks().await?),
            Deed::HangUp { phone } => drop(self.phone(&phone)?.hang_up().await?),
            Deed::Free { phone } => drop(self.phone(&phone)?.is_free().await?),
            Deed::Hold { phone } => self.phone(&phone)?.hold().await?,
            Deed::Resume { phone } => {
                let phone = self.phone(&phone)?;
                phone.resume(&phone.current_call()?).await?;
            }
            Deed::Transfer { phone, to } => self.phone(&phone)?.transfer(&to).await?,
            Deed::Digits { phone, digits } => self.phone(&phone)?.digits(&digits).await?,
            Deed::Forget { phone } => self.phone(&phone)?.forget(),
            Deed::Action { headers } => {
                let headers: Vec<(&str, &str)> =
                    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
                let actions = self.switch()?.lock().await.actions().await?;
                return Ok(json!(actions.action(&headers).await?.lines));
            }
            Deed::Again { how: Again::Restart } => self.switch()?.lock().await.restart().await?,
            Deed::Again { how: Again::Crash } => self.switch()?.lock().await.crash_and_restart().await?,
        }
        Ok(Value::Null)
    }

    fn switch(&self) -> Result<&Mutex<Asterisk>> {
        self.asterisk.as_ref().ok_or_else(|| Trouble::new("this switch is run by somebody else"))
    }

    fn phone(&self, name: &str) -> Result<&Phone> {
        let known = || self.phones.keys().cloned().collect::<Vec<_>>().join(", ");
        self.phones.get(name).ok_or_else(|| Trouble::new(format!("no phone {name:?}; there are {}", known())))
    }
}

fn address(word: Option<&String>) -> Result<SocketAddr> {
    let address = word.and_then(|word| word.parse().ok());
    address.ok_or_else(|| Trouble::new("after `at` comes the address of the switch, such as 127.0.0.1:5060"))
}
