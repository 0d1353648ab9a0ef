//! A real directory: `slapd` with people and groups, by TLS alone.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;
use std::{ffi::OsString, fs};

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::peers::{Guarded, Peer, free_port};
use crate::trouble::Context;
use crate::{Result, Trouble};

/// How long it may take to answer.
const READY: Duration = Duration::from_secs(20);
/// Between two looks whether it does.
const AGAIN: Duration = Duration::from_millis(50);

/// The entry above all.
pub const SUFFIX: &str = "dc=example,dc=com";
/// Who may change everything.
pub const ROOT: &str = "cn=root,dc=example,dc=com";
/// Password of [`ROOT`].
pub const ROOT_PASSWORD: &str = "root of the directory";

/// The directory; it ends with its owner.
#[derive(Debug)]
pub struct Slapd {
    home: TempDir,
    _process: Guarded,
    /// For TLS from the first byte.
    pub ldaps: String,
    /// For TLS that begins after the connection stands.
    pub ldap: String,
}

impl Slapd {
    /// Starts it with these entries (LDIF).
    pub async fn start(entries: &str) -> Result<Self> {
        let peer = Peer::find("slapd")?;
        let home = tempfile::Builder::new().prefix("tieline-slapd-").tempdir()?;
        let file = |name: &str| home.path().join(name);
        let host = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let made =
            rcgen::generate_simple_self_signed(vec![host.to_string()]).context("make a certificate")?;
        fs::write(file("cert.pem"), made.cert.pem())?;
        fs::write(file("key.pem"), made.signing_key.serialize_pem())?;
        fs::create_dir(file("data"))?;
        fs::write(file("slapd.conf"), configuration(&peer, &home))?;
        fs::write(file("entries.ldif"), entries)?;
        let line = |more: &[&str]| {
            let mut line = peer.command_line("usr/sbin/slapd");
            line.extend(more.iter().map(OsString::from));
            line
        };
        let (conf, ldif) =
            (file("slapd.conf").display().to_string(), file("entries.ldif").display().to_string());
        // `slapadd` is this program, too.
        fill(&line(&["-Ta", "-f", &conf, "-l", &ldif]))?;
        let (plain, tls) = (free_port(host)?, free_port(host)?);
        let ldap = format!("ldap://{host}:{plain}");
        let ldaps = format!("ldaps://{host}:{tls}");
        let serve = line(&["-d", "0", "-f", &conf, "-h", &format!("{ldap}/ {ldaps}/")]);
        let process = Guarded::start(&serve, &[], &file("slapd.log"))?;
        let slapd = Self { home, _process: process, ldaps, ldap };
        slapd.answers(SocketAddr::new(host, tls)).await?;
        Ok(slapd)
    }

    /// PEM file of the certificate by which it is recognised.
    pub fn certificate(&self) -> PathBuf {
        self.home.path().join("cert.pem")
    }

    async fn answers(&self, address: SocketAddr) -> Result<()> {
        let end = Instant::now() + READY;
        while TcpStream::connect(address).await.is_err() {
            if Instant::now() > end {
                let log = fs::read_to_string(self.home.path().join("slapd.log")).unwrap_or_default();
                return Err(Trouble::new(format!("slapd does not answer\n{log}")));
            }
            sleep(AGAIN).await;
        }
        Ok(())
    }
}

fn fill(line: &[OsString]) -> Result<()> {
    let (program, arguments) = line.split_first().ok_or_else(|| Trouble::new("no slapd"))?;
    let output = Command::new(program).args(arguments).output().context("fill the directory")?;
    if output.status.success() {
        return Ok(());
    }
    Err(Trouble::new(format!("slapadd: {}", String::from_utf8_lossy(&output.stderr))))
}

fn configuration(peer: &Peer, home: &TempDir) -> String {
    let schema =
        |name: &str| format!("include {}\n", peer.path(&format!("etc/ldap/schema/{name}.schema")).display());
    let here = |name: &str| home.path().join(name).display().to_string();
    format!(
        "{}{}{}modulepath {}\nmoduleload back_mdb\n\
         pidfile {}\nTLSCertificateFile {}\nTLSCertificateKeyFile {}\n\
         # Nothing is told in plain text, and whoever does not ask page by page gets 500 entries at most.\n\
         security ssf=71\nsizelimit size.soft=500 size.hard=500 size.prtotal=unlimited\n\
         database mdb\nsuffix \"{SUFFIX}\"\nrootdn \"{ROOT}\"\nrootpw \"{ROOT_PASSWORD}\"\ndirectory {}\n",
        schema("core"),
        schema("cosine"),
        schema("inetorgperson"),
        peer.path("usr/lib/ldap").display(),
        here("pid"),
        here("cert.pem"),
        here("key.pem"),
        here("data"),
    )
}
