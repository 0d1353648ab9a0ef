//! Setting up: what is missing, a phone that rings, the extension list out of a file.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use cti_core::fact::Cause;
use cti_core::input::{DeviceKind, DeviceRef, SwitchEvent};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::world::{Asker, PASSWORD, World, endpoint, station};

#[tokio::test]
async fn what_is_missing_is_told_with_how_to_mend_it() {
    // covers: ADM-05
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let view = world.get("/v1/setup", &admin).await.expect(200);
    assert_eq!((&view["counts"]["switches"], &view["counts"]["links_up"]), (&json!(1), &json!(1)), "{view}");
    assert_eq!(view["counts"]["members_with_user"], 2, "{view}");
    let findings = view["findings"].as_array().unwrap();
    assert!(findings.iter().any(|one| one["code"] == "link_up" && one["severity"] == "ok"), "{view}");
    assert!(findings.iter().all(|one| one["severity"] != "blocking"), "{view}");
    let advised = |view: &Value, code: &str| {
        view["findings"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| one["code"] == code && one["severity"] == "advice")
    };
    assert!(advised(&view, "no_pop_rule") && advised(&view, "no_contacts"), "{view}");
    let contact = json!({ "kind": "person", "name": "Jana", "numbers": [{ "number": "+420605550142" }] });
    world.post("/v1/contacts", &admin, contact).await.expect(201);
    let mut rule = json!({ "name": "CRM", "direction": "inbound", "scope": "external", "trigger": "alerting",
        "url_template": "https://crm.example/{number.e164}", "active": false });
    world.post("/v1/pop_rules", &admin, rule.clone()).await.expect(201);
    let view = world.get("/v1/setup", &admin).await.expect(200);
    assert!(
        advised(&view, "no_pop_rule") && !advised(&view, "no_contacts"),
        "an idle rule opens nothing: {view}"
    );
    rule["active"] = json!(true);
    world.post("/v1/pop_rules", &admin, rule).await.expect(201);
    let view = world.get("/v1/setup", &admin).await.expect(200);
    assert!(!advised(&view, "no_pop_rule"), "{view}");
    let anna = world.sign_in("anna").await;
    world.get("/v1/setup", &anna).await.expect_problem(403, "forbidden");
}

#[tokio::test]
async fn a_phone_rings_for_its_holder_and_for_who_administers_it() {
    let world = World::new().await;
    let ring = |device| format!("/v1/devices/{device}/ring");
    let (own, other) = (world.device("1001").await, world.device("1002").await);
    let anna = world.sign_in("anna").await;
    world.post(&ring(other), &anna, json!({})).await.expect_problem(403, "forbidden");
    let command = world.post(&ring(own), &anna, json!({})).await.expect(202);
    assert_eq!(
        (&command["command"], &command["state"]),
        (&json!("ring_device"), &json!("sent")),
        "{command}"
    );
    let id = command["id"].as_str().unwrap().to_owned();
    let at_phone = endpoint(&id, station("1001"));
    world
        .event(SwitchEvent::Delivered {
            call: "r".into(),
            to: at_phone.clone(),
            calling: cti_core::input::PartyInfo::default(),
            dialled: None,
        })
        .await;
    world.post(&ring(own), &anna, json!({})).await.expect_problem(409, "device_busy");
    world.event(SwitchEvent::Originated { call: "r".into(), from: at_phone, dialled: None }).await;
    let seen = world.get(&format!("/v1/commands/{id}"), &anna).await.expect(200);
    let steps: Vec<_> = seen["steps"].as_array().unwrap().iter().map(|one| one["step"].clone()).collect();
    assert_eq!(seen["state"], "succeeded", "{seen}");
    assert_eq!(steps, [json!("accepted"), json!("own_ringing"), json!("own_answered")]);
    let cleared = SwitchEvent::Cleared {
        call: "r".into(),
        connection: id.as_str().into(),
        cause: Cause::Normal,
        by_party: false,
    };
    world.event(cleared).await;

    let clerk = world.token("clerk", &["device.admin"]).await;
    let command = world.post(&ring(other), &clerk, json!({})).await.expect(202);
    let path = format!("/v1/commands/{}", command["id"].as_str().unwrap());
    world.get(&path, &clerk).await.expect(200);
    world.get(&path, &anna).await.expect_problem(404, "not_found");
    let device = DeviceRef { native: "PJSIP/trunk".into(), kind: DeviceKind::Trunk, extension: None };
    world.event(SwitchEvent::Device { device, name: None, capabilities: None }).await;
    let trunk = world
        .look(|state| *state.devices.iter().find(|(_, one)| one.kind == DeviceKind::Trunk).unwrap().0)
        .await;
    world.post(&ring(trunk), &clerk, json!({})).await.expect_problem(409, "wrong_state");
}

