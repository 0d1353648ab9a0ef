//! The product as its users run it: the program `ctid` with a configuration file, talked to over HTTP.
#![expect(clippy::indexing_slicing, reason = "a key that a JSON value lacks is null")]

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::{Instant, sleep, timeout};

use crate::asterisk::HOUSE;
use crate::peers::{free_port, workspace};
use crate::trouble::Context;
use crate::{Result, Trouble};

/// How long the daemon may take to its ready line.
const READY: Duration = Duration::from_secs(20);

/// Rights of the token the tests use.
const SCOPES: [&str; 22] = [
    "call.read.any",
    "call.command.any",
    "monitor.listen.any",
    "audit.read",
    "call.note.any",
    "agent.read.any",
    "agent.state.write.any",
    "queue.read.any",
    "queue.membership.write.any",
    "report.read.any",
    "device.admin",
    "switch.admin",
    "user.admin",
    "queue.admin",
    "contact.read.any",
    "contact.write.any",
    "config.admin",
    "pop.admin",
    "pop.preview",
    "callback.work.any",
    "missed.work.any",
    "webhook.admin",
];

/// A daemon with its folder; killed when dropped.
#[derive(Debug)]
pub struct Site {
    home: TempDir,
    token: String,
    /// Where its API is: `http://127.0.0.1:PORT`.
    pub url: String,
    client: reqwest::Client,
    process: Option<Child>,
    log: PathBuf,
}

impl Site {
    /// A folder with configuration, store and API token for a daemon that links the switch at `manager`.
    pub async fn prepare(manager: SocketAddr, context: &str) -> Result<Self> {
        Self::prepare_with(&configured_switch(manager, context)).await
    }

    /// A folder with configuration, store and API token for a daemon whose file says this of switches.
    pub async fn prepare_with(switches: &str) -> Result<Self> {
        // Several TLS back ends could be linked; the first one named counts for the whole process.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let home = tempfile::Builder::new().prefix("tieline-site-").tempdir()?;
        let port = free_port(HOUSE)?;
        let text = format!(
            "[server]\nlisten = \"{HOUSE}:{port}\"\n\n[store]\nurl = \"sqlite:tieline.db\"\n\n{switches}"
        );
        fs::write(home.path().join("ctid.toml"), text)?;
        let mut site = Self {
            log: home.path().join("ctid.log"),
            home,
            token: String::new(),
            url: format!("http://{HOUSE}:{port}"),
            client: reqwest::Client::new(),
            process: None,
        };
        let scopes = SCOPES.iter().flat_map(|scope| ["--scope", *scope]);
        let arguments: Vec<&str> = ["token", "add", "tests"].into_iter().chain(scopes).collect();
        let said = site.run(&arguments, "").await?;
        let token = said.split_whitespace().last().ok_or_else(|| Trouble::new("no token was printed"))?;
        token.clone_into(&mut site.token);
        Ok(site)
    }

    /// As [`Site::prepare`], and the daemon is started and linked.
    pub async fn start(manager: SocketAddr, context: &str) -> Result<Self> {
        let mut site = Self::prepare(manager, context).await?;
        site.serve().await?;
        site.linked().await?;
        Ok(site)
    }

