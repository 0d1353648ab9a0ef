use std::sync::Mutex;

use super::*;

fn guard(networks: &[&str]) -> Guard {
    Guard::new(networks.iter().map(|text| text.parse().unwrap()).collect())
}

/// Hosts that lead into the house, in every spelling that some library takes.
const INNER: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "127.255.255.254",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "017700000001",
    "0.0.0.0",
    "0",
    "10.0.0.1",
    "10.255.255.255",
    "167772161",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "0xc0a80101",
    "169.254.169.254",
    "2852039166",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[::ffff:169.254.169.254]",
    "[::127.0.0.1]",
    "[64:ff9b::127.0.0.1]",
    "[64:ff9b::a9fe:a9fe]",
    "[64:ff9b:1::1]",
    "[fe80::1]",
    "[febf::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd00:ec2::254]",
    "[fdff::1]",
    "[ff02::1]",
    "[100::1]",
    "[2001::1]",
    "[2001:db8::1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::]",
    "[3fff::1]",
    "[5f00::1]",
    "%31%32%37.0.0.1",
    "①②⑦.⓪.⓪.①",
];

// covers: INT-09
#[test]
fn no_spelling_of_an_inner_address_can_be_posted_to() {
    let guard = guard(&[]);
    for host in INNER {
        for scheme in ["https", "http"] {
            let url = format!("{scheme}://{host}/hook");
            let said = guard.check(&url).unwrap_err();
            assert!(said.contains("inner address") || said.contains("no address"), "{url}: {said}");
        }
    }
    for host in ["93.184.216.34", "[2606:2800:220:1:248:1893:25c8:1946]", "erp.example"] {
        guard.check(&format!("https://{host}/hook")).unwrap();
    }
    assert!(guard.admits("64:ff9b::5db8:d822".parse().unwrap()), "a public address by NAT64");
}

// covers: INT-09
#[test]
fn only_named_networks_are_posted_to_inside_and_only_they_without_tls() {
    let guard = guard(&["10.20.0.0/16", "fd12::/16"]);
    for fine in [
        "http://10.20.3.4/hook",
        "http://10.20.3.4:8080/hook",
        "https://10.20.3.4/hook",
        "http://[fd12::7]/hook",
        "http://erp.intranet/hook",
    ] {
        guard.check(fine).unwrap();
    }
    for refused in ["https://10.21.0.1/", "http://93.184.216.34/", "https://[fd13::7]/", "http://127.0.0.1/"]
    {
        assert!(guard.check(refused).is_err(), "{refused}");
    }
}

#[test]
fn an_address_is_taken_only_as_it_is_sent() {
    let guard = guard(&[]);
    let exact = "https://erp.example/a%20b/hook?tenant=7&x=%2F+1";
    assert_eq!(guard.check(exact).unwrap().as_str(), exact);
    for (wrong, why) in [
        ("https://erp.example", "`https://erp.example/`"),
        ("https://ERP.example/", "`https://erp.example/`"),
        ("https://erp.example/a/../b", "`https://erp.example/b`"),
        ("https://erp.example/a b", "`https://erp.example/a%20b`"),
        (" https://erp.example/", "`https://erp.example/`"),
        ("https://erp.example:443/", "`https://erp.example/`"),
        ("https://anna:x@erp.example/", "password"),
        ("https://erp.example/#part", "`#`"),
        ("https://erp.example:22/", "port 22"),
        ("https://erp.example:0/", "port 0"),
        ("ftp://erp.example/", "`ftp`"),
        ("file:///etc/passwd", "no server"),
        ("gopher://erp.example:70/", "`gopher`"),
        ("erp.example/hook", "no address"),
        ("http://erp.example/", "https"),
        ("", "no address"),
    ] {
        let said = guard.check(wrong).unwrap_err();
        assert!(said.contains(why), "{wrong}: {said}");
    }
}

fn answering(answers: Vec<Vec<&str>>) -> LookUp {
    let answers = answers.into_iter().map(|one| one.into_iter().map(|text| text.parse().unwrap()).collect());
    let answers = Arc::new(Mutex::new(answers.collect::<std::collections::VecDeque<Vec<IpAddr>>>()));
    Arc::new(move |_| {
        let next = answers.lock().unwrap().pop_front();
        Box::pin(async move { next.ok_or_else(|| io::Error::other("no such host")) })
    })
}

// covers: INT-09
#[tokio::test]
async fn a_name_that_leads_elsewhere_the_second_time_is_not_connected_to() {
    let names = answering(vec![
        vec!["93.184.216.34"],
        vec!["127.0.0.1"],
        vec!["::ffff:169.254.169.254"],
        vec!["10.0.0.9", "93.184.216.34"],
        vec![],
    ]);
    let checked = Checked::new(guard(&[]), false, names);
    let ask = || checked.clone().addresses("erp.example".to_owned());
    assert_eq!(ask().await.unwrap(), ["93.184.216.34:0".parse().unwrap()]);
    assert!(ask().await.unwrap_err().contains("127.0.0.1 is an inner address"));
    assert!(ask().await.unwrap_err().contains("leads into the house"));
    assert_eq!(
        ask().await.unwrap(),
        ["93.184.216.34:0".parse().unwrap()],
        "only what may be connected to is left"
    );
    assert!(ask().await.unwrap_err().contains("has no address"));
    assert!(ask().await.unwrap_err().contains("not known"));
    let names = answering(vec![vec!["93.184.216.34"], vec!["10.20.1.1"]]);
    let plain = Checked::new(guard(&["10.20.0.0/16"]), true, names);
    let ask = || plain.clone().addresses("erp.example".to_owned());
    assert!(ask().await.unwrap_err().contains("post by https"), "without TLS nothing leaves the house");
    assert_eq!(ask().await.unwrap(), ["10.20.1.1:0".parse().unwrap()]);
}
