//! Signing in with a real directory.

use std::collections::HashSet;
use std::fs;
use std::sync::Arc;

use crm_bridge::ldap::{
    LOGIN, LdapDirectory, LdapSettings, LdapTrouble, Nested, Person, RoleOfGroup, Verdict,
};
use ldap3::{LdapConnAsync, LdapConnSettings, LdapResult, Mod};
use reqwest::Method;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tests::Result;
use tests::site::Site;
use tests::slapd::{ROOT, ROOT_PASSWORD, SUFFIX, Slapd};
use tests::trouble::Context as _;

/// More groups than the directory tells at once.
const MANY: usize = 620;

/// The reading account, three people, groups within groups, and a circle of groups.
fn entries() -> String {
    let top = format!(
        "dn: {SUFFIX}\nobjectClass: dcObject\nobjectClass: organization\no: Example\ndc: example\n\n\
         dn: cn=reader,{SUFFIX}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\n\
         cn: reader\nuserPassword: reads only\n\n"
    );
    let unit = |unit| format!("dn: ou={unit},{SUFFIX}\nobjectClass: organizationalUnit\nou: {unit}\n\n");
    let person = |(login, name)| {
        format!(
            "dn: uid={login},ou=people,{SUFFIX}\nobjectClass: inetOrgPerson\nuid: {login}\ncn: {name}\n\
             sn: {name}\nuserPassword: secret of {login}\n\n"
        )
    };
    let mut all = vec![top];
    all.extend(["people", "groups"].map(unit));
    all.extend([("eva", "Eva One"), ("jan", "Jan Two"), ("pat", "Pat, Three")].map(person));
    all.push(group("Call Agents", &["cn=morning,ou=groups", "cn=evening,ou=groups"]));
    all.push(group("morning", &["uid=eva,ou=people", "cn=evening,ou=groups"]));
    all.push(group("evening", &["cn=morning,ou=groups"]));
    all.push(group("leads", &["uid=pat,ou=people"]));
    all.extend((0..MANY).map(|number| group(&format!("list {number}"), &["uid=eva,ou=people"])));
    all.concat()
}

fn group(name: &str, members: &[&str]) -> String {
    let members: Vec<String> = members.iter().map(|member| format!("member: {member},{SUFFIX}\n")).collect();
    let head = format!("dn: cn={name},ou=groups,{SUFFIX}\nobjectClass: groupOfNames\ncn: {name}\n");
    format!("{head}{}\n", members.concat())
}

fn tls(slapd: &Slapd) -> Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    let pem = fs::read(slapd.certificate())?;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots.add(certificate.context("read the certificate")?).context("believe the certificate")?;
    }
    Ok(Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()))
}

fn directory(slapd: &Slapd, url: &str) -> Result<LdapDirectory> {
    let role = |group: &str, role: &str| RoleOfGroup {
        group: format!("CN={group}, OU=Groups, {SUFFIX}"),
        role: role.to_owned(),
    };
    let settings = LdapSettings {
        url: url.to_owned(),
        start_tls: url.starts_with("ldap:"),
        bind_dn: format!("cn=reader,{SUFFIX}"),
        bind_password: "reads only".to_owned(),
        base: format!("ou=people,{SUFFIX}"),
        login_filter: format!("(uid={LOGIN})"),
        login_attribute: "uid".to_owned(),
        name_attribute: "cn".to_owned(),
        group_base: format!("ou=groups,{SUFFIX}"),
        nested: Nested::Walk,
        roles: vec![role("leads", "supervisor"), role("Call Agents", "agent")],
    };
    Ok(LdapDirectory { settings, tls: tls(slapd)? })
}

async fn becomes_a_member(slapd: &Slapd, group: &str, person: &str) -> Result<()> {
    let how = LdapConnSettings::new().set_config(tls(slapd)?);
    let connected = LdapConnAsync::with_settings(how, &slapd.ldaps).await;
    let (connection, mut ldap) = connected.context("connect to the directory")?;
    tokio::spawn(connection.drive());
    let bound = ldap.simple_bind(ROOT, ROOT_PASSWORD).await.and_then(LdapResult::success);
    bound.context("bind as root")?;
    let members = HashSet::from([format!("uid={person},ou=people,{SUFFIX}")]);
    let group = format!("cn={group},ou=groups,{SUFFIX}");
    let changed = ldap.modify(&group, vec![Mod::Add("member".to_owned(), members)]).await;
    changed.and_then(LdapResult::success).context("add a member")?;
    ldap.unbind().await.context("leave the directory")
}

