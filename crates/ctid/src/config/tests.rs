use super::*;

const GOOD: &str = r#"
[server]
listen = "127.0.0.1:0"
timezone = "Europe/Prague"
[store]
url = "sqlite:data/tieline.db"
[[switch]]
id = "praha"
name = "Praha"
kind = "asterisk"
address = "192.0.2.10"
user = "cti-ev"
password = "one"
user_actions = "cti-act"
password_actions = "two"
[switch.numbers]
country = "CZ"
extension_pattern = "1XXX"
[[switch.numbers.own_numbers]]
numbers = "+42055520XXXX"
positions = "8-11"
"#;

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse(Path::new("/etc/tieline/ctid.toml"), text)
}

fn problem_of(text: &str) -> String {
    parse(text).expect_err("a refusal").to_string()
}

#[test]
fn a_good_file_gives_all_its_values() {
    let config = parse(GOOD).unwrap();
    assert_eq!(config.store.url.reveal(), "sqlite:/etc/tieline/data/tieline.db");
    assert_eq!(config.store.folder, Path::new("/etc/tieline/data"));
    assert_eq!(config.server.tls, Tls::Off);
    let switch = &config.switches[0];
    assert_eq!(switch.id.as_str(), "praha");
    assert_eq!(switch.port, 5038);
    assert_eq!(switch.events.password.reveal(), "one");
    assert_eq!(switch.actions.user, "cti-act");
    assert_eq!(switch.numbers.extension_pattern, "1XXX");
    assert_eq!(switch.numbers.own_extension("+420555201234").as_deref(), Some("1234"));
    let shown = format!("{config:?}");
    assert!(!shown.contains("\"one\"") && !shown.contains("\"two\""), "{shown}");
}

#[test]
fn one_user_acts_and_listens_when_no_other_is_named() {
    let text = GOOD.replace("user_actions = \"cti-act\"\n", "").replace("password_actions = \"two\"\n", "");
    let config = parse(&text).unwrap();
    assert_eq!(config.switches[0].actions, config.switches[0].events);
}

#[test]
fn a_csta_switch_needs_no_user_and_names_what_is_followed() {
    let text = GOOD
        .replace(
            "user = \"cti-ev\"\npassword = \"one\"\nuser_actions = \"cti-act\"\npassword_actions = \"two\"\n",
            "",
        )
        .replace(
            "\"asterisk\"",
            "\"csta-xml\"\ndialect = \"mitel-mx-one\"\nstations = [\"1001-1003\"]\ntrunks = [\"901\"]",
        )
        .replace(
            "[switch.numbers]",
            "[[switch.queue]]\nnumber = \"600\"\nname = \"Support\"\n\
             [[switch.route_point]]\ndevice = \"650\"\ntarget = \"1001\"\n\
             [[switch.route_point]]\ndevice = \"651\"\n\
             [[switch.route_point]]\ndevice = \"660\"\nheld_by = \"deflect_from_device\"\n[switch.numbers]",
        );
    let config = parse(&text).unwrap();
    let switch = &config.switches[0];
    let points = &switch.csta.as_ref().unwrap().route_points;
    let owned: Vec<_> = points.iter().filter(|point| point.target.is_none()).collect();
    assert_eq!((points.len(), owned[1].held_by.as_deref()), (3, Some("deflect_from_device")));
    assert_eq!((switch.kind.as_str(), switch.port), ("csta-xml", 8882));
    let devices = csta::devices(switch.csta.as_ref().unwrap(), &switch.trunks);
    let numbers: Vec<&str> = devices.iter().map(|device| device.number.as_str()).collect();
    assert_eq!(numbers, ["1001", "1002", "1003", "600", "650", "651", "660", "901"]);
}

