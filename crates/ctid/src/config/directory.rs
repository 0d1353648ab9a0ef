//! `[directory]`: signing in with LDAP or Active Directory.

use std::path::{Path, PathBuf};

use crm_bridge::ldap::{LOGIN, LdapSettings, Nested, RoleOfGroup};

use super::section::Section;
use super::{place, switch};

/// The directory of the house.
#[derive(Debug, Clone)]
pub struct Directory {
    /// How it is reached and read.
    pub ldap: LdapSettings,
    /// Authority of its certificate, PEM; the public ones when none.
    pub ca: Option<PathBuf>,
}

/// Reads the section; none when there is none.
pub(super) fn read(section: &mut Section, folder: &Path) -> Option<Directory> {
    if section.is_empty() {
        return None;
    }
    let url = section.required("url", "ldaps://dc.example");
    let start_tls = section.flag("start_tls", false);
    if let Some(url) = &url {
        check_url(section, url, start_tls);
    }
    let ca = section.text("ca", "company-ca.pem").map(|name| place(folder, &name));
    let bind_dn = section.text("bind_dn", "cn=tieline,ou=services,dc=example,dc=com").unwrap_or_default();
    let bind_password = switch::password(section, folder, "bind_password", "bind_password_file");
    if bind_dn.is_empty() != bind_password.is_none() {
        let fix = "give the account that searches with its password, or neither for an anonymous search";
        section.wrong("bind_dn", "stands without its password, or the password without it", fix);
    }
    let base = section.required("base", "ou=people,dc=example,dc=com");
    let login_filter = login_filter(section);
    let login_attribute = section.text("login_attribute", "uid").unwrap_or_else(|| "uid".to_owned());
    let name_attribute = section.text("name_attribute", "displayName").unwrap_or_else(|| "cn".to_owned());
    let group_base = section.text("group_base", "ou=groups,dc=example,dc=com").or_else(|| base.clone());
    let nested = nested(section);
    let roles = roles(section);
    let ldap = LdapSettings {
        url: url?,
        start_tls,
        bind_dn,
        bind_password: bind_password.map(|secret| secret.reveal().to_owned()).unwrap_or_default(),
        base: base?,
        login_filter,
        login_attribute,
        name_attribute,
        group_base: group_base?,
        nested,
        roles,
    };
    Some(Directory { ldap, ca })
}

fn check_url(section: &mut Section, url: &str, start_tls: bool) {
    let host = url.strip_prefix("ldaps://").or_else(|| url.strip_prefix("ldap://"));
    if host.is_none_or(|host| host.is_empty() || host.contains(['/', ' ', '?'])) {
        section.wrong("url", "is no address of a directory", "write it like \"ldaps://dc.example\"");
    } else if url.starts_with("ldap://") && !start_tls {
        let fix = "write \"ldaps://\", or add `start_tls = true`";
        section.wrong("url", "would send passwords in plain text", fix);
    } else if url.starts_with("ldaps://") && start_tls {
        section.wrong(
            "start_tls",
            "stands beside \"ldaps://\", which is encrypted already",
            "keep one of the two",
        );
    }
}

fn login_filter(section: &mut Section) -> String {
    let example = format!("(&(objectClass=person)(uid={LOGIN}))");
    let filter = section.text("login_filter", &example).unwrap_or_else(|| example.clone());
    let closed = filter.matches('(').count() == filter.matches(')').count();
    if !filter.starts_with('(') || !closed || !filter.contains(LOGIN) {
        let fix = format!(
            "write a filter in brackets with {LOGIN} where the name goes that people type, for example \"{example}\""
        );
        section.wrong("login_filter", "finds nobody", fix);
    }
    filter
}

fn nested(section: &mut Section) -> Nested {
    match section.text("nested", "walk").as_deref() {
        None | Some("walk") => Nested::Walk,
        Some("active-directory") => Nested::ActiveDirectory,
        Some(other) => {
            section.wrong("nested", format!("is \"{other}\""), "write \"walk\" or \"active-directory\"");
            Nested::Walk
        }
    }
}

fn roles(section: &mut Section) -> Vec<RoleOfGroup> {
    let mut roles = Vec::new();
    for mut below in section.sections("role") {
        let group = below.required("group", "cn=agents,ou=groups,dc=example,dc=com");
        let role = below.required("role", "agent");
        if let (Some(group), Some(role)) = (group, role) {
            roles.push(RoleOfGroup { group, role });
        }
        section.absorb(below);
    }
    if roles.is_empty() {
        let fix = "add at least one `[[directory.role]]` with `group` and `role`";
        section.wrong("role", "is missing: nobody of the directory would have a role", fix);
    }
    roles
}
