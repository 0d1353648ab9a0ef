//! The product on the simulated switch: a small call centre with the desk in the browser.

use std::fs;
use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tests::peers::{Guarded, workspace};
use tests::site::Site;
use tests::traffic::Seeded;
use tests::{Result, Trouble};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep};

/// Calls per minute that come by themselves.
const CALLS_PER_MINUTE: u32 = 6;

/// How long the simulator may take to its ready line.
const READY: Duration = Duration::from_secs(10);

/// How long a line on the control port may take.
const CONTROL: Duration = Duration::from_secs(5);

/// Who signs in: login, name, role, and the phone they have. Passwords are `LOGIN-demo-2026`.
const PEOPLE: [(&str, &str, &str, Option<&str>); 9] = [
    ("jana", "Jana Dvorná", "agent", Some("1041")),
    ("petr", "Petr Lhota", "agent", Some("1042")),
    ("eva", "Eva Nová", "agent", Some("1043")),
    ("tomas", "Tomáš Brod", "agent", Some("1044")),
    ("lucie", "Lucie Horská", "agent", Some("1045")),
    ("martin", "Martin Říčný", "agent", Some("1046")),
    ("emily", "Emily Field", "agent", Some("1047")),
    ("renata", "Renata Malá", "agent", Some("1048")),
    ("sofia", "Sofia Vránová", "supervisor", None),
];

/// People of [`PEOPLE`] that are shown as samples.
const SAMPLES: [&str; 3] = ["jana", "petr", "sofia"];

/// The administrator.
const ADMIN: &str = "admin";

/// Contacts: name, company, and the last three digits of +420 605 550 …; a number that stands twice is ambiguous.
const CONTACTS: [(&str, Option<&str>, u32); 12] = [
    ("Karel Bystrý", None, 100),
    ("Hana Světlá", Some("Pekařství U Mostu"), 104),
    ("Pekařství U Mostu", None, 104),
    ("Oldřich Kopecký", None, 110),
    ("Zdeňka Pokorná", None, 117),
    ("Stavby Javor s.r.o.", None, 121),
    ("Ivo Javor", Some("Stavby Javor s.r.o."), 122),
    ("Marie Tichá", None, 130),
    ("Bohumil Zelený", None, 138),
    ("Alena Krátká", Some("Autodoprava Vítr"), 142),
    ("Autodoprava Vítr", None, 143),
    ("Kateřina Jasná", None, 155),
];

/// Those of [`CONTACTS`] that are companies.
const COMPANIES: [&str; 3] = ["Pekařství U Mostu", "Stavby Javor s.r.o.", "Autodoprava Vítr"];

/// Number of the queue that the manual phones serve.
const QUEUE: &str = "222";

/// Shows it until somebody ends it.
pub(crate) async fn show() -> Result<()> {
    let begun = Instant::now();
    println!("Starting the simulated switch and ctid …");
    let folder = tempfile::Builder::new().prefix("tieline-demo-").tempdir()?;
    let switch = Simulator::start(folder.path().join("switch-sim.log")).await?;
    let mut site = Site::prepare_with(&switch.definition()).await?;
    site.serve().await?;
    site.linked().await?;
    seed_people(&site).await?;
    seed_contacts(&site).await?;
    println!("\nTieline is ready after {:.1} s. Open this address:\n", begun.elapsed().as_secs_f32());
    println!("    {}\n", site.url);
    for (login, name, role, phone) in PEOPLE.iter().filter(|(login, ..)| SAMPLES.contains(login)) {
        let phone = phone.map_or_else(String::new, |phone| format!(", phone {phone}"));
        println!("    {login:<8} password {:<20} {role} ({name}{phone})", password(login));
    }
    println!("    {ADMIN:<8} password {:<20} admin", password(ADMIN));
    println!("\nCalls come by themselves; the phones 1041 and 1042 wait for you to answer at the desk.");
    println!("press Enter for a call to {QUEUE} (jana and petr are its agents). Ctrl-C ends.");
    let mut random = Seeded::new(2026);
    let mut pressed = input();
    while pressed.recv().await.is_some() {
        let caller = format!("+420605550{}", random.within(100, 159));
        let answer = switch.order(&format!("call {caller} {QUEUE}"))?;
        println!("{caller} calls {QUEUE}: {answer}");
    }
    // Without a terminal there is nothing to press; the demonstration goes on until it is ended.
    std::future::pending().await
}

fn password(login: &str) -> String {
    format!("{login}-demo-2026")
}

/// A signal per line of standard input; ends with it.
fn input() -> mpsc::Receiver<()> {
    let (sender, lines) = mpsc::channel(16);
    std::thread::spawn(move || {
        for _line in std::io::stdin().lines().map_while(std::io::Result::ok) {
            if sender.blocking_send(()).is_err() {
                return;
            }
        }
    });
    lines
}

