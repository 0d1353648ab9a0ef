//! What people do, in words: one deed a line, for scripts and for the control port.
//!
//! ```text
//! caller +420 605 550 142 dials 222     # `call +420605550142 222` says the same
//! wait 2s
//! 1041 answers after 500ms              # `answer 1041`
//! 1041 holds; 1041 resumes
//! 1041 transfers to 1042
//! 1041 hangs up
//! ```

use std::time::Duration;

use thiserror::Error;

use crate::exchange::Deed;
use crate::exchange::happening::Forward;
use crate::fault::Fault;
use crate::plan::digits;

/// Longest script, lines.
const LINES_MAX: usize = 10_000;

/// What every line may be, for `--help` and for who asks.
pub const GRAMMAR: &str = "\
WHO is an extension of the plan or a number outside.
  call WHO NUMBER        or  WHO dials NUMBER
  answer WHO             or  WHO answers
  reject WHO             or  WHO rejects
  hangup WHO             or  WHO hangs up
  hold WHO               or  WHO holds
  resume WHO             or  WHO resumes
  transfer WHO NUMBER    or  WHO transfers to NUMBER
  attended WHO           or  WHO completes      (joins its two calls and leaves)
  WHO forwards all | busy | unanswered to NUMBER;  WHO forwards nothing
  WHO wants no calls;  WHO wants calls
  WHO rings along with OTHER;  WHO rings alone
  WHO presses KEY                               (a caller whom Tieline holds)
  register WHO, unregister WHO
  fault cut TIME | fault restart | fault delay TIME | fault none
  fault duplicate N% | fault reorder N% | fault lose N%
  fault unknown_element N% | fault wrong_length N%     (CSTA)
  wait TIME                                     (scripts only)
Any deed may end with `after TIME`. TIME is 500ms, 2s or 3m. # begins a comment; ; separates deeds.";

/// Why a line is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{what}")]
pub struct ScriptError {
    /// What is wrong, and what could be written.
    pub what: String,
}

fn wrong(what: impl Into<String>) -> ScriptError {
    ScriptError { what: what.into() }
}

/// What a line orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// Somebody does something.
    Deed(Deed),
    /// Something goes wrong.
    Fault(Fault),
    /// Time passes.
    Wait(Duration),
}

/// One order and how long after its turn it is carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The order.
    pub order: Order,
    /// Delay.
    pub after: Duration,
}

/// Reads a whole script; gives each order with its time from the start.
pub fn parse(text: &str) -> Result<Vec<(Duration, Order)>, ScriptError> {
    if text.lines().count() > LINES_MAX {
        return Err(wrong(format!("a script has at most {LINES_MAX} lines")));
    }
    let mut at = Duration::ZERO;
    let mut orders = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = line.split('#').next().unwrap_or_default();
        for part in line.split(';').map(str::trim).filter(|part| !part.is_empty()) {
            let line = parse_line(part).map_err(|error| wrong(format!("line {number}: {error}")))?;
            match line.order {
                Order::Wait(time) => at += time,
                order @ (Order::Deed(_) | Order::Fault(_)) => orders.push((at + line.after, order)),
            }
        }
    }
    orders.sort_by_key(|(at, _)| *at);
    Ok(orders)
}

/// Reads one order.
pub fn parse_line(text: &str) -> Result<Line, ScriptError> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let mut after = Duration::ZERO;
    if let [.., "after", delay] = words.as_slice() {
        after = time(delay)?;
        words.truncate(words.len().saturating_sub(2));
    }
    let order = match words.as_slice() {
        ["wait", delay] => Order::Wait(time(delay)?),
        ["fault", rest @ ..] => Order::Fault(fault(rest)?),
        _ => Order::Deed(deed(&words).ok_or_else(|| wrong(format!("{text:?} is no order.\n{GRAMMAR}")))?),
    };
    Ok(Line { order, after })
}

