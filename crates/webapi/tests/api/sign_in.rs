//! Signing in and out, lock-out, cookies, and requests from other sites.

use std::fmt::Write as _;

use axum::http::{Method, header};
use serde_json::json;
use webapi::Settings;
use webapi::ports::bridges::{DirectoryPerson, SignIn};

use crate::world::{Asker, PASSWORD, World};

#[tokio::test]
async fn a_person_signs_in_to_its_own_profile_and_out_again() {
    let world = World::new().await;
    let body = json!({ "login": "Anna", "password": PASSWORD });
    let answer = world.post("/v1/auth/login", &Asker::Nobody, body).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(cookie.starts_with("tieline=tls_"), "{cookie}");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/"));
    assert!(!cookie.contains("Secure"), "plain http was configured");
    let reply = answer.expect(200);
    let token = Asker::Token(reply["token"].as_str().unwrap().to_owned());
    let me = world.get("/v1/me", &token).await.expect(200);
    assert_eq!(me["login"], "anna");
    assert_eq!(me["user"], json!(world.anna));
    assert_eq!(me["agent"], json!(world.agent("1001").await));
    assert_eq!(me["primary_device"], json!(world.device("1001").await));
    let sessions = world.get("/v1/auth/sessions", &token).await.expect(200);
    assert_eq!(sessions["items"][0]["current"], true);
    world.post("/v1/auth/logout", &token, json!({})).await.expect(204);
    world.get("/v1/me", &token).await.expect_problem(401, "unauthenticated");
}

#[tokio::test]
async fn by_https_the_cookie_is_bound_to_the_host() {
    let world = World::with(Settings { secure: true, ..Settings::default() }).await;
    let body = json!({ "login": "anna", "password": PASSWORD });
    let answer = world.post("/v1/auth/login", &Asker::Nobody, body).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-tieline=") && cookie.contains("Secure"), "{cookie}");
    assert!(answer.headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
}

#[tokio::test]
async fn after_five_failures_even_the_right_password_waits() {
    // covers: SEC-06
    let world = World::new().await;
    let try_in = |password: &'static str| {
        let body = json!({ "login": "anna", "password": password });
        world.post("/v1/auth/login", &Asker::Nobody, body)
    };
    for _ in 0..4 {
        try_in("not the password").await.expect_problem(401, "sign_in_failed");
    }
    try_in("not the password").await.expect_problem(429, "locked_out");
    let locked = try_in(PASSWORD).await;
    let wait_s: i64 = locked.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    locked.expect_problem(429, "locked_out");
    assert!((1..=30).contains(&wait_s), "{wait_s}");
    world.wait(31_000);
    // The next failure locks again, for twice as long.
    let again = try_in("not the password").await;
    let wait_s: i64 = again.headers[header::RETRY_AFTER].to_str().unwrap().parse().unwrap();
    assert!((31..=60).contains(&wait_s), "{wait_s}");
    world.wait(61_000);
    try_in(PASSWORD).await.expect(200);
    try_in("not the password").await.expect_problem(401, "sign_in_failed");
}

#[tokio::test]
async fn many_guesses_at_once_are_no_more_than_five() {
    // covers: SEC-06
    let world = World::new().await;
    let try_in = |password: String| {
        let body = json!({ "login": "anna", "password": password });
        let world = &world;
        async move { world.post("/v1/auth/login", &Asker::Nobody, body).await }
    };
    // All pass the first look at the lock; the right one waits for its turn behind the wrong ones.
    let mut guesses: Vec<String> = (0..20).map(|guess| format!("guess {guess}")).collect();
    guesses.push(PASSWORD.to_owned());
    let answers = futures_util::future::join_all(guesses.into_iter().map(try_in)).await;
    answers.into_iter().next_back().unwrap().expect_problem(429, "locked_out");
}

#[tokio::test]
async fn guesses_of_the_present_password_lock_like_those_at_the_sign_in() {
    // covers: SEC-06
    let world = World::new().await;
    let anna = world.sign_in("anna").await;
    let path = format!("/v1/users/{}/password", world.anna);
    let guess = |current: &'static str| {
        let body = json!({ "password": "another long password", "current": current });
        world.send(Method::PUT, &path, &anna, Some(body), &[])
    };
    for _ in 0..4 {
        guess("not the password").await.expect_problem(422, "invalid_field");
    }
    guess("not the password").await.expect_problem(429, "locked_out");
    guess(PASSWORD).await.expect_problem(429, "locked_out");
    world.wait(60_000);
    guess(PASSWORD).await.expect(204);
}