async fn send(
    world: &World,
    asker: &Asker,
    path: &str,
    kind: &str,
    body: impl Into<Body>,
) -> (StatusCode, Value) {
    let Asker::Token(token) = asker else { panic!("a token is wanted") };
    let request = Request::post(path)
        .header(header::HOST, "cti.example")
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, kind)
        .body(body.into())
        .unwrap();
    let response = world.router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn import(world: &World, asker: &Asker, dry_run: bool, file: &str) -> Value {
    let path = format!("/v1/extensions/import?dry_run={dry_run}");
    let (status, view) = send(world, asker, &path, "text/csv", file.to_owned()).await;
    assert_eq!(status, StatusCode::OK, "{view}");
    view
}

const FILE: &str = "extension;login;name;role;number;contact\n\
    1001;anna;ignored;;555 100 101;Front desk\n\
    1003;Dana;Dana Nová;;;\n\
    1004;otto;Otto;pilot;;\n\
    10a;;;;;\n\
    1003;;;;;\n\
    1005;;;;12;\n\
    1006;dana;;;;\n";

#[tokio::test]
async fn an_extension_list_out_of_a_file_is_tried_then_taken_row_by_row() {
    // covers: ADM-05
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    let counts = |view: &Value| {
        ["rows", "users_added", "extensions_added", "extensions_changed"]
            .map(|key| view[key].as_u64().unwrap())
    };
    let tried = import(&world, &admin, true, FILE).await;
    assert_eq!(counts(&tried), [7, 1, 3, 0], "{tried}");
    assert_eq!(tried["passwords"], json!([]));
    assert!(world.look(|state| state.extensions.is_empty()).await, "nothing was changed");
    assert_eq!(world.store.user_by_login("dana").await.unwrap(), None);

    let done = import(&world, &admin, false, FILE).await;
    assert_eq!(counts(&done), [7, 1, 3, 0], "{done}");
    assert_eq!(done["refused"], tried["refused"]);
    let refused: Vec<_> = done["refused"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["line"].as_u64().unwrap(), one["field"].as_str().unwrap().to_owned()))
        .collect();
    let wanted = [(4, "role"), (5, "extension"), (6, "extension"), (7, "number")];
    assert_eq!(refused, wanted.map(|(line, field)| (line, field.to_owned())));
    assert!(done["refused"].as_array().unwrap().iter().all(|one| !one["fix"].as_str().unwrap().is_empty()));

    let first = &done["passwords"][0];
    assert_eq!((done["passwords"].as_array().unwrap().len(), &first["login"]), (1, &json!("dana")));
    let body = json!({ "login": "dana", "password": first["password"] });
    world.post("/v1/auth/login", &Asker::Nobody, body).await.expect(200);
    let dana = world.store.user_by_login("dana").await.unwrap().unwrap();
    assert_eq!((dana.name.as_str(), dana.roles.as_slice()), ("Dana Nová", &["agent".to_owned()][..]));
    let device = world.device("1003").await;
    assert_eq!(world.look(move |state| state.user_of(device)).await, Some(dana.id), "the line is hers");
    assert_eq!(world.look(|state| state.extensions.len()).await, 3);

    // The same file again changes nothing; a file with less leaves the rest as it is.
    assert_eq!(counts(&import(&world, &admin, false, FILE).await), [7, 0, 0, 0]);
    let again = import(&world, &admin, false, "extension,contact\n1001,Reception\n").await;
    assert_eq!(counts(&again), [1, 0, 0, 1], "{again}");
    let rows = world.get("/v1/extensions", &admin).await.expect(200);
    let row = rows["items"].as_array().unwrap().iter().find(|row| row["extension"] == "1001").unwrap();
    assert_eq!((&row["contact"], &row["number"]), (&json!("Reception"), &json!("+420555100101")), "{row}");
    assert_eq!(row["user"], json!(world.anna));
    let audited = world.get("/v1/audit?subject=extensions", &admin).await.expect(200);
    assert_eq!(audited["items"].as_array().unwrap().len(), 3, "each import is audited");
    assert!(!audited.to_string().contains(first["password"].as_str().unwrap()));
}