/// People with their phones.
async fn seed_people(site: &Site) -> Result<()> {
    let members = |agents: &Value| {
        agents["items"].as_array().is_some_and(|all| all.iter().any(|one| one["extension"] == "1041"))
    };
    site.until("/v1/agents?limit=200", "the members of the queues", members).await?;
    let devices = site.all("/v1/devices").await?;
    let agents = site.all("/v1/agents").await?;
    let id_of = |list: &[Value], extension: &str| {
        list.iter()
            .find(|one| one["extension"] == extension)
            .and_then(|one| one["id"].as_str().map(str::to_owned))
    };
    // Nobody gives more rights than he has: people are made by the administrator.
    site.run(&["user", "add", ADMIN, "--role", "admin", "--password-stdin"], &password(ADMIN)).await?;
    let session =
        site.post("/v1/auth/login", &json!({ "login": ADMIN, "password": password(ADMIN) })).await?;
    for (login, name, role, phone) in PEOPLE {
        let person = json!({ "login": login, "name": name, "roles": [role], "team": "demo", "language": "cs",
            "password": password(login) });
        let (status, user) = site.ask(Method::POST, "/v1/users", session["token"].as_str(), &person).await?;
        if status != 201 {
            return Err(Trouble::new(format!("{login} is not added: {user}")));
        }
        let user = user["id"].clone();
        let Some(phone) = phone else { continue };
        let row = json!({ "switch": "demo", "extension": phone, "number": format!("+4205452201{}", &phone[2..]),
            "user": user });
        site.post("/v1/extensions", &row).await?;
        if let Some(device) = id_of(&devices, phone) {
            site.post("/v1/assignments", &json!({ "device": device, "user": user, "kind": "fixed" })).await?;
        }
        if let Some(agent) = id_of(&agents, phone) {
            site.put(&format!("/v1/agents/{agent}/user"), &json!({ "user": user })).await?;
        }
    }
    Ok(())
}

/// Callers whose number is known, and a rule that opens a page about them.
async fn seed_contacts(site: &Site) -> Result<()> {
    for (name, company, number) in CONTACTS {
        let kind = if COMPANIES.contains(&name) { "company" } else { "person" };
        let numbers = json!([{ "number": format!("+420605550{number}") }]);
        let contact = json!({ "kind": kind, "name": name, "company": company, "numbers": numbers });
        site.post("/v1/contacts", &contact).await?;
    }
    let rule = json!({ "name": "Contact of the caller", "direction": "inbound", "scope": "external",
        "trigger": "alerting", "window": "crm",
        "url_template": format!("{}/contacts?number={{number.e164|unknown}}", site.url) });
    site.post("/v1/pop_rules", &rule).await?;
    Ok(())
}

/// The running simulator.
struct Simulator {
    manager: SocketAddr,
    control: SocketAddr,
    _process: Guarded,
}

impl Simulator {
    async fn start(log: PathBuf) -> Result<Self> {
        let plan = workspace().join("fixtures/plans/demo.toml");
        let words = ["--face", "ami", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--traffic"];
        let mut line = vec![program()?.into_os_string(), "--plan".into(), plan.into()];
        line.extend(words.map(Into::into));
        line.push(CALLS_PER_MINUTE.to_string().into());
        let process = Guarded::start(&line, &[], &log)?;
        let end = Instant::now() + READY;
        loop {
            let said = fs::read_to_string(&log).unwrap_or_default();
            if let (Some(manager), Some(control)) =
                (after(&said, "listening on "), after(&said, "control on "))
            {
                return Ok(Self { manager, control, _process: process });
            }
            if Instant::now() > end {
                return Err(Trouble::new(format!("switch-sim is not ready in {READY:?}: {said}")));
            }
            // A file tells nobody that it grew.
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// The switch as the daemon's configuration names it.
    fn definition(&self) -> String {
        format!(
            "[[switch]]\nid = \"demo\"\nname = \"Demo\"\nkind = \"asterisk\"\naddress = \"{}\"\nport = {}\n\
             user = \"cti-ev\"\npassword = \"lab-ev\"\nuser_actions = \"cti-act\"\npassword_actions = \"lab-act\"\n\
             context = \"phones\"\n\n[[switch.profile]]\nuser_agent = \"Obedient Phone\"\ntalk = true\nhold = true\n\n\
             [switch.numbers]\ncountry = \"CZ\"\noutside_prefix = \"0\"\nextension_pattern = \"10XX|2XX\"\n",
            self.manager.ip(),
            self.manager.port()
        )
    }

    /// Says a line on the control port; gives the answer.
    fn order(&self, line: &str) -> Result<String> {
        let mut stream = TcpStream::connect_timeout(&self.control, CONTROL)?;
        stream.set_read_timeout(Some(CONTROL))?;
        writeln!(stream, "{line}")?;
        let mut answer = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stream), &mut answer)?;
        Ok(answer.trim().to_owned())
    }
}

/// The address on the line that begins so.
fn after(said: &str, start: &str) -> Option<SocketAddr> {
    said.lines().find_map(|line| line.strip_prefix(start)?.trim().parse().ok())
}

/// The simulator's program: `TIELINE_SIM`, or the one in the workspace's target folder.
fn program() -> Result<PathBuf> {
    let built = || workspace().join("target/debug/switch-sim");
    let path = std::env::var_os("TIELINE_SIM").map_or_else(built, PathBuf::from);
    if path.is_file() {
        return Ok(path);
    }
    Err(Trouble::new(format!("{} is not built: cargo build -p switch-sim", path.display())))
}
