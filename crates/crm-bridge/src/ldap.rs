//! Signing in with LDAP or Active Directory (SEC-02): the directory says who somebody is, its groups say which roles the
//! person has here. Nothing is written there, and no password is kept here.
//!
//! ```text
//! login ─▶ search (as the reading account) ─▶ one entry? ─▶ bind as that entry ─▶ its groups, and theirs ─▶ roles
//! ```

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use ldap3::adapters::{Adapter, EntriesOnly, PagedResults};
use ldap3::{
    Ldap, LdapConnAsync, LdapConnSettings, LdapError, Scope, SearchEntry, SearchOptions, SearchResult,
    ldap_escape,
};
use rustls::ClientConfig;

/// Longest wait for the connection and for each answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest wait for all of one sign-in.
const WHOLE: Duration = Duration::from_secs(15);
/// Entries of one page of an answer.
const PAGE: i32 = 500;
/// Most groups of one person that are looked at.
const GROUPS_MAX: usize = 1_000;
/// Where the login goes in a filter.
pub const LOGIN: &str = "{login}";
/// Longest login that is looked for.
const LOGIN_MAX: usize = 256;
/// `sizeLimitExceeded` (RFC 4511 §4.1.9).
const SIZE_LIMIT_EXCEEDED: u32 = 4;
/// How a directory says, there too, that a person cannot come in with this password: `constraintViolation` and
/// `unwillingToPerform` (locked, in some directories), `inappropriateAuthentication` (has none), `invalidCredentials`,
/// `insufficientAccessRights`.
const REFUSALS: [u32; 5] = [19, 48, 49, 50, 53];

/// How the directory is reached and read; its `Debug` shows no password.
#[derive(Clone, PartialEq, Eq)]
pub struct LdapSettings {
    /// `ldaps://HOST[:PORT]`, or `ldap://…` with `start_tls`.
    pub url: String,
    /// Encrypts after the connection stands. A directory is never spoken to in plain text.
    pub start_tls: bool,
    /// The account that searches; anonymous when empty.
    pub bind_dn: String,
    /// Its password.
    pub bind_password: String,
    /// Below which people are found.
    pub base: String,
    /// Finds a person; [`LOGIN`] stands for what was typed.
    pub login_filter: String,
    /// The attribute with the login, however it was typed.
    pub login_attribute: String,
    /// The attribute with the name that is shown.
    pub name_attribute: String,
    /// Below which groups are found.
    pub group_base: String,
    /// How groups within groups are found.
    pub nested: Nested,
    /// Which group gives which role; a person has the roles of all its groups.
    pub roles: Vec<RoleOfGroup>,
}

impl fmt::Debug for LdapSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LdapSettings")
            .field("url", &self.url)
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

/// A directory that can be asked.
#[derive(Debug, Clone)]
pub struct LdapDirectory {
    /// How it is reached and read.
    pub settings: LdapSettings,
    /// Whose certificates are believed.
    pub tls: Arc<ClientConfig>,
}

/// How groups within groups are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nested {
    /// Step by step by `member` and `uniqueMember`: any directory.
    Walk,
    /// In one question, by the rule in chain of Active Directory.
    ActiveDirectory,
}

/// A group and the role that its members have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleOfGroup {
    /// Distinguished name of the group.
    pub group: String,
    /// Name of the role.
    pub role: String,
}

/// What came of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is that person.
    Person(Person),
    /// There is no such person, or the password is another one.
    Wrong,
    /// It is that person, with this login, and none of its groups has a role here.
    NoRole(String),
}

/// A person as the directory knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The login as the directory has it: one person is one user, whatever was typed.
    pub login: String,
    /// Name shown to people.
    pub name: String,
    /// Names of roles, in the order of the settings, each once.
    pub roles: Vec<String>,
}

/// Why the directory could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum LdapTrouble {
    /// It does not answer as a directory does.
    #[error("ask the directory {url}")]
    Asking {
        /// Which one.
        url: String,
        /// Why.
        #[source]
        source: Box<LdapError>,
    },
    /// It did not answer in time.
    #[error("the directory {url} did not answer within {} s", WHOLE.as_secs())]
    Late {
        /// Which one.
        url: String,
    },
}

