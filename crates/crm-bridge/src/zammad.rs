//! Calls as the generic CTI of Zammad wants to be told of them: three posts of a form, `newCall`, `answer` and `hangup`
//! (docs.zammad.org, API, Generic CTI). Pure; whoever sends them keeps the address secret, because the token of Zammad is
//! part of it.

use serde::Serialize;

/// Longest `callId` that Zammad keeps.
const CALL_ID_MAX: usize = 250;

/// What Zammad takes for a caller who withholds the number.
const ANONYMOUS: &str = "anonymous";

/// Which way a call goes, as Zammad sees it. Internal calls are none of its business.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Somebody calls the house.
    In,
    /// The house calls somebody.
    Out,
}

/// How a call ended: Zammad lists a call that ended in any other way than the first as missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The two talked.
    NormalClearing,
    /// The called party was busy.
    Busy,
    /// The caller gave up, before or while it rang.
    Cancel,
    /// Nobody answered, or the called party refused.
    NoAnswer,
    /// The network could not.
    Congestion,
    /// Nobody has this number.
    NotFound,
    /// It went to another place.
    Forwarded,
}

impl Cause {
    fn word(self) -> &'static str {
        match self {
            Self::NormalClearing => "normalClearing",
            Self::Busy => "busy",
            Self::Cancel => "cancel",
            Self::NoAnswer => "noAnswer",
            Self::Congestion => "congestion",
            Self::NotFound => "notFound",
            Self::Forwarded => "forwarded",
        }
    }
}

/// A call, as far as Zammad asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZammadCall {
    /// Our id, the same in all posts of the call.
    pub id: String,
    /// Which way it goes.
    pub way: Way,
    /// Who calls: E.164, or as the switch says it; none when withheld.
    pub from: Option<String>,
    /// Who is called.
    pub to: String,
    /// Names of the people whose phones ring, or of the one who calls.
    pub users: Vec<String>,
    /// Name of the queue.
    pub queue: Option<String>,
}

/// What happened to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment<'a> {
    /// It began.
    NewCall,
    /// Somebody answered: their extension or login, by which Zammad finds its agent.
    Answer(Option<&'a str>),
    /// It is over; with who had answered, if anybody.
    Hangup(Cause, Option<&'a str>),
}

/// The fields of one post, in order, to be sent as `application/x-www-form-urlencoded`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ZammadForm(pub Vec<(&'static str, String)>);

/// What is posted of this moment of the call.
pub fn form(call: &ZammadCall, moment: Moment<'_>) -> ZammadForm {
    let (event, cause, answering) = match moment {
        Moment::NewCall => ("newCall", None, None),
        Moment::Answer(who) => ("answer", None, who),
        Moment::Hangup(cause, who) => ("hangup", Some(cause), who),
    };
    let way = match call.way {
        Way::In => "in",
        Way::Out => "out",
    };
    let from = call.from.as_deref().map_or_else(|| ANONYMOUS.to_owned(), digits);
    let mut fields = vec![
        ("event", event.to_owned()),
        ("from", from),
        ("to", digits(&call.to)),
        ("direction", way.to_owned()),
        ("callId", call.id.chars().take(CALL_ID_MAX).collect()),
    ];
    fields.extend(call.users.iter().map(|user| ("user[]", user.clone())));
    fields.extend(call.queue.iter().map(|queue| ("queue", queue.clone())));
    fields.extend(cause.map(|cause| ("cause", cause.word().to_owned())));
    fields.extend(answering.map(|who| ("answeringNumber", who.to_owned())));
    ZammadForm(fields)
}

/// Zammad writes numbers without their plus sign.
fn digits(number: &str) -> String {
    number.strip_prefix('+').unwrap_or(number).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> ZammadCall {
        ZammadCall {
            id: "call_0199f0c1".to_owned(),
            way: Way::In,
            from: Some("+420605550142".to_owned()),
            to: "+420555000601".to_owned(),
            users: vec!["Anna Novotná".to_owned(), "Boris Kučera".to_owned()],
            queue: Some("Podpora".to_owned()),
        }
    }

    fn text(form: &ZammadForm) -> String {
        form.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    // covers: INT-11
    #[test]
    fn a_call_is_told_to_zammad_in_three_posts_as_its_page_says() {
        let call = call();
        let start = "from=420605550142&to=420555000601&direction=in&callId=call_0199f0c1&user[]=Anna Novotná&\
                     user[]=Boris Kučera&queue=Podpora";
        assert_eq!(text(&form(&call, Moment::NewCall)), format!("event=newCall&{start}"));
        assert_eq!(
            text(&form(&call, Moment::Answer(Some("1002")))),
            format!("event=answer&{start}&answeringNumber=1002")
        );
        assert_eq!(
            text(&form(&call, Moment::Hangup(Cause::NormalClearing, Some("1002")))),
            format!("event=hangup&{start}&cause=normalClearing&answeringNumber=1002")
        );
    }

    // covers: INT-11
    #[test]
    fn who_withholds_the_number_is_anonymous_and_a_long_id_is_cut() {
        let call = ZammadCall {
            id: "x".repeat(300),
            from: None,
            users: Vec::new(),
            queue: None,
            way: Way::Out,
            ..call()
        };
        let ZammadForm(fields) = form(&call, Moment::Hangup(Cause::NoAnswer, None));
        assert_eq!(fields[1], ("from", "anonymous".to_owned()));
        assert_eq!(fields[4].1.len(), CALL_ID_MAX);
        assert_eq!(fields.last(), Some(&("cause", "noAnswer".to_owned())));
    }
}