/// What is replaced in the good file, by what, the key that must be named, and words of the fix.
const MISTAKES: &[(&str, &str, &str, &str)] = &[
    ("id = \"praha\"\n", "", "switch[0].id: is missing", "add `id ="),
    ("name = \"Praha\"\n", "", "switch[0].name: is missing", "add `name ="),
    ("name = \"Praha\"", "name = \" \"", "switch[0].name: is empty", "write it like"),
    ("id = \"praha\"", "id = \"Praha 1\"", "switch[0].id: ", "small letters"),
    ("\"asterisk\"", "\"csta-xml\"", "switch[0].port: is missing", "no usual one"),
    (
        "\"asterisk\"",
        "\"csta-xml\"\ndialect = \"panasonic\"",
        "switch[0].dialect: \"panasonic\" is no dialect we know",
        "mitel-mx-one",
    ),
    (
        "\"asterisk\"",
        "\"avaya-dmcc\"\nstations = [\"1020-1001\"]",
        "switch[0].stations: \"1020-1001\" is no number or range",
        "1001-1020",
    ),
    (
        "\"asterisk\"",
        "\"csta-xml\"\nroute_point = [{ device = \"650\", target = \"600\", held_by = \"route_loop\" }]",
        "switch[0].route_point[0].held_by: stands beside a target",
        "leave out the target",
    ),
    (
        "\"asterisk\"",
        "\"csta-xml\"\ndialect = \"openscape\"\nroute_point = [{ device = \"650\", held_by = \"route_loop\" }]",
        "switch[0].route_point: held_by is \"route_loop\", which dialect \"openscape\" does not have",
        "write deflect_from_device",
    ),
    (
        "\"asterisk\"",
        "\"asterisk\"\ndialect = \"openscape\"",
        "switch[0].dialect: is a key of CSTA switches",
        "another kind",
    ),
    ("\"asterisk\"", "\"freeswitch\"", "switch[0].kind: ", "write \"asterisk\""),
    ("password = \"one\"\n", "", "switch[0].password: is missing", "manager.conf"),
    (
        "password = \"one\"",
        "password_file = \"no-such-file\"",
        "switch[0].password_file: cannot read",
        "let ctid's user read it",
    ),
    ("password = \"one\"", "password = \"a\\nb\"", "switch[0].password: ", "one line"),
    ("password_actions = \"two\"\n", "", "switch[0].password_actions: is missing", "password_actions_file"),
    ("user = \"cti-ev\"", "user = 7", "switch[0].user: is integer", "user = \"cti-ev\""),
    ("user = \"cti-ev\"", "usr = \"cti-ev\"", "switch[0].usr: is not a key of ours", "did you mean `user`"),
    ("address =", "port = 70000\naddress =", "switch[0].port: is 70000", "from 1 to 65535"),
    ("address =", "timeout_s = 0\naddress =", "switch[0].timeout_s: is 0", "from 1 to 120"),
    ("address =", "log_calls = \"some\"\naddress =", "switch[0].log_calls: ", "\"mapped\""),
    ("address =", "context = \"a b\"\naddress =", "switch[0].context: ", "from-internal"),
    (
        "[switch.numbers]",
        "[[switch.route]]\nto = \"praha\"\nprefix = \"8\"\n[switch.numbers]",
        "switch[0].route[0].to: is this switch itself",
        "the other end",
    ),
    (
        "[switch.numbers]",
        "[[switch.route]]\nto = \"mitel\"\nprefix = \"eight\"\n[switch.numbers]",
        "switch[0].route[0].prefix: ",
        "1 to 8 digits",
    ),
    (
        "[switch.numbers]",
        "[[switch.route]]\nto = \"mitel\"\n[switch.numbers]",
        "switch[0].route[0].prefix: is missing",
        "prefix = \"8\"",
    ),
    (
        "[switch.numbers]",
        "[[switch.route]]\nto = \"a\"\nprefix = \"8\"\n[[switch.route]]\nto = \"b\"\nprefix = \"8\"\n[switch.numbers]",
        "switch[0].route[1].prefix: \"8\" is the prefix of an earlier route too",
        "prefix of its own",
    ),
    (
        "\"asterisk\"",
        "\"csta-xml\"\nroute_point = [{ device = \"800\", target = \"8OO\" }]",
        "switch[0].route_point[0].target: \"8OO\" is no number",
        "write digits",
    ),
    (
        "\"asterisk\"",
        "\"csta-xml\"\nroute_point = [{ device = \"800\", target = \"801\" }, { device = \"801\", target = \"800\" }]",
        "switch[0].route_point[1].target: leads back to \"801\"",
        "where calls end",
    ),
    ("address =", "tls_ca = \"x\"\naddress =", "switch[0].tls_ca: ", "tls = true"),
    ("country = \"CZ\"", "country = \"cze\"", "switch[0].numbers.country: ", "ISO 3166"),
    ("\"8-11\"", "\"8\"", "switch[0].numbers.own_numbers[0].positions: ", "\"8-11\""),
    ("\"8-11\"", "\"8-12\"", "switch[0].numbers.own_numbers: ", "from zero"),
    ("\"1XXX\"", "\"1..\"", "switch[0].numbers.extension_pattern: ", "for any digit"),
    (
        "[switch.numbers]",
        "[switch.dial]\ndeny = [\"9 0\"]\n[switch.numbers]",
        "switch[0].dial.deny: ",
        "digits",
    ),
    (
        "[switch.numbers]",
        "[switch.dial]\nemergency = \"yes\"\n[switch.numbers]",
        "switch[0].dial.emergency: ",
        "\"refuse\"",
    ),
    (
        "[switch.numbers]",
        "[[switch.profile]]\ntalk = true\n[switch.numbers]",
        "switch[0].profile[0].user_agent: is missing",
        "Yealink",
    ),
    ("\"127.0.0.1:0\"", "\"localhost\"", "server.listen: ", "127.0.0.1:8088"),
    ("listen =", "lisen =", "server.lisen: is not a key of ours", "did you mean `listen`"),
    ("listen =", "colour = 1\nlisten =", "server.colour: is not a key of ours", "known here are: listen"),
    ("\"Europe/Prague\"", "\"Prague\"", "server.timezone: ", "IANA"),
    ("listen =", "language = \"fr\"\nlisten =", "server.language: ", "cs"),
    ("listen =", "tls = \"on\"\nlisten =", "server.tls: ", "self-signed"),
    ("listen =", "tls_cert = \"a\"\nlisten =", "server.tls_key: is missing", "PEM"),
    ("listen =", "tls = \"self-signed\"\ntls_cert = \"a\"\nlisten =", "server.tls: stands beside", "either"),
    ("listen =", "cors_origins = [\"*\"]\nlisten =", "server.cors_origins: ", "https://crm.example"),
    ("listen =", "trusted_proxies = [\"proxy\"]\nlisten =", "server.trusted_proxies: ", "127.0.0.1"),
    ("listen =", "public_url = \"tieline\"\nlisten =", "server.public_url: ", "https://"),
    ("\"sqlite:data/tieline.db\"", "\"mysql://x\"", "store.url: ", "postgres://"),
    ("\"sqlite:data/tieline.db\"", "\"sqlite::memory:\"", "store.url: names no file", "sqlite:tieline.db"),
    ("url =", "power_safe = \"yes\"\nurl =", "store.power_safe: is string", "power_safe = true"),
    ("[store]", "[relay]\nallow_networks = [\"house\"]\n[store]", "relay.allow_networks: ", "10.20.0.0/16"),
    ("[store]", "[stores]", "stores: is not a key of ours", "did you mean `store`"),
];

