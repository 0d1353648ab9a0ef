//! The page of a contact in another system (POP-05): a URL with the contact's key there. Whoever has no key there has no
//! page.

use store::{Contact, ContactLink, ExternalSystem};

use crate::template::{Template, TemplateError, Values};

/// The one placeholder.
const EXTERNAL_ID: &str = "external_id";

/// Reads the template of a system.
pub fn parse(text: &str) -> Result<Template, TemplateError> {
    let template = Template::parse_with(text, &[EXTERNAL_ID], false)?;
    // A default would lead to a page of nobody, and without the key everybody had the same page.
    if template.needed().any(|name| name == EXTERNAL_ID) {
        return Ok(template);
    }
    Err(TemplateError {
        at: text.chars().count() + 1,
        problem: "the key of the person is missing".to_owned(),
        fix: "put `{external_id}` where it belongs, without a default".to_owned(),
    })
}

/// The pages of a contact, in the order of the systems; a template that cannot be read any more leads nowhere.
pub fn links(contact: &Contact, systems: &[ExternalSystem]) -> Vec<ContactLink> {
    let mut found = Vec::new();
    for system in systems {
        let Some(Ok(template)) = system.url_template.as_deref().map(parse) else { continue };
        for id in contact.kept.external_ids.iter().filter(|id| id.system == system.key) {
            let filled = template.fill(&Values::from([(EXTERNAL_ID.to_owned(), id.id.clone())]));
            // A key of dots alone would lead away from the page that was meant.
            if filled.missing.is_empty() {
                let (system, name) = (system.key.clone(), system.name.clone());
                found.push(ContactLink { system, name, url: filled.url });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use cti_core::ids::ContactId;
    use cti_core::time::Timestamp;
    use store::{ContactDraft, ContactKind, ExternalId};

    fn system(key: &str, template: Option<&str>) -> ExternalSystem {
        let url_template = template.map(ToOwned::to_owned);
        ExternalSystem { key: key.to_owned(), name: key.to_uppercase(), url_template }
    }

    fn contact(ids: &[(&str, &str)]) -> Contact {
        let at = Timestamp::from_micros(1);
        let mut kept = ContactDraft::new(ContactKind::Person, "Jan");
        let id = |(system, id): &(&str, &str)| ExternalId { system: (*system).into(), id: (*id).into() };
        kept.external_ids = ids.iter().map(id).collect();
        Contact { id: ContactId::derive(at, 1, 1), version: 1, kept, created_at: at, changed_at: at }
    }

    #[test]
    fn whoever_has_a_key_has_a_page_and_whoever_has_none_has_none() {
        // covers: POP-05
        let systems = [
            system("icis", Some("https://icis.example/person/{external_id}?from=cti")),
            system("erp", None),
            system("broken", Some("nonsense")),
        ];
        let of = |ids: &[(&str, &str)]| -> Vec<String> {
            links(&contact(ids), &systems).into_iter().map(|link| link.url).collect()
        };
        assert_eq!(
            of(&[("icis", "12/34 č&x")]),
            ["https://icis.example/person/12%2F34%20%C4%8D%26x?from=cti"]
        );
        assert_eq!(of(&[]), Vec::<String>::new());
        assert_eq!(of(&[("erp", "1"), ("broken", "1"), ("default", "1")]), Vec::<String>::new());
        assert_eq!(of(&[("icis", "..")]), Vec::<String>::new(), "no way out of the path");
    }

    #[test]
    fn a_template_without_the_key_or_with_another_name_is_refused() {
        for bad in [
            "https://icis.example/",
            "https://icis.example/{external_id|1}",
            "https://icis.example/{name}/{external_id}",
            "https://icis.example/{data.x}/{external_id}",
            "javascript:{external_id}",
            "https://{external_id}/",
        ] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert!(parse("https://icis.example/{external_id}").is_ok());
    }
}