    /// Runs `ctid` with these arguments and this on standard input; gives what it printed.
    pub async fn run(&self, arguments: &[&str], input: &str) -> Result<String> {
        let mut child = Command::new(program()?)
            .args(arguments)
            .env("CTID_CONFIG", self.file())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("start ctid")?;
        if let Some(mut stdin) = child.stdin.take() {
            stdin.write_all(input.as_bytes()).await?;
        }
        let output = child.wait_with_output().await?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            return Ok(said);
        }
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        Err(Trouble::new(format!("ctid {arguments:?}: {}\n{said}{complaint}", output.status)))
    }

    /// Path of the configuration file.
    pub fn file(&self) -> PathBuf {
        self.home.path().join("ctid.toml")
    }

    /// Folder of everything.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// What the daemon logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Starts the daemon and waits for its ready line.
    pub async fn serve(&mut self) -> Result<()> {
        let log = fs::OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut child = Command::new(program()?)
            .args(["serve"])
            .env("CTID_CONFIG", self.file())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log.try_clone()?)
            .kill_on_drop(true)
            .spawn()
            .context("start ctid")?;
        let stdout = child.stdout.take().ok_or_else(|| Trouble::new("no output"))?;
        let mut lines = BufReader::new(stdout).lines();
        let ready = async {
            while let Some(line) = lines.next_line().await? {
                if line.starts_with("listening on ") {
                    return Ok(());
                }
                note(&log, &line);
            }
            Err(Trouble::new(format!("ctid ended before it was ready\n{}", self.log())))
        };
        timeout(READY, ready)
            .await
            .map_err(|_| Trouble::new(format!("not ready in {READY:?}\n{}", self.log())))??;
        // The pipe must be read on, or the daemon would stop at its log.
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                note(&log, &line);
            }
        });
        self.process = Some(child);
        Ok(())
    }

    /// Kills the daemon as the kernel would: no farewell.
    pub async fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.process.take() {
            child.kill().await?;
        }
        Ok(())
    }

    /// Number of the daemon's process, and the port it serves.
    pub fn process(&self) -> Result<(u32, u16)> {
        let pid = self.process.as_ref().and_then(Child::id);
        let port = self.url.rsplit(':').next().and_then(|port| port.parse().ok());
        pid.zip(port).ok_or_else(|| Trouble::new("the daemon does not run"))
    }

    /// Waits until the link to the switch is up.
    pub async fn linked(&self) -> Result<()> {
        self.until("/v1/links", "the link to be up", |links| {
            links["items"].as_array().is_some_and(|all| all.iter().any(is_up))
        })
        .await
        .map(drop)
    }

    /// A GET as JSON.
    pub async fn get(&self, path: &str) -> Result<Value> {
        let answer = self.client.get(format!("{}{path}", self.url)).bearer_auth(&self.token).send().await;
        read(answer.context(path)?).await
    }

    /// A POST of JSON as JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.token).json(body);
        read(request.send().await.context(path)?).await
    }

    /// A PUT of JSON as JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Result<Value> {
        let request = self.client.put(format!("{}{path}", self.url)).bearer_auth(&self.token).json(body);
        read(request.send().await.context(path)?).await
    }

    /// A POST of JSON that is done once however often it is sent.
    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> Result<Value> {
        let request = self.client.post(format!("{}{path}", self.url)).bearer_auth(&self.token);
        let request = request.header("Idempotency-Key", key).json(body);
        read(request.send().await.context(path)?).await
    }

    /// A request with a body, as the holder of `token` (the tests' own when none): status and answer, whatever
    /// they are.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: &Value,
    ) -> Result<(u16, Value)> {
        let request = self.client.request(method, format!("{}{path}", self.url));
        let request = request.bearer_auth(token.unwrap_or(&self.token)).json(body);
        let answer = request.send().await.context(path)?;
        let status = answer.status().as_u16();
        let text = answer.text().await.context(path)?;
        Ok((status, serde_json::from_str(&text).unwrap_or(Value::Null)))
    }

    /// What authorises the tests.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Asks again until `wanted` is so, at most [`READY`]; the error shows the last answer.
    pub async fn until(&self, path: &str, what: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        let end = Instant::now() + READY;
        loop {
            let answer = self.get(path).await?;
            if wanted(&answer) {
                return Ok(answer);
            }
            if Instant::now() > end {
                return Err(Trouble::new(format!(
                    "waited for {what}, but {path} says {answer:#}\n{}",
                    self.log()
                )));
            }
            sleep(Duration::from_millis(50)).await;
        }
    }

    /// All rows of a list, page by page.
    pub async fn all(&self, path: &str) -> Result<Vec<Value>> {
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let join = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{join}limit=200{cursor}")).await?;
            rows.extend(page["items"].as_array().into_iter().flatten().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return Ok(rows),
            }
        }
    }

    /// The whole public log.
    pub async fn events(&self) -> Result<Vec<Value>> {
        let mut events: Vec<Value> = Vec::new();
        loop {
            let last = events.last().map_or(0, |event| {
                let sequence = &event["sequence"];
                sequence.as_u64().or_else(|| sequence.as_str()?.parse().ok()).unwrap_or(0)
            });
            let page = self.get(&format!("/v1/events?cursor={last}&limit=200")).await?;
            match page["items"].as_array() {
                Some(items) if !items.is_empty() => events.extend(items.iter().cloned()),
                _ => return Ok(events),
            }
        }
    }

    /// Waits until the daemon has seen every call end, every phone free and every agent done.
    pub async fn rests(&self) -> Result<()> {
        let none_of = |key: &'static str, busy: &'static [&'static str]| {
            move |list: &Value| {
                let items = list["items"].as_array();
                items.into_iter().flatten().all(|item| {
                    let state = item.pointer(key).and_then(Value::as_str).unwrap_or_default();
                    !busy.contains(&state)
                })
            }
        };
        let no_call = |calls: &Value| calls["items"].as_array().is_some_and(Vec::is_empty);
        self.until("/v1/calls?state=live", "every call to end", no_call).await?;
        let busy = &["ringing", "talking", "wrap_up"];
        self.until("/v1/agents", "every agent to be done", none_of("/state/effective", busy)).await?;
        let busy = &["ringing", "busy", "held"];
        self.until("/v1/devices", "every phone to be free", none_of("/state", busy)).await?;
        Ok(())
    }

    /// Our id of a phone.
    pub async fn device(&self, extension: &str) -> Result<String> {
        let devices = self.all("/v1/devices").await?;
        let found = devices.iter().find(|device| device["extension"] == extension);
        let found = found.and_then(|device| device["id"].as_str());
        found.map(str::to_owned).ok_or_else(|| Trouble::new(format!("no device {extension} in {devices:#?}")))
    }

    /// Our id of the one live call.
    pub async fn only_call(&self) -> Result<String> {
        let one = |calls: &Value| calls["items"].as_array().is_some_and(|calls| calls.len() == 1);
        let calls = self.until("/v1/calls?state=live", "one live call", one).await?;
        let id = calls.pointer("/items/0/id").and_then(Value::as_str);
        Ok(id.unwrap_or_default().to_owned())
    }

    /// Waits until a command is settled, and gives what became of it.
    pub async fn settled(&self, command: &Value) -> Result<Value> {
        let id = command["id"].as_str().unwrap_or_default();
        let settled = |one: &Value| !matches!(one["state"].as_str(), Some("sent" | "accepted"));
        let path = format!("/v1/commands/{id}");
        self.until(&path, "the command to be settled", settled).await
    }

    /// Waits until a command is settled; the error is why it failed.
    pub async fn done(&self, command: &Value) -> Result<Value> {
        let command = self.settled(command).await?;
        if command.get("state").and_then(Value::as_str) == Some("succeeded") {
            return Ok(command);
        }
        Err(Trouble::new(format!("{command:#}\n{}", self.log())))
    }
}

