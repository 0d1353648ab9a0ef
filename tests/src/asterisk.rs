//! A real Asterisk with folders, ports and configuration of its own.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::peers::{Guarded, Peer, free_port, workspace};
use crate::trouble::Context;
use crate::wire::Wire;
use crate::{Result, Trouble};

/// How long a switch may take from its start to `FullyBooted`.
const BOOT: Duration = Duration::from_secs(30);

/// Address the switch and its phones live on.
pub const HOUSE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// Address the carrier lives on: the switch knows it by this.
pub const OUTSIDE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// Secret of the manager user `cti-ev`.
pub const EVENT_SECRET: &str = "lab-ev";

/// Secret of the manager user `cti-act`.
pub const ACTION_SECRET: &str = "lab-act";

/// Which Asterisk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// 16.28, the oldest we support.
    V16,
    /// 22, today's long-term release.
    V22,
}

impl Version {
    /// Number as in folder names: `16`, `22`.
    pub fn number(self) -> &'static str {
        match self {
            Self::V16 => "16",
            Self::V22 => "22",
        }
    }
}

/// Which configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flavour {
    /// A dialplan written by hand: queue members are phones.
    Plain,
    /// The shape FreePBX gives: Local members with hints, follow-me, rewritten caller names.
    FreePbx,
}

impl Flavour {
    /// Name as in folder names: `plain`, `freepbx`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::FreePbx => "freepbx",
        }
    }

    /// Context the phones dial in.
    pub fn phone_context(self) -> &'static str {
        match self {
            Self::Plain => "phones",
            Self::FreePbx => "from-internal",
        }
    }
}

/// A running switch; killed when dropped.
#[derive(Debug)]
pub struct Asterisk {
    /// Which Asterisk.
    pub version: Version,
    /// Which configuration.
    pub flavour: Flavour,
    /// UDP port phones and carrier send SIP to, on [`HOUSE`].
    pub sip_port: u16,
    /// TCP port of the manager, on [`HOUSE`].
    pub ami_port: u16,
    /// UDP port the carrier listens on, on [`OUTSIDE`].
    pub trunk_port: u16,
    home: TempDir,
    places: Vec<(String, u16)>,
    peer: Peer,
    process: Option<Guarded>,
}

impl Asterisk {
    /// Writes a configuration, starts the switch and waits until it says `FullyBooted`.
    pub async fn start(version: Version, flavour: Flavour) -> Result<Self> {
        Self::start_with(version, flavour, &[]).await
    }

    /// As [`Asterisk::start`], with phones that do not register but are at a fixed UDP port of [`HOUSE`].
    pub async fn start_with(version: Version, flavour: Flavour, places: &[(&str, u16)]) -> Result<Self> {
        let peer = Peer::find(&format!("asterisk{}", version.number()))?;
        let home = tempfile::Builder::new().prefix("tieline-lab-").tempdir()?;
        let mut asterisk = Self {
            version,
            flavour,
            sip_port: free_port(HOUSE)?,
            ami_port: free_port(HOUSE)?,
            trunk_port: free_port(OUTSIDE)?,
            home,
            places: places.iter().map(|(number, port)| ((*number).to_owned(), *port)).collect(),
            peer,
            process: None,
        };
        asterisk.configure()?;
        asterisk.boot().await?;
        Ok(asterisk)
    }

    /// Where the manager listens.
    pub fn manager(&self) -> SocketAddr {
        SocketAddr::new(HOUSE, self.ami_port)
    }

    /// A logged-in session of the event user.
    pub async fn events(&self) -> Result<Wire> {
        Wire::connect(self.manager(), "cti-ev", EVENT_SECRET, "on").await
    }

    /// A logged-in session of the action user, without events.
    pub async fn actions(&self) -> Result<Wire> {
        Wire::connect(self.manager(), "cti-act", ACTION_SECRET, "off").await
    }

    /// What Asterisk itself wrote about its queues: the contents of `queue_log`.
    pub fn queue_log(&self) -> Result<String> {
        fs::read_to_string(self.home.path().join("log/queue_log")).context("no queue_log")
    }

    /// What Asterisk wrote about its channels so far: see [`crate::cel`].
    pub fn channel_log(&self) -> Result<String> {
        fs::read_to_string(self.home.path().join("log/cel-custom/lab.csv")).context("no channel event log")
    }

    /// What the switch said about itself (its log and its console), for a failed test.
    pub fn log(&self) -> String {
        let files = ["log/full", "console.log"].map(|name| self.home.path().join(name));
        files.iter().filter_map(|file| fs::read_to_string(file).ok()).collect()
    }

    /// Folder that holds everything of this run.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Kills the switch in the middle of its work and starts it again on the same ports.
    pub async fn crash_and_restart(&mut self) -> Result<()> {
        drop(self.process.take());
        self.boot().await
    }

    /// Ends the switch in its own way (it hangs up and says `Shutdown`) and starts it again on the same ports.
    pub async fn restart(&mut self) -> Result<()> {
        if let Some(process) = self.process.take() {
            process.terminate();
        }
        self.boot().await
    }