#[tokio::test]
async fn a_member_of_a_queue_becomes_the_user_of_its_phone() {
    let world = World::new().await;
    let admin = world.sign_in("admin").await;
    world
        .event(SwitchEvent::Member(cti_core::input::MemberSeen {
            queue: "sales".into(),
            device: station("1003"),
            name: "1003".into(),
            paused: false,
            reason: None,
            dynamic: true,
        }))
        .await;
    let done = import(&world, &admin, false, "extension,login\n1003,dana\n1001,anna\n").await;
    assert_eq!(done["members_linked"], 1, "{done}");
    let agent = world.agent("1003").await;
    let dana = world.store.user_by_login("dana").await.unwrap().unwrap();
    assert_eq!(world.look(move |state| state.agents[&agent].user).await, Some(dana.id));
}

#[tokio::test]
async fn a_file_adds_nobody_for_who_may_not_and_is_bounded() {
    // covers: SEC-01
    let world = World::new().await;
    let clerk = world.token("clerk", &["device.admin"]).await;
    let done = import(&world, &clerk, false, "extension,login\n1001,anna\n1003,dana\n").await;
    assert_eq!(
        (&done["extensions_added"], &done["refused"][0]["field"]),
        (&json!(1), &json!("login")),
        "{done}"
    );
    assert!(done["refused"][0]["reason"].as_str().unwrap().contains("user.admin"), "{done}");
    let lower = world.token("lower", &["device.admin", "user.admin"]).await;
    let done = import(&world, &lower, false, "extension,login,role\n1003,dana,admin\n").await;
    assert_eq!(done["refused"][0]["field"], "role", "nobody hands on more than they have: {done}");

    let path = "/v1/extensions/import";
    let (status, problem) = send(&world, &clerk, path, "application/json", "{}").await;
    assert_eq!((status.as_u16(), &problem["code"]), (415, &json!("not_csv")));
    let (status, problem) = send(&world, &clerk, path, "text/csv", "extension,colour\n1,red\n").await;
    assert_eq!((status.as_u16(), &problem["code"]), (422, &json!("invalid_field")), "{problem}");
    let large = "x".repeat(10 * 1024 * 1024 + 1);
    let (status, problem) = send(&world, &clerk, path, "text/csv", large).await;
    assert_eq!((status.as_u16(), &problem["code"]), (413, &json!("body_too_large")));
    let login = json!({ "login": "anna", "password": PASSWORD });
    let anna = world.post("/v1/auth/login", &Asker::Nobody, login).await.expect(200);
    let anna = Asker::Token(anna["token"].as_str().unwrap().to_owned());
    let (status, _) = send(&world, &anna, path, "text/csv", "extension\n1\n").await;
    assert_eq!(status.as_u16(), 403);
}