#[tokio::test]
async fn an_unknown_name_answers_like_a_wrong_password() {
    let world = World::new().await;
    let try_in = |login: &'static str| {
        let body = json!({ "login": login, "password": "not the password" });
        world.post("/v1/auth/login", &Asker::Nobody, body)
    };
    let mut spent = [Vec::new(), Vec::new()];
    let mut bodies = Vec::new();
    // Four tries each, so that no account locks; taking turns, so that other load meets both.
    for _ in 0..4 {
        for (place, login) in ["anna", "nobody-of-this-name"].into_iter().enumerate() {
            let before = std::time::Instant::now();
            let mut body = try_in(login).await.expect_problem(401, "sign_in_failed");
            spent[place].push(before.elapsed());
            body["trace_id"] = json!("");
            bodies.push(body);
        }
    }
    assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
    let [known, unknown] = spent.map(|mut tries| {
        tries.sort_unstable();
        tries[1]
    });
    // Hashing takes nearly all of the time; without it the second would be a hundred times quicker.
    assert!(unknown > known / 10, "{unknown:?} against {known:?}");
}

#[tokio::test]
async fn a_page_of_another_site_cannot_use_the_cookie() {
    let world = World::with(Settings {
        trusted_origins: vec!["https://crm.example".to_owned()],
        ..Settings::default()
    })
    .await;
    let anna = world.sign_in_cookie("anna").await;
    let call = world.talking("c1", "1001").await;
    let path = format!("/v1/calls/{call}/notes");
    let note = |headers: &'static [(&'static str, &'static str)]| {
        let body = Some(json!({ "text": "hello" }));
        world.send(Method::POST, &path, &anna, body, headers)
    };
    note(&[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")])
        .await
        .expect_problem(403, "cross_site");
    note(&[("origin", "https://evil.example")]).await.expect_problem(403, "cross_site");
    note(&[("sec-fetch-site", "same-origin")]).await.expect(201);
    note(&[("sec-fetch-site", "cross-site"), ("origin", "https://crm.example")]).await.expect(201);
    // A read is harmless: its answer cannot be seen by the other page.
    let read = world.send(Method::GET, &path, &anna, None, &[("sec-fetch-site", "cross-site")]).await;
    assert!(!read.headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
    // A token in a header is no cookie.
    let token = world.sign_in("anna").await;
    let answer = world
        .send(Method::POST, &path, &token, Some(json!({ "text": "x" })), &[("sec-fetch-site", "cross-site")])
        .await;
    answer.expect(201);
    // Nor may another site sign somebody in.
    let body = Some(json!({ "login": "anna", "password": PASSWORD }));
    world
        .send(Method::POST, "/v1/auth/login", &Asker::Nobody, body, &[("sec-fetch-site", "cross-site")])
        .await
        .expect_problem(403, "cross_site");
}

#[tokio::test]
async fn sessions_end_by_time_by_hand_and_with_the_account() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let anna = world.sign_in("anna").await;
    let sessions = world.get(&format!("/v1/auth/sessions?user={}", world.anna), &admin).await.expect(200);
    let id = sessions["items"][0]["id"].as_str().unwrap().to_owned();
    let boris = world.sign_in("boris").await;
    let path = format!("/v1/auth/sessions/{id}");
    world.send(Method::DELETE, &path, &boris, None, &[]).await.expect_problem(404, "not_found");
    world.send(Method::DELETE, &path, &admin, None, &[]).await.expect(204);
    world.get("/v1/me", &anna).await.expect_problem(401, "unauthenticated");
    let locked = Some(json!({ "active": false }));
    let user = format!("/v1/users/{}", world.boris);
    world.send(Method::PATCH, &user, &admin, locked, &[]).await.expect(200);
    world.get("/v1/me", &boris).await.expect_problem(401, "unauthenticated");
    world.wait(13 * 60 * 60 * 1_000);
    world.get("/v1/me", &admin).await.expect_problem(401, "unauthenticated");
}

/// Keeps everything that is logged, at every level.
#[derive(Clone, Default)]
struct Everything(std::sync::Arc<std::sync::Mutex<String>>);

impl tracing::Subscriber for Everything {
    fn enabled(&self, _: &tracing::Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        writeln!(self.0.lock().unwrap(), "{span:?}").unwrap();
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, values: &tracing::span::Record<'_>) {
        writeln!(self.0.lock().unwrap(), "{values:?}").unwrap();
    }

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn event(&self, event: &tracing::Event<'_>) {
        writeln!(self.0.lock().unwrap(), "{event:?}").unwrap();
    }

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}

#[tokio::test]
async fn passwords_and_tokens_are_never_logged() {
    let world = World::new().await;
    let log = Everything::default();
    // For every thread: with one that holds for this thread alone, what another case says first is heard by nobody.
    tracing::subscriber::set_global_default(log.clone()).unwrap();
    let Asker::Token(token) = world.sign_in("anna").await else { unreachable!() };
    let wrong = json!({ "login": "anna", "password": "a wrong but secret one" });
    world.post("/v1/auth/login", &Asker::Nobody, wrong).await.expect(401);
    let admin = world.sign_in("admin").await;
    let new = json!({ "login": "dana", "name": "Dana", "roles": ["agent"], "password": "brand new secret" });
    world.post("/v1/users", &admin, new).await.expect(201);
    let wish = json!({ "name": "erp", "scopes": ["call.read.any"] });
    let made = world.post("/v1/api_tokens", &admin, wish).await.expect(201);
    let text = log.0.lock().unwrap().clone();
    assert!(text.contains("a sign-in failed") && text.contains("/v1/users"), "the log was kept: {text}");
    for secret in [
        PASSWORD,
        "a wrong but secret one",
        "brand new secret",
        &token,
        made["token"].as_str().unwrap(),
        "$argon2",
    ] {
        assert!(!text.contains(secret), "`{secret}` is in the log");
    }
}

fn person(name: &str, roles: &[&str]) -> SignIn {
    let roles = roles.iter().map(|role| (*role).to_owned()).collect();
    let login = "eva".to_owned();
    SignIn::Person(DirectoryPerson { login, name: name.to_owned(), language: "cs".to_owned(), roles })
}

// covers: SEC-02
#[tokio::test]
async fn a_person_of_the_directory_has_the_roles_that_it_says_at_each_sign_in() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let says = |said: SignIn| *world.bridges.directory.lock().unwrap() = said;
    let sign_in = |login: &'static str, password: &'static str| {
        world.post("/v1/auth/login", &Asker::Nobody, json!({ "login": login, "password": password }))
    };
    says(person("Eva One", &["agent"]));
    // However it was typed, the directory says who it is.
    let first = sign_in("eva@example.com", "secret of eva@example.com").await.expect(200);
    let eva = Asker::Token(first["token"].as_str().unwrap().to_owned());
    let me = world.get("/v1/me", &eva).await.expect(200);
    assert_eq!(
        (&me["login"], &me["name"], &me["language"]),
        (&json!("eva"), &json!("Eva One"), &json!("cs"))
    );
    assert_eq!(me["roles"], json!(["agent"]));
    says(person("Eva Two", &["supervisor"]));
    let again = sign_in("eva", "secret of eva").await.expect(200);
    assert_eq!(again["user"], first["user"]);
    // What is true now is true for the earlier session as well.
    let me = world.get("/v1/me", &eva).await.expect(200);
    assert_eq!((&me["name"], &me["roles"]), (&json!("Eva Two"), &json!(["supervisor"])));
    let path = format!("/v1/audit?subject={}", first["user"].as_str().unwrap());
    let audited = world.get(&path, &admin).await.expect(200);
    let actions: Vec<_> = audited["items"].as_array().unwrap().iter().map(|one| &one["action"]).collect();
    assert_eq!(actions, ["user.save", "user.add"]);

    sign_in("eva", "another").await.expect_problem(401, "sign_in_failed");
    says(SignIn::NoRole("eva".to_owned()));
    sign_in("eva", "secret of eva").await.expect_problem(403, "directory_no_role");
    world.get("/v1/me", &eva).await.expect_problem(401, "unauthenticated");
    says(person("Eva Two", &["captain"]));
    sign_in("eva", "secret of eva").await.expect_problem(503, "directory_misconfigured");
    says(SignIn::Unavailable);
    sign_in("eva", "secret of eva").await.expect_problem(503, "directory_unavailable");
    // Who has a password here is not looked for there: neither locked out with it, nor taken over by it.
    sign_in("anna", PASSWORD).await.expect(200);
    says(person("Another Anna", &["admin"]));
    sign_in("anna", "secret of anna").await.expect_problem(401, "sign_in_failed");
    let alias = DirectoryPerson {
        login: "anna".to_owned(),
        name: "Another Anna".to_owned(),
        language: "cs".to_owned(),
        roles: vec!["admin".to_owned()],
    };
    says(SignIn::Person(alias));
    sign_in("a@example.com", "secret of a@example.com").await.expect_problem(401, "sign_in_failed");
    let users = world.get("/v1/users", &admin).await.expect(200);
    let eva = users["items"].as_array().unwrap().iter().find(|one| one["login"] == "eva").unwrap().clone();
    let path = format!("/v1/users/{}", eva["id"].as_str().unwrap());
    world.send(Method::PATCH, &path, &admin, Some(json!({ "active": false })), &[]).await.expect(200);
    says(person("Eva Two", &["supervisor"]));
    sign_in("eva", "secret of eva").await.expect_problem(401, "sign_in_failed");
    // Nor does who was removed come back.
    world.send(Method::DELETE, &path, &admin, None, &[]).await.expect(204);
    sign_in("eva", "secret of eva").await.expect_problem(401, "sign_in_failed");
}

