//! The demonstration as a stranger starts it: one program, one address, and nothing left at the end.

use std::process::Stdio;
use std::time::Duration;

use reqwest::Client;
use serde_json::{Value, json};
use tests::{Result, Trouble};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{ChildStdout, Command};
use tokio::time::timeout;

/// Ten times the twenty seconds that are promised would outlast the bound of a case.
const PATIENCE: Duration = Duration::from_secs(50);

// covers: DOC-14
#[tokio::test]
async fn the_demonstration_starts_answers_and_ends_clean() -> Result<()> {
    let mut demo = Command::new(env!("CARGO_BIN_EXE_demo"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let out = demo.stdout.take().ok_or_else(|| Trouble::new("no output"))?;
    let mut lines = BufReader::new(out).lines();
    let address = says(&mut lines, "    http://").await?.trim().to_owned();
    let sample = says(&mut lines, " password ").await?;
    let words: Vec<&str> = sample.split_whitespace().collect();
    says(&mut lines, "press Enter for a call").await?;

    // Several TLS back ends could be linked; the first one named counts for the whole process.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::new();
    let sign_in = json!({ "login": words[0], "password": words[2] });
    let answer = client.post(format!("{address}/v1/auth/login")).json(&sign_in).send().await;
    let answer = answer.map_err(|error| Trouble::new(error.to_string()))?;
    assert_eq!(answer.status(), 200, "{sample}");
    let session: Value = answer.json().await.map_err(|error| Trouble::new(error.to_string()))?;
    assert!(session["token"].is_string(), "{session}");

    let mut keys = demo.stdin.take().ok_or_else(|| Trouble::new("no input"))?;
    keys.write_all(b"\n").await?;
    says(&mut lines, " calls 222: ok").await?;

    let process = demo.id().ok_or_else(|| Trouble::new("it ended by itself"))?;
    let told = Command::new("kill").args(["-TERM", &process.to_string()]).status().await?;
    assert!(told.success());
    says(&mut lines, "Nothing is left behind").await?;
    let status = timeout(PATIENCE, demo.wait()).await.map_err(|_| Trouble::new("it does not end"))??;
    assert!(status.success(), "{status}");
    assert!(client.get(format!("{address}/livez")).send().await.is_err(), "somebody still answers");
    Ok(())
}

/// Waits for the line that holds these words.
async fn says(lines: &mut Lines<BufReader<ChildStdout>>, words: &str) -> Result<String> {
    let mut said = String::new();
    let wanted = async {
        while let Some(line) = lines.next_line().await? {
            if line.contains(words) {
                return Ok(line);
            }
            said.push_str(&line);
            said.push('\n');
        }
        Err(Trouble::new("it ended"))
    };
    let came = timeout(PATIENCE, wanted).await.unwrap_or_else(|_| Err(Trouble::new("it goes on")));
    came.map_err(|why| Trouble::new(format!("waited for {words:?}, {why}; it said:\n{said}")))
}
