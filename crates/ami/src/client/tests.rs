//! The client against a switch on a real loopback socket.

use std::{sync::Arc, time::Duration};

use crate::{
    Frame, Framer, LinkError, Message, Outcome, SessionConfig,
    action::{Hangup, QueueStatus, md5_key},
    client::{Client, ClientConfig, Handle, Notice, Retry, TlsOptions, TlsRoots},
    session::{NeverSent, OutcomeUnknown},
};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::timeout,
};

/// Bound of every wait; a test says what it waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// The switch's end of one connection.
struct Switch<S> {
    stream: S,
    framer: Framer,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Switch<S> {
    fn new(stream: S) -> Self {
        Self { stream, framer: Framer::without_banner() }
    }

    async fn say(&mut self, text: &str) {
        self.stream.write_all(text.replace('\n', "\r\n").as_bytes()).await.unwrap();
        self.stream.flush().await.unwrap();
    }

    /// The next action that is no ping; pings are answered. `None` when the client closed.
    async fn hear(&mut self) -> Option<Message> {
        loop {
            while let Some(Frame::Message(action)) = self.framer.next_frame().unwrap() {
                if action.get("Action") != Some("Ping") {
                    return Some(action);
                }
                let id = action.action_id().unwrap().to_owned();
                self.say(&format!("Response: Success\nActionID: {id}\nPing: Pong\n\n")).await;
            }
            let mut bytes = [0_u8; 4096];
            let read =
                timeout(PATIENCE, self.stream.read(&mut bytes)).await.expect("the client says something");
            match read {
                Ok(length) if length > 0 => self.framer.feed(&bytes[..length]),
                _ => return None,
            }
        }
    }

    async fn expect(&mut self, action: &str) -> Message {
        let heard = self.hear().await.unwrap_or_else(|| panic!("closed instead of {action}"));
        assert_eq!(heard.get("Action"), Some(action));
        heard
    }

    async fn answer(&mut self, action: &Message, rest: &str) {
        let id = action.action_id().unwrap();
        self.say(&format!("Response: Success\nActionID: {id}\n{rest}\n")).await;
    }

    /// Banner, MD5 login, boot, probes.
    async fn log_in(&mut self) {
        self.say("Asterisk Call Manager/11.0.0\n").await;
        let challenge = self.expect("Challenge").await;
        self.answer(&challenge, "Challenge: 4711\n").await;
        let login = self.expect("Login").await;
        assert_eq!(login.get("Key"), Some(md5_key("4711", "s3cr3t").as_str()));
        self.answer(&login, "Message: Authentication accepted\n").await;
        self.say("Event: FullyBooted\n\n").await;
        let probe = self.expect("ListCommands").await;
        self.answer(&probe, "Hangup: Hang up.  (Priv: system,call,all)\n").await;
        let probe = self.expect("CoreSettings").await;
        self.answer(&probe, "AsteriskVersion: 22.10.0\n").await;
    }
}

async fn listen() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}

async fn accept(listener: &TcpListener) -> Switch<TcpStream> {
    let (stream, _) = timeout(PATIENCE, listener.accept()).await.expect("a connection").unwrap();
    Switch::new(stream)
}

fn config(port: u16) -> ClientConfig {
    ClientConfig::new("127.0.0.1", port, SessionConfig::new("cti", "s3cr3t"))
}

async fn next(notices: &mut mpsc::Receiver<Notice>) -> Notice {
    timeout(PATIENCE, notices.recv()).await.expect("a notice in time").expect("a client that lives")
}

async fn event_name(notices: &mut mpsc::Receiver<Notice>) -> String {
    let notice = next(notices).await;
    let Notice::Event { message, .. } = &notice else { panic!("{notice:?}") };
    message.event_name().unwrap().to_owned()
}

async fn up(notices: &mut mpsc::Receiver<Notice>) {
    assert_eq!(event_name(notices).await, "FullyBooted");
    let notice = next(notices).await;
    let Notice::Up(welcome) = notice else { panic!("{notice:?}") };
    assert_eq!(welcome.version, Some(crate::Version::new(22, 10, 0)));
}

async fn down(notices: &mut mpsc::Receiver<Notice>) -> (LinkError, Option<Duration>) {
    let notice = next(notices).await;
    let Notice::Down { error, retry_in } = notice else { panic!("{notice:?}") };
    (error, retry_in)
}

/// Numbered events.
fn flood(count: u32) -> String {
    (0..count).map(|n| ["Event: VarSet\nN: ", &n.to_string(), "\n\n"].concat()).collect()
}

fn hangup() -> Hangup {
    Hangup { channel: "PJSIP/1001-00000001".into(), cause: None }
}

fn request(handle: &Handle) -> tokio::task::JoinHandle<Outcome> {
    let handle = handle.clone();
    tokio::spawn(async move { handle.request(&hangup(), PATIENCE).await })
}