impl LdapDirectory {
    /// Asks the directory who signs in.
    pub async fn sign_in(&self, login: &str, password: &str) -> Result<Verdict, LdapTrouble> {
        // A bind without a password succeeds as nobody (RFC 4513 §5.1.2).
        if password.is_empty() || login.trim().is_empty() || login.len() > LOGIN_MAX {
            return Ok(Verdict::Wrong);
        }
        let url = || self.settings.url.clone();
        match tokio::time::timeout(WHOLE, self.ask(login.trim(), password)).await {
            Ok(Ok(verdict)) => Ok(verdict),
            Ok(Err(source)) => Err(LdapTrouble::Asking { url: url(), source: Box::new(source) }),
            Err(_) => Err(LdapTrouble::Late { url: url() }),
        }
    }

    async fn ask(&self, login: &str, password: &str) -> Result<Verdict, LdapError> {
        let settings = &self.settings;
        let mut reader = self.connect().await?;
        if !settings.bind_dn.is_empty() {
            let bound = reader.with_timeout(PATIENCE).simple_bind(&settings.bind_dn, &settings.bind_password);
            bound.await?.success()?;
        }
        let verdict = self.recognise(&mut reader, login, password).await;
        // The answer is known; that the other side does not hear the end of it changes nothing.
        reader.unbind().await.ok();
        verdict
    }

    async fn recognise(&self, reader: &mut Ldap, login: &str, password: &str) -> Result<Verdict, LdapError> {
        let settings = &self.settings;
        let filter = settings.login_filter.replace(LOGIN, &ldap_escape(login));
        let attributes = vec![settings.login_attribute.as_str(), settings.name_attribute.as_str()];
        // Two say as much as many: that the filter does not tell people apart.
        let options = SearchOptions::new().sizelimit(2);
        let SearchResult(entries, result) = reader
            .with_timeout(PATIENCE)
            .with_search_options(options)
            .search(&settings.base, Scope::Subtree, &filter, attributes)
            .await?;
        if result.rc != SIZE_LIMIT_EXCEEDED {
            result.success()?;
        }
        let mut entries = entries.into_iter().filter(|entry| !entry.is_ref() && !entry.is_intermediate());
        let (Some(entry), None) = (entries.next(), entries.next()) else {
            return Ok(Verdict::Wrong);
        };
        let entry = SearchEntry::construct(entry);
        if !self.is_password_of(&entry.dn, password).await? {
            return Ok(Verdict::Wrong);
        }
        let groups = groups_of(settings, reader, &entry.dn).await?;
        let roles = roles_of(&settings.roles, &groups);
        // A directory need not spell an attribute as it was asked for.
        let first = |wanted: &str| {
            let found = entry.attrs.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            found
                .and_then(|(_, values)| values.first())
                .map(|value| value.trim())
                .filter(|value| !value.is_empty())
        };
        let login = first(&settings.login_attribute).unwrap_or(login).to_lowercase();
        if roles.is_empty() {
            return Ok(Verdict::NoRole(login));
        }
        let name = first(&settings.name_attribute).unwrap_or(&login).to_owned();
        Ok(Verdict::Person(Person { login, name, roles }))
    }

    async fn connect(&self) -> Result<Ldap, LdapError> {
        let how = LdapConnSettings::new()
            .set_conn_timeout(PATIENCE)
            .set_starttls(self.settings.start_tls)
            .set_config(Arc::clone(&self.tls));
        let (connection, ldap) = LdapConnAsync::with_settings(how, &self.settings.url).await?;
        tokio::spawn(async move {
            if let Err(error) = connection.drive().await {
                tracing::debug!(%error, "the connection to the directory ended");
            }
        });
        Ok(ldap)
    }

    /// Binds as the person, on a connection of its own: what the reading account may see stays as it is.
    async fn is_password_of(&self, dn: &str, password: &str) -> Result<bool, LdapError> {
        let mut own = self.connect().await?;
        let bound = own.with_timeout(PATIENCE).simple_bind(dn, password).await?;
        own.unbind().await.ok();
        if REFUSALS.contains(&bound.rc) {
            tracing::debug!(code = bound.rc, "the directory lets this person in by no password");
            return Ok(false);
        }
        bound.success().map(|_| true)
    }
}