// covers: INT-15 SEC-01
#[tokio::test]
async fn a_frame_gets_a_session_of_its_own_that_no_other_site_and_no_machine_can_ask_for() {
    let world = World::with(Settings::default()).await;
    let path = "/v1/auth/embed_sessions";
    world.post(path, &Asker::Nobody, json!({})).await.expect_problem(401, "unauthenticated");
    let machine = world.token("crm", &["call.read.any"]).await;
    world.post(path, &machine, json!({})).await.expect_problem(409, "not_a_person");
    let anna = world.sign_in_cookie("anna").await;
    let from_elsewhere = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];
    world
        .send(Method::POST, path, &anna, Some(json!({})), &from_elsewhere)
        .await
        .expect_problem(403, "cross_site");
    let answer =
        world.send(Method::POST, path, &anna, Some(json!({})), &[("sec-fetch-site", "same-origin")]).await;
    assert!(answer.headers.get(header::SET_COOKIE).is_none(), "the token is for memory only");
    let token = answer.expect(200)["token"].as_str().unwrap().to_owned();
    let frame = Asker::Token(token);
    assert_eq!(world.get("/v1/me", &frame).await.expect(200)["login"], "anna");
    let sessions = world.get("/v1/auth/sessions", &frame).await.expect(200);
    let mut all = sessions["items"].as_array().unwrap().iter();
    let own = all.find(|one| one["current"] == true).unwrap();
    assert!(own["user_agent"].as_str().unwrap().starts_with("frame: "), "{sessions}");
    // Whoever signs out of the frame stays signed in at the desk.
    world.post("/v1/auth/logout", &frame, json!({})).await.expect(204);
    world.get("/v1/me", &frame).await.expect_problem(401, "unauthenticated");
    world.get("/v1/me", &anna).await.expect(200);
}

// covers: INT-15
#[tokio::test]
async fn frames_of_frames_end_with_the_first_sign_in() {
    let world = World::new().await;
    let mut asker = world.sign_in("anna").await;
    for _ in 0..16 {
        world.wait(11 * 60 * 60_000);
        let reply = world.post("/v1/auth/embed_sessions", &asker, json!({})).await;
        if reply.status == 401 {
            return;
        }
        asker = Asker::Token(reply.expect(200)["token"].as_str().unwrap().to_owned());
    }
    panic!("a chain of frames outlived the week of its first session");
}