// covers: SEC-02
#[tokio::test(flavor = "multi_thread")]
async fn the_groups_of_the_directory_decide_the_role() {
    let slapd = Slapd::start(&entries()).await.unwrap();
    let directory = format!(
        "[directory]\nurl = \"{}\"\nca = \"{}\"\nbind_dn = \"cn=reader,{SUFFIX}\"\n\
         bind_password = \"reads only\"\nbase = \"ou=people,{SUFFIX}\"\ngroup_base = \"ou=groups,{SUFFIX}\"\n\
         [[directory.role]]\ngroup = \"cn=leads,ou=groups,{SUFFIX}\"\nrole = \"supervisor\"\n\
         [[directory.role]]\ngroup = \"cn=call agents,ou=groups,{SUFFIX}\"\nrole = \"agent\"\n",
        slapd.ldaps,
        slapd.certificate().display(),
    );
    let mut site = Site::prepare_with(&directory).await.unwrap();
    site.serve().await.unwrap();
    let sign_in = async |login: &str, password: &str| {
        let body = json!({ "login": login, "password": password });
        site.ask(Method::POST, "/v1/auth/login", None, &body).await.unwrap()
    };
    let roles = async |login: &str| {
        let (status, reply) = sign_in(login, &format!("secret of {login}")).await;
        assert_eq!(status, 200, "{reply}");
        let token = reply["token"].as_str();
        let (_, me) = site.ask(Method::GET, "/v1/me", token, &Value::Null).await.unwrap();
        (me["name"].clone(), me["roles"].clone())
    };
    assert_eq!(roles("eva").await, (json!("Eva One"), json!(["agent"])));
    becomes_a_member(&slapd, "leads", "eva").await.unwrap();
    assert_eq!(roles("eva").await, (json!("Eva One"), json!(["supervisor", "agent"])));
    for (login, password, code) in [
        ("eva", "secret of jan", "sign_in_failed"),
        ("eva", "", "sign_in_failed"),
        ("*", "secret of eva", "sign_in_failed"),
        ("eva)(uid=*", "secret of eva", "sign_in_failed"),
        ("jan", "secret of jan", "directory_no_role"),
    ] {
        let (_, reply) = sign_in(login, password).await;
        assert_eq!(reply["code"], code, "{login}: {reply}");
    }
    assert!(!site.log().contains("secret of"), "{}", site.log());
}

// covers: SEC-02 SEC-08
#[tokio::test(flavor = "multi_thread")]
async fn a_directory_is_asked_by_tls_of_both_kinds_and_only_when_its_certificate_is_the_right_one() {
    let slapd = Slapd::start(&entries()).await.unwrap();
    let pat = Verdict::Person(Person {
        login: "pat".to_owned(),
        name: "Pat, Three".to_owned(),
        roles: vec!["supervisor".to_owned()],
    });
    for url in [&slapd.ldaps, &slapd.ldap] {
        let directory = directory(&slapd, url).unwrap();
        assert_eq!(directory.sign_in("pat", "secret of pat").await.unwrap(), pat, "{url}");
        assert_eq!(directory.sign_in("pat", "another").await.unwrap(), Verdict::Wrong, "{url}");
    }
    let mut anybody = directory(&slapd, &slapd.ldaps).unwrap();
    anybody.settings.login_filter = format!("(|(uid={LOGIN})(objectClass=inetOrgPerson))");
    let verdict = anybody.sign_in("pat", "secret of pat").await.unwrap();
    assert_eq!(verdict, Verdict::Wrong, "three people fit");
    // However it is typed, it is one person.
    let mut by_name = directory(&slapd, &slapd.ldaps).unwrap();
    by_name.settings.login_filter = format!("(cn={LOGIN})");
    assert_eq!(by_name.sign_in("pat,  THREE", "secret of pat").await.unwrap(), pat);
    let stranger = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(stranger.cert.der().clone()).unwrap();
    let other = Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth());
    for url in [&slapd.ldaps, &slapd.ldap] {
        let stranger = LdapDirectory { tls: Arc::clone(&other), ..directory(&slapd, url).unwrap() };
        let refused = stranger.sign_in("pat", "secret of pat").await;
        assert!(matches!(refused, Err(LdapTrouble::Asking { .. })), "{url}: {refused:?}");
    }
}