// covers: ADM-07
#[test]
fn every_mistake_is_told_with_file_key_and_fix() {
    for (from, to, key, fix) in MISTAKES {
        assert!(GOOD.contains(from), "{from} does not stand in the good file");
        let told = problem_of(&GOOD.replacen(from, to, 1));
        assert!(told.starts_with("/etc/tieline/ctid.toml"), "{told}");
        assert!(told.contains(key), "wanted `{key}` in: {told}");
        let after = told.split(key).nth(1).unwrap_or("");
        assert!(after.contains("fix: ") && after.contains(fix), "wanted fix `{fix}` in: {told}");
        assert!(!told.contains("\"one\"") && !told.contains("\"two\""), "a secret in: {told}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let told = problem_of("[server]\nlisten = 1\n[[switch]]\nid = \"a\"\n[[switch]]\n");
    assert!(told.contains("server.listen"), "{told}");
    assert!(told.contains("switch[0].name"), "{told}");
    assert!(told.contains("switch[1].id"), "{told}");
}

#[test]
fn two_switches_cannot_share_an_id() {
    let second = GOOD.split("[[switch]]").nth(1).unwrap();
    let told = problem_of(&format!("{GOOD}\n[[switch]]{second}"));
    assert!(told.contains("switch[1].id: \"praha\" is the id of an earlier switch too"), "{told}");
}

#[test]
fn broken_toml_is_told_with_its_line() {
    let told = problem_of("[server]\nlisten = \n");
    assert!(told.contains("line 2") && told.contains("fix: "), "{told}");
}

#[test]
fn a_password_file_is_read_beside_the_configuration() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("pbx.secret"), "from a file\n").unwrap();
    let text = GOOD.replace("password = \"one\"", "password_file = \"pbx.secret\"");
    let config = Config::parse(&folder.path().join("ctid.toml"), &text).unwrap();
    assert_eq!(config.switches[0].events.password.reveal(), "from a file");
}

const RECORDS: &str = r#"
[[records]]
id = "essl"
url = "https://essl.example/ermsAPI"
source = "CTI"
target = "ESSL"
user = "tieline"
password = "three"
ca = "essl-ca.pem"
client_cert = "tieline.pem"
client_key = "tieline.key"
[documents]
font = "Noto.ttf"
"#;