/// A link serves, and everything that can be followed is: what nobody follows yet is not seen.
fn is_up(link: &Value) -> bool {
    let figure = |name: &str| link.pointer(&format!("/monitors/{name}")).and_then(Value::as_u64).unwrap_or(0);
    link["state"] == "up" && figure("used") + figure("refused") == figure("needed")
}

async fn read(answer: reqwest::Response) -> Result<Value> {
    let (status, path) = (answer.status(), answer.url().path().to_owned());
    let text = answer.text().await.context(&path)?;
    if status.is_success() {
        return serde_json::from_str(&text).context(&path);
    }
    Err(Trouble::new(format!("{path}: {status} {text}")))
}

fn note(mut log: &fs::File, line: &str) {
    use std::io::Write as _;
    let _ = writeln!(log, "{line}");
}

/// The daemon's program: `TIELINE_CTID`, or the one in the workspace's target folder.
fn program() -> Result<PathBuf> {
    let built = || workspace().join("target/debug/ctid");
    let path = std::env::var_os("TIELINE_CTID").map_or_else(built, PathBuf::from);
    if path.is_file() {
        return Ok(path);
    }
    Err(Trouble::new(format!("{} is not built: cargo build -p ctid", path.display())))
}

fn configured_switch(manager: SocketAddr, context: &str) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(
        text,
        "[[switch]]\nid = \"lab\"\nname = \"Laboratory\"\nkind = \"asterisk\"\naddress = \"{}\"\nport = {}\n\
         user = \"cti-ev\"\npassword = \"lab-ev\"\nuser_actions = \"cti-act\"\npassword_actions = \"lab-act\"\n\
         context = \"{context}\"\n\n[switch.numbers]\ncountry = \"CZ\"\noutside_prefix = \"0\"\n\
         extension_pattern = \"10XX|6XX\"\n",
        manager.ip(),
        manager.port()
    );
    text
}