    async fn boot(&mut self) -> Result<()> {
        let mut line = self.peer.command_line("usr/sbin/asterisk");
        line.extend(["-C".into(), self.home.path().join("etc/asterisk.conf").into(), "-f".into()]);
        let environment: [(&str, &OsStr); 1] = [("LC_ALL", OsStr::new("C.UTF-8"))];
        self.process = Some(Guarded::start(&line, &environment, &self.home.path().join("console.log"))?);
        let end = Instant::now() + BOOT;
        loop {
            match self.events().await {
                Ok(wire) => {
                    wire.until("FullyBooted", 0, |message| message.is("FullyBooted")).await?;
                    return Ok(());
                }
                // There is nothing to wait on before the port is open.
                Err(_) if Instant::now() < end => sleep(Duration::from_millis(50)).await,
                Err(error) => {
                    return Err(Trouble::new(format!(
                        "Asterisk did not boot in {BOOT:?}: {error}\n{}",
                        self.log()
                    )));
                }
            }
        }
    }

    fn configure(&self) -> Result<()> {
        for folder in ["etc", "lib/keys", "spool", "run", "log/cel-custom"] {
            fs::create_dir_all(self.home.path().join(folder))?;
        }
        self.lay_out_data()?;
        let marks = self.marks()?;
        let templates = workspace().join("tests/asterisk");
        for folder in ["common", self.flavour.name()] {
            for entry in fs::read_dir(templates.join(folder)).context("no templates")? {
                self.fill(&entry?.path(), &marks)?;
            }
        }
        for shipped in ["extensions_tieline.conf", "manager_tieline.conf"] {
            self.fill(&workspace().join("crates/ctid/share").join(shipped), &marks)?;
        }
        Ok(())
    }

    /// A data folder of our own: the package's, but with the prompts where the language `en` is looked for.
    fn lay_out_data(&self) -> Result<()> {
        let (theirs, ours) = (self.peer.path("usr/share/asterisk"), self.home.path().join("data"));
        fs::create_dir_all(ours.join("sounds"))?;
        symlink(theirs.join("documentation"), ours.join("documentation"))?;
        symlink(theirs.join("sounds/en_US_f_Allison"), ours.join("sounds/en"))?;
        Ok(())
    }

    /// Copies one template into `etc`, its `@NAME@` marks filled in.
    fn fill(&self, template: &Path, marks: &[(&str, String)]) -> Result<()> {
        let name = template.file_name().ok_or_else(|| Trouble::new("a template without a name"))?;
        let mut text = fs::read_to_string(template).context(&template.display().to_string())?;
        for (mark, value) in marks {
            text = text.replace(mark, value);
        }
        Ok(fs::write(self.home.path().join("etc").join(name), text)?)
    }

    fn marks(&self) -> Result<Vec<(&'static str, String)>> {
        let shown = |path: PathBuf| path.display().to_string();
        let modules = [
            "usr/lib/asterisk/modules",
            "usr/lib/x86_64-linux-gnu/asterisk/modules",
            "usr/lib/aarch64-linux-gnu/asterisk/modules",
        ];
        let data = self.home.path().join("data");
        Ok(vec![
            ("@HOME@", shown(self.home.path().to_path_buf())),
            ("@MODULES@", shown(self.peer.first_path(&modules)?)),
            ("@SOUNDS@", shown(data.join("sounds/en"))),
            ("@DATA@", shown(data)),
            ("@EVENT_SECRET@", EVENT_SECRET.to_owned()),
            ("@ACTION_SECRET@", ACTION_SECRET.to_owned()),
            ("@SIP_PORT@", self.sip_port.to_string()),
            ("@AMI_PORT@", self.ami_port.to_string()),
            ("@TRUNK_PORT@", self.trunk_port.to_string()),
            ("@PHONE_CONTEXT@", self.flavour.phone_context().to_owned()),
            ("@PHONES@", phones(&self.places)),
        ])
    }
}

/// Names of the ten phones, by number.
pub const PHONES: [(&str, &str); 10] = [
    ("1001", "Alice Agent"),
    ("1002", "Bob Agent"),
    ("1003", "Carol Agent"),
    ("1004", "Dave Desk"),
    ("1005", "Erin Desk"),
    ("1006", "Frank Desk"),
    ("1007", "Grace Desk"),
    ("1008", "Heidi Desk"),
    ("1009", "Ivan Desk"),
    ("1010", "Judy Desk"),
];

/// The phones' sections of `pjsip.conf`; some may be at a fixed place.
fn phones(places: &[(String, u16)]) -> String {
    let mut text = String::new();
    for (number, name) in PHONES {
        let place = places.iter().find(|(known, _)| known == number);
        let contact =
            place.map_or_else(String::new, |(_, port)| format!("contact = sip:{number}@{HOUSE}:{port}\n"));
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "[{number}](phone)\nauth = {number}\naors = {number}\ncallerid = \"{name}\" <{number}>\n\
             [{number}](phone-auth)\nusername = {number}\npassword = lab-{number}\n\
             [{number}](phone-aor)\n{contact}\n"
        );
    }
    text
}