#[test]
fn a_records_service_is_read_and_its_mistakes_are_named() {
    let config = parse(&format!("{GOOD}{RECORDS}")).unwrap();
    let essl = &config.records[0];
    assert_eq!((essl.name.as_str(), essl.timeout.as_secs(), essl.test_every.as_secs()), ("essl", 60, 900));
    assert_eq!(essl.parties.dialect().word(), "2023");
    assert_eq!(essl.ca.as_deref(), Some(Path::new("/etc/tieline/essl-ca.pem")));
    assert_eq!(config.font.as_deref(), Some(Path::new("/etc/tieline/Noto.ttf")));
    assert!(!format!("{config:?}").contains("three"));
    for (old, new, wanted, fix) in [
        ("id = \"essl\"", "id = \"E 1\"", "records[0].id: \"E 1\" is no id", "hyphens"),
        ("https://essl", "ftp://essl", "records[0].url: is no web address", "ermsAPI"),
        ("https://essl", "http://essl", "records[0].url: would send documents", "https://"),
        (
            "source = \"CTI\"",
            "source = \"TIELINE\"",
            "records[0].source: Zdroj `TIELINE` must have",
            "agreed",
        ),
        ("target = \"ESSL\"\n", "", "records[0].target: is missing", "add `target"),
        ("target =", "id_source = \"TIELINE-CTI\"\ntarget =", "records[0].id_source: ZdrojID", "agreed"),
        (
            "target =",
            "dialect = \"2024\"\ntarget =",
            "records[0].dialect: \"2024\" is none",
            "v_02_00, v_01_00",
        ),
        ("client_key = \"tieline.key\"\n", "", "records[0].client_key: is missing", "PEM"),
        ("user = \"tieline\"\n", "", "records[0].user: is missing beside", "add `user"),
        ("target =", "timeout_s = 0\ntarget =", "records[0].timeout_s", ""),
        ("font =", "fnt =", "documents.fnt: is not a key", "did you mean `font`"),
        (
            "[documents]",
            "[[records]]\nid = \"essl\"\nurl = \"https://a\"\nsource = \"A\"\ntarget = \"B\"\n[documents]",
            "records[1].id: \"essl\" is the id of an earlier",
            "of its own",
        ),
    ] {
        let problem = problem_of(&format!("{GOOD}{}", RECORDS.replacen(old, new, 1)));
        assert!(problem.contains(wanted) && problem.contains(fix), "{wanted}: {problem}");
    }
}

const DIRECTORY: &str = r#"
[directory]
url = "ldaps://dc.example"
bind_dn = "cn=tieline,dc=example"
bind_password = "three"
base = "dc=example"
nested = "active-directory"
[[directory.role]]
group = "cn=agents,dc=example"
role = "agent"
"#;

// covers: SEC-02
#[test]
fn a_directory_is_read_with_what_most_directories_need_and_keeps_its_secret() {
    assert!(parse(GOOD).unwrap().directory.is_none());
    let config = parse(&format!("{GOOD}{DIRECTORY}")).unwrap();
    let shown = format!("{config:?}");
    let ldap = config.directory.unwrap().ldap;
    assert_eq!((ldap.group_base.as_str(), ldap.name_attribute.as_str()), ("dc=example", "cn"));
    assert_eq!(ldap.login_filter, "(&(objectClass=person)(uid={login}))");
    assert_eq!(ldap.bind_password, "three");
    assert!(!shown.contains("three"), "{shown}");
}

// covers: SEC-02 SEC-08
#[test]
fn a_directory_that_would_hear_passwords_in_plain_text_or_find_nobody_is_refused() {
    for (before, after, wanted) in [
        ("ldaps://dc.example", "ldap://dc.example", "directory.url: would send passwords in plain text"),
        ("ldaps://dc.example", "dc.example", "directory.url: is no address"),
        ("base =", "start_tls = true\nbase =", "directory.start_tls: stands beside"),
        ("bind_password = \"three\"\n", "", "directory.bind_dn: stands without its password"),
        ("base =", "login_filter = \"(uid=login)\"\nbase =", "directory.login_filter: finds nobody"),
        ("active-directory", "deep", "directory.nested: is \"deep\""),
        ("role = \"agent\"", "", "directory.role[0].role"),
        ("url = \"ldaps://dc.example\"\n", "", "directory.url"),
    ] {
        let problem = problem_of(&format!("{GOOD}{}", DIRECTORY.replace(before, after)));
        assert!(problem.contains(wanted), "{wanted}: {problem}");
    }
}