// covers: TEL-02
#[tokio::test]
async fn events_and_replies_come_over_a_real_socket() {
    let (listener, port) = listen().await;
    let (handle, mut notices) = Client::connect(config(port));
    let mut switch = accept(&listener).await;
    switch.log_in().await;
    up(&mut notices).await;
    switch.say("Event: Newchannel\nUniqueid: 1.1\n\n").await;
    assert_eq!(event_name(&mut notices).await, "Newchannel");
    assert_eq!(handle.counts().events, 2);
    let asked = request(&handle);
    let action = switch.expect("Hangup").await;
    switch.answer(&action, "Message: Channel Hungup\n").await;
    assert!(matches!(asked.await.unwrap(), Outcome::Done(_)));
    let list = {
        let handle = handle.clone();
        tokio::spawn(async move { handle.request(&QueueStatus::default(), PATIENCE).await })
    };
    let action = switch.expect("QueueStatus").await;
    let id = action.action_id().unwrap().to_owned();
    switch.answer(&action, "EventList: start\n").await;
    switch.say(&format!("Event: QueueParams\nActionID: {id}\nQueue: q\n\n")).await;
    switch.say(&format!("Event: QueueStatusComplete\nActionID: {id}\nEventList: Complete\n\n")).await;
    assert_eq!(list.await.unwrap().reply().unwrap().rows[0].get("Queue"), Some("q"));
    drop(handle);
    let logoff = switch.expect("Logoff").await;
    switch.say(&format!("Response: Goodbye\nActionID: {}\n\n", logoff.action_id().unwrap())).await;
    assert_eq!(down(&mut notices).await, (LinkError::LoggedOff, None));
}

// covers: OPS-15
#[tokio::test]
async fn a_cut_link_settles_requests_and_comes_back() {
    let (listener, port) = listen().await;
    let (handle, mut notices) = Client::connect(config(port));
    let mut switch = accept(&listener).await;
    switch.log_in().await;
    up(&mut notices).await;
    let asked = request(&handle);
    switch.expect("Hangup").await;
    drop(switch);
    assert_eq!(asked.await.unwrap(), Outcome::OutcomeUnknown(OutcomeUnknown::LinkEnded));
    let (_, retry_in) = down(&mut notices).await;
    let pause = retry_in.expect("another attempt");
    assert!(pause <= Duration::from_millis(250), "{pause:?}");
    assert_eq!(handle.request(&hangup(), PATIENCE).await, Outcome::NeverSent(NeverSent::NotReady));
    let mut again = accept(&listener).await;
    again.log_in().await;
    up(&mut notices).await;
    assert_eq!(handle.counts().links, 2);
}

#[tokio::test]
async fn a_refused_login_waits_ten_seconds_before_the_next() {
    let (listener, port) = listen().await;
    let (_handle, mut notices) = Client::connect(config(port));
    let mut switch = accept(&listener).await;
    switch.say("Asterisk Call Manager/11.0.0\n").await;
    let challenge = switch.expect("Challenge").await;
    switch.answer(&challenge, "Challenge: 1\n").await;
    let login = switch.expect("Login").await;
    let id = login.action_id().unwrap();
    switch.say(&format!("Response: Error\nActionID: {id}\nMessage: Authentication failed\n\n")).await;
    let (error, retry_in) = down(&mut notices).await;
    assert_eq!(error, LinkError::AuthenticationFailed);
    assert!(retry_in.unwrap() >= Duration::from_secs(10));
}

#[tokio::test]
async fn nobody_listening_is_a_transport_error_and_a_single_attempt_ends() {
    let (listener, port) = listen().await;
    drop(listener);
    let (handle, mut notices) = Client::connect(ClientConfig { retry: Retry::Never, ..config(port) });
    let (error, retry_in) = down(&mut notices).await;
    assert!(matches!(error, LinkError::Transport { .. }), "{error:?}");
    assert_eq!(retry_in, None);
    assert!(notices.recv().await.is_none());
    assert_eq!(handle.request(&hangup(), PATIENCE).await, Outcome::NeverSent(NeverSent::LinkEnded));
}

#[tokio::test]
async fn a_silent_switch_is_left() {
    let (listener, port) = listen().await;
    let mut config = config(port);
    config.session.ping_interval = Duration::from_millis(50);
    let (_handle, mut notices) = Client::connect(config);
    let mut switch = accept(&listener).await;
    switch.log_in().await;
    up(&mut notices).await;
    // From here on the switch neither answers nor closes.
    let (error, retry_in) = down(&mut notices).await;
    assert!(matches!(error, LinkError::Silent { silent_ms } if silent_ms >= 150), "{error:?}");
    assert!(retry_in.is_some());
}

