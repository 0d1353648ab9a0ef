//! The page: the form, again with what is wrong, or the thanks.

use std::fmt::Write as _;

use super::words::{Fault, Words};
use super::{CallbackForm, CallbackOrder, PHONE_MAX, SUBJECT_MAX};

const STYLE: &str = "body{font:1rem/1.5 system-ui,sans-serif;margin:0;padding:1rem;max-width:32rem;color:#1a1a1a;\
background:#fff}label,legend{display:block;margin-top:.75rem;font-weight:600}input,textarea{font:inherit;width:100%;\
box-sizing:border-box;padding:.5rem;border:1px solid #6b6b6b;border-radius:.25rem}input[type=checkbox]{width:auto;\
margin-right:.5rem}.consent{font-weight:400}.hint{margin:.25rem 0 0;color:#555;font-size:.875rem}.fault{padding:.5rem;\
border-left:.25rem solid #b00020;background:#fdecee}button{margin-top:1rem;font:inherit;font-weight:600;padding:.6rem \
1.2rem;border:0;border-radius:.25rem;background:#0b5fa5;color:#fff}.more{position:absolute;left:-10000px}";

/// The form, with what was written and what is wrong with it.
pub(crate) fn ask(
    form: &CallbackForm,
    language: &str,
    order: &CallbackOrder,
    fault: Option<Fault>,
    nonce: &str,
) -> String {
    let words = Words::of(language);
    let mut body = String::new();
    if let Some(fault) = fault {
        push(
            &mut body,
            format_args!("<p class=\"fault\" id=\"fault\" role=\"alert\">{}</p>", words.fault(fault)),
        );
    }
    let wrong = |mine: Fault| {
        if fault == Some(mine) { " aria-invalid=\"true\" aria-describedby=\"fault\"" } else { "" }
    };
    let consent = form.consent.get(language).map(String::as_str).unwrap_or_default();
    push(
        &mut body,
        format_args!(
            "<form method=\"post\" accept-charset=\"utf-8\">\
             <input type=\"hidden\" name=\"lang\" value=\"{language}\">\
             <label for=\"phone\">{phone}</label>\
             <input id=\"phone\" name=\"phone\" type=\"tel\" autocomplete=\"tel\" required maxlength=\"{PHONE_MAX}\" \
             value=\"{number}\"{wrong_phone}>\
             <label for=\"subject\">{subject}</label>\
             <input id=\"subject\" name=\"subject\" required maxlength=\"{SUBJECT_MAX}\" value=\"{about}\"{wrong_subject}>\
             <label for=\"when\">{when}</label>\
             <input id=\"when\" name=\"when\" type=\"datetime-local\" value=\"{at}\"{wrong_when}>\
             <p class=\"hint\">{soon}</p>\
             <p class=\"more\" aria-hidden=\"true\"><input name=\"website\" tabindex=\"-1\" autocomplete=\"off\"></p>\
             <label class=\"consent\"><input name=\"consent\" type=\"checkbox\" value=\"yes\" required{wrong_consent}>\
             {consent}</label>\
             <button>{send}</button></form>",
            language = escaped(language),
            phone = words.phone,
            number = escaped(&order.phone),
            wrong_phone = wrong(Fault::Phone),
            subject = words.subject,
            about = escaped(&order.subject),
            wrong_subject = wrong(Fault::Subject),
            when = words.when,
            at = escaped(&order.when),
            wrong_when = wrong(Fault::When),
            soon = words.soon,
            wrong_consent = wrong(Fault::Consent),
            consent = escaped(consent),
            send = words.send,
        ),
    );
    page(form, language, &body, nonce)
}

/// What stands there when the order was taken.
pub(crate) fn thank(form: &CallbackForm, language: &str, nonce: &str) -> String {
    let body = format!("<p role=\"status\">{}</p>", Words::of(language).thanks);
    page(form, language, &body, nonce)
}

fn page(form: &CallbackForm, language: &str, body: &str, nonce: &str) -> String {
    let title = form.titles.get(language).or_else(|| form.titles.values().next());
    let title = escaped(title.map(String::as_str).unwrap_or_default());
    let language = escaped(language);
    format!(
        "<!doctype html><html lang=\"{language}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\"><title>{title}</title>\
         <style nonce=\"{nonce}\">{STYLE}</style></head><body><main><h1>{title}</h1>{body}</main></body></html>"
    )
}

fn push(text: &mut String, more: std::fmt::Arguments<'_>) {
    // Writing into a string cannot fail.
    text.write_fmt(more).ok();
}

/// Text that is safe between tags and in quoted attributes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for one in text.chars() {
        match one {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