/// A deed, the verb first or the person first.
fn deed(words: &[&str]) -> Option<Deed> {
    let number = |words: &[&str]| words.concat();
    let who = |words: &[&str]| {
        let who = digits(&words.concat());
        (!who.is_empty() && words.iter().all(|word| is_number(word))).then_some(who)
    };
    let words = words.strip_prefix(&["caller"]).unwrap_or(words);
    if let [verb, rest @ ..] = words {
        let one = || who(rest);
        match *verb {
            "answer" => return one().map(Deed::Answer),
            "reject" => return one().map(Deed::Reject),
            "hangup" => return one().map(Deed::HangUp),
            "hold" => return one().map(Deed::Hold),
            "resume" => return one().map(Deed::Resume),
            "attended" => return one().map(Deed::Attended),
            "register" => return one().map(Deed::Register),
            "unregister" => return one().map(Deed::Unregister),
            "call" | "dial" | "transfer" => {
                let [who, to] = rest else { return None };
                let (who, number) = (digits(who), digits(to));
                let is_complete = !who.is_empty() && !number.is_empty();
                let deed = if *verb == "transfer" {
                    Deed::Transfer { who, number }
                } else {
                    Deed::Dial { who, number }
                };
                return is_complete.then_some(deed);
            }
            _ => {}
        }
    }
    let at = words.iter().position(|word| !is_number(word))?;
    let (person, rest) = words.split_at(at);
    let who = who(person)?;
    match rest {
        ["dials" | "calls", to @ .., "ucid", ucid] if !to.is_empty() && is_number(ucid) => {
            Some(Deed::Arrive { who, number: digits(&number(to)), ucid: digits(ucid) })
        }
        ["dials" | "calls", to @ ..] if !to.is_empty() => {
            Some(Deed::Dial { who, number: digits(&number(to)) })
        }
        ["transfers", "to", to @ ..] if !to.is_empty() => {
            Some(Deed::Transfer { who, number: digits(&number(to)) })
        }
        ["answers"] => Some(Deed::Answer(who)),
        ["rejects"] => Some(Deed::Reject(who)),
        ["hangs", "up"] => Some(Deed::HangUp(who)),
        ["holds"] => Some(Deed::Hold(who)),
        ["resumes"] => Some(Deed::Resume(who)),
        ["completes"] => Some(Deed::Attended(who)),
        ["presses", key] => {
            let mut keys = key.chars();
            let key = keys.next().filter(|key| "0123456789*#".contains(*key) && keys.next().is_none())?;
            Some(Deed::Press { who, key })
        }
        ["registers"] => Some(Deed::Register(who)),
        ["unregisters"] => Some(Deed::Unregister(who)),
        settings => setting(who, settings),
    }
}

/// What somebody sets at the phone.
fn setting(who: String, words: &[&str]) -> Option<Deed> {
    Some(match words {
        ["forwards", "nothing"] => Deed::Forward { who, rule: None },
        ["forwards", kind, "to", to @ ..] if !to.is_empty() => {
            let kind = match *kind {
                "all" => Forward::Immediate,
                "busy" => Forward::Busy,
                "unanswered" => Forward::NoAnswer,
                _ => return None,
            };
            Deed::Forward { who, rule: Some((kind, digits(&to.concat()))) }
        }
        ["wants", "no", "calls"] => Deed::DoNotDisturb { who, is_on: true },
        ["wants", "calls"] => Deed::DoNotDisturb { who, is_on: false },
        ["rings", "along", "with", other] => Deed::RingAlong { who, with: Some(digits(other)) },
        ["rings", "alone"] => Deed::RingAlong { who, with: None },
        _ => return None,
    })
}

fn is_number(word: &str) -> bool {
    word.chars().any(|sign| sign.is_ascii_digit())
        && word.chars().all(|sign| sign.is_ascii_digit() || "+*#".contains(sign))
}