/// The groups of an entry, and the groups of these.
async fn groups_of(
    settings: &LdapSettings,
    reader: &mut Ldap,
    dn: &str,
) -> Result<BTreeSet<String>, LdapError> {
    let mut all = BTreeSet::new();
    let mut next = vec![dn.to_owned()];
    while let Some(member) = next.pop() {
        let member = ldap_escape(member);
        let filter = match settings.nested {
            Nested::Walk => format!("(|(member={member})(uniqueMember={member}))"),
            Nested::ActiveDirectory => format!("(member:1.2.840.113556.1.4.1941:={member})"),
        };
        for group in names_of(settings, reader, &filter).await? {
            if all.len() < GROUPS_MAX && all.insert(same(&group)) && settings.nested == Nested::Walk {
                next.push(group);
            }
        }
    }
    Ok(all)
}

/// Distinguished names of what a filter finds, page by page.
async fn names_of(
    settings: &LdapSettings,
    reader: &mut Ldap,
    filter: &str,
) -> Result<Vec<String>, LdapError> {
    let adapters: Vec<Box<dyn Adapter<'_, _, _>>> =
        vec![Box::new(EntriesOnly::new()), Box::new(PagedResults::new(PAGE))];
    let mut stream = reader
        .with_timeout(PATIENCE)
        .streaming_search_with(adapters, &settings.group_base, Scope::Subtree, filter, vec!["1.1"])
        .await?;
    let mut names = Vec::new();
    while let Some(entry) = stream.next().await? {
        if names.len() < GROUPS_MAX {
            names.push(SearchEntry::construct(entry).dn);
        }
    }
    stream.finish().await.success()?;
    Ok(names)
}

/// The roles of somebody in these groups.
fn roles_of(map: &[RoleOfGroup], groups: &BTreeSet<String>) -> Vec<String> {
    let mut roles: Vec<String> = Vec::new();
    for one in map.iter().filter(|one| groups.contains(&same(&one.group))) {
        if !roles.contains(&one.role) {
            roles.push(one.role.clone());
        }
    }
    roles
}

/// A distinguished name as it is compared: case and blanks around `,` and `=` do not count (RFC 4514).
fn same(dn: &str) -> String {
    let mut name = String::with_capacity(dn.len());
    let (mut is_escaped, mut is_behind_sign) = (false, false);
    for letter in dn.trim().to_lowercase().chars() {
        let is_sign = !is_escaped && matches!(letter, ',' | '=' | '+');
        if is_sign {
            name.truncate(name.trim_end().len());
        }
        let is_skipped = is_behind_sign && letter == ' ';
        if !is_skipped {
            name.push(letter);
        }
        is_behind_sign = is_sign || is_skipped;
        is_escaped = letter == '\\' && !is_escaped;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    // covers: SEC-02
    #[test]
    fn groups_give_roles_however_their_names_are_written() {
        let of = |group: &str, role: &str| RoleOfGroup { group: group.to_owned(), role: role.to_owned() };
        let map = [
            of("CN=Call Agents, OU=Groups, DC=example, DC=com", "agent"),
            of("cn=leads,ou=groups,dc=example,dc=com", "supervisor"),
            of("cn=others,ou=groups,dc=example,dc=com", "agent"),
        ];
        let groups = |names: &[&str]| names.iter().map(|name| same(name)).collect();
        assert_eq!(roles_of(&map, &groups(&["cn=call agents,ou=Groups,dc=example,dc=com"])), ["agent"]);
        let all = ["CN=Leads , OU=groups,DC=example,DC=com", "cn=others,ou=groups,dc=example,dc=com"];
        assert_eq!(roles_of(&map, &groups(&all)), ["supervisor", "agent"]);
        assert!(roles_of(&map, &groups(&["cn=leads,ou=staff,dc=example,dc=com"])).is_empty());
        assert!(roles_of(&map, &BTreeSet::new()).is_empty());
    }

    #[test]
    fn an_escaped_comma_belongs_to_the_name() {
        assert_ne!(same("cn=a\\, b,dc=x"), same("cn=a\\,b,dc=x"));
        assert_eq!(same("CN = Doe , DC = x"), "cn=doe,dc=x");
    }
}