#[tokio::test]
async fn an_owner_that_falls_behind_gets_no_gap_but_an_end() {
    let (listener, port) = listen().await;
    let mut config = config(port);
    config.event_capacity = 8;
    config.slow_consumer_grace = Duration::from_millis(100);
    let (handle, mut notices) = Client::connect(config);
    let mut switch = accept(&listener).await;
    switch.log_in().await;
    up(&mut notices).await;
    let flood = flood(100);
    switch.say(&flood).await;
    // The switch sees the end of the link before the owner reads again.
    assert!(switch.hear().await.is_none());
    for expected in 0..8 {
        let Notice::Event { message, .. } = next(&mut notices).await else { panic!("no event {expected}") };
        assert_eq!(
            message.number::<u32>("N"),
            Some(expected),
            "events before the end are complete and in order"
        );
    }
    assert_eq!(down(&mut notices).await.0, LinkError::ConsumerTooSlow { waiting: 8 });
    assert_eq!(handle.counts().slow_consumer_ends, 1);
}

#[tokio::test]
async fn a_brief_pause_of_the_owner_loses_nothing() {
    let (listener, port) = listen().await;
    let (handle, mut notices) = Client::connect(ClientConfig { event_capacity: 4, ..config(port) });
    let mut switch = accept(&listener).await;
    switch.log_in().await;
    up(&mut notices).await;
    let flood = flood(500);
    switch.say(&flood).await;
    for expected in 0..500_u32 {
        let Notice::Event { message, .. } = next(&mut notices).await else { panic!("no event {expected}") };
        assert_eq!(message.number::<u32>("N"), Some(expected));
    }
    assert_eq!(handle.counts().slow_consumer_ends, 0);
}

/// A self-signed certificate for `switch.test`: its PEM text and a server that shows it.
fn tls_server() -> (String, tokio_rustls::TlsAcceptor) {
    let made = rcgen::generate_simple_self_signed(vec!["switch.test".to_owned()]).unwrap();
    let key = rustls_pki_types::PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
    let config =
        rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![made.cert.der().clone()], key)
            .unwrap();
    (made.cert.pem(), tokio_rustls::TlsAcceptor::from(Arc::new(config)))
}

async fn talk_over_tls(options: TlsOptions, acceptor: tokio_rustls::TlsAcceptor) -> Result<(), LinkError> {
    let (listener, port) = listen().await;
    let tls = ClientConfig { tls: Some(options), retry: Retry::Never, ..config(port) };
    let (_handle, mut notices) = Client::connect(tls);
    let switch = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        // A client that refuses the certificate ends the handshake.
        if let Ok(stream) = acceptor.accept(stream).await {
            let mut switch = Switch::new(stream);
            switch.log_in().await;
            switch.hear().await;
        }
    });
    let result = match next(&mut notices).await {
        Notice::Event { .. } => {
            let notice = next(&mut notices).await;
            assert!(matches!(notice, Notice::Up(_)), "{notice:?}");
            Ok(())
        }
        Notice::Down { error, .. } => Err(error),
        Notice::Up(_) => panic!("up without FullyBooted"),
    };
    switch.abort();
    result
}

// covers: SEC-09
#[tokio::test]
async fn tls_trusts_a_given_authority_for_the_given_name() {
    let (pem, acceptor) = tls_server();
    let roots = TlsRoots::Authorities(pem.into_bytes());
    let named = TlsOptions { roots: roots.clone(), server_name: Some("switch.test".into()) };
    assert_eq!(talk_over_tls(named, acceptor.clone()).await, Ok(()));
    let misnamed = TlsOptions { roots, server_name: Some("other.test".into()) };
    assert!(matches!(talk_over_tls(misnamed, acceptor).await, Err(LinkError::Tls { .. })));
}

// covers: SEC-09
#[tokio::test]
async fn tls_accepts_exactly_the_given_certificate_and_no_other() {
    let (pem, acceptor) = tls_server();
    let (other_pem, _) = tls_server();
    let exactly = |pem: String| TlsOptions { roots: TlsRoots::Exactly(pem.into_bytes()), server_name: None };
    assert_eq!(talk_over_tls(exactly(pem), acceptor.clone()).await, Ok(()));
    assert!(matches!(talk_over_tls(exactly(other_pem), acceptor.clone()).await, Err(LinkError::Tls { .. })));
    assert!(matches!(talk_over_tls(TlsOptions::default(), acceptor).await, Err(LinkError::Tls { .. })));
}

#[tokio::test]
async fn a_broken_tls_configuration_is_named_before_any_connection() {
    for roots in [TlsRoots::Exactly(b"no pem".to_vec()), TlsRoots::Authorities(Vec::new())] {
        let tls = TlsOptions { roots, server_name: None };
        let (_handle, mut notices) =
            Client::connect(ClientConfig { tls: Some(tls), retry: Retry::Never, ..config(9) });
        assert!(matches!(down(&mut notices).await.0, LinkError::Tls { .. }));
    }
}