fn fault(words: &[&str]) -> Result<Fault, ScriptError> {
    match words {
        ["cut", length] => Ok(Fault::Cut(time(length)?)),
        ["restart"] => Ok(Fault::Restart),
        ["delay", length] => Ok(Fault::Delay(time(length)?)),
        ["none"] => Ok(Fault::Nothing),
        ["duplicate", share] => Ok(Fault::Duplicate(percent(share)?)),
        ["reorder", share] => Ok(Fault::Reorder(percent(share)?)),
        ["lose", share] => Ok(Fault::Lose(percent(share)?)),
        ["unknown_element", share] => Ok(Fault::UnknownElement(percent(share)?)),
        ["wrong_length", share] => Ok(Fault::WrongLength(percent(share)?)),
        _ => Err(wrong(format!("no such fault.\n{GRAMMAR}"))),
    }
}

fn percent(text: &str) -> Result<u8, ScriptError> {
    let number = text.strip_suffix('%').unwrap_or(text).parse().ok();
    number.filter(|number| *number <= 100).ok_or_else(|| wrong(format!("{text:?} is no share; write 5%")))
}

/// `500ms`, `2s`, `3m`.
fn time(text: &str) -> Result<Duration, ScriptError> {
    let unknown = || wrong(format!("{text:?} is no time; write 500ms, 2s or 3m"));
    let at = text.find(|sign: char| !sign.is_ascii_digit()).ok_or_else(unknown)?;
    let (number, unit) = text.split_at(at);
    let number: u32 = number.parse().map_err(|_| unknown())?;
    let millis = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        _ => return Err(unknown()),
    };
    Ok(Duration::from_millis(u64::from(number) * millis))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dial(who: &str, number: &str) -> Order {
        Order::Deed(Deed::Dial { who: who.to_owned(), number: number.to_owned() })
    }

    #[test]
    fn a_script_reads_as_people_would_tell_it() {
        let script = "caller +420 605 550 142 dials 222   # the customer\nwait 2s\n\
                      1041 answers after 500ms; 1041 transfers to 1042\nfault cut 10s\n";
        let orders = parse(script).unwrap();
        assert_eq!(orders[0], (Duration::ZERO, dial("420605550142", "222")));
        assert_eq!(orders[1].1, Order::Deed(Deed::Transfer { who: "1041".into(), number: "1042".into() }));
        assert_eq!(orders[2], (Duration::from_secs(2), Order::Fault(Fault::Cut(Duration::from_secs(10)))));
        assert_eq!(orders[3], (Duration::from_millis(2_500), Order::Deed(Deed::Answer("1041".into()))));
    }

    #[test]
    fn both_ways_of_saying_it_are_the_same() {
        for (one, other) in [
            ("call +420605550142 222", "+420 605 550 142 dials 222"),
            ("hangup 1001", "1001 hangs up"),
            ("attended 1001", "1001 completes"),
            ("unregister 1003", "1003 unregisters"),
        ] {
            assert_eq!(parse_line(one), parse_line(other), "{one}");
        }
    }

    #[test]
    fn a_phone_is_set_in_words() {
        let forward = |rule| Order::Deed(Deed::Forward { who: "1002".into(), rule });
        for (text, order) in [
            ("1002 forwards all to 1003", forward(Some((Forward::Immediate, "1003".into())))),
            (
                "1002 forwards unanswered to 0420 555 111 222",
                forward(Some((Forward::NoAnswer, "0420555111222".into()))),
            ),
            ("1002 forwards nothing", forward(None)),
            ("1002 wants no calls", Order::Deed(Deed::DoNotDisturb { who: "1002".into(), is_on: true })),
            ("1005 rings alone", Order::Deed(Deed::RingAlong { who: "1005".into(), with: None })),
        ] {
            assert_eq!(parse_line(text).unwrap().order, order, "{text}");
        }
        assert!(parse_line("1002 forwards often to 1003").is_err());
    }

    #[test]
    fn what_is_no_order_is_told_with_its_line_and_what_could_be_written() {
        let error = parse("1001 answers\n\n1001 sings\n").unwrap_err().to_string();
        assert!(error.starts_with("line 3") && error.contains("hangs up"), "{error}");
        assert!(parse_line("wait 2").unwrap_err().to_string().contains("500ms"));
        assert!(parse_line("fault lose 101%").is_err());
        assert!(parse_line("call 1001").is_err());
    }
}
