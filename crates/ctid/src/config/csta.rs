//! What a CSTA switch needs beyond what every `[[switch]]` has.

use csta::dialect::Dialect;
use cti_core::input::DeviceKind;
use links::config::{DialectProblem, NamedDevice, csta_dialects, csta_holding};
use store::{CstaQueue, CstaRoutePoint, CstaSettings, route_point_problems};

use super::Section;

/// Stations that one range may name.
const RANGE_MAX: u64 = 10_000;

/// Reads the keys of a CSTA switch; none when one of them is wrong.
pub(super) fn read(section: &mut Section, kind: &str) -> Option<CstaSettings> {
    let text =
        |section: &mut Section, key, example| section.text(key, example).filter(|text| !text.is_empty());
    let mut settings = CstaSettings {
        dialect: text(section, "dialect", "mitel-mx-one"),
        framing: text(section, "framing", "xml"),
        phase: section.number("phase", 1, 3),
        session: text(section, "session", "implicit"),
        switch_name: section.text("switch_name", "cm1").unwrap_or_default(),
        stations: section.texts("stations", "1001-1020"),
        queues: Vec::new(),
        route_points: Vec::new(),
    };
    for mut below in section.sections("queue") {
        let number = below.required("number", "600");
        let name = below.text("name", "Support");
        let wrap_up_s = below.number("wrap_up_s", 0, 3_600).unwrap_or(0);
        settings.queues.extend(number.map(|number| CstaQueue { number, name, wrap_up_s }));
        section.absorb(below);
    }
    let mut is_good = route_points(section, &mut settings.route_points);
    match csta_dialects(kind, &words(&settings)) {
        Err(problem) => {
            section.wrong(problem.key, problem.problem, problem.fix);
            is_good = false;
        }
        Ok(dialects) => {
            if let Some((_, problem)) = holding_problem(&settings, &dialects) {
                section.wrong("route_point", format!("held_by {}", problem.problem), problem.fix);
                is_good = false;
            }
        }
    }
    for range in &settings.stations {
        if numbers(range).is_none() {
            section.wrong(
                "stations",
                format!("\"{range}\" is no number or range"),
                "write \"1001\" or \"1001-1020\"",
            );
            is_good = false;
        }
    }
    is_good.then_some(settings)
}

/// Reads the route points; false when one of them is wrong.
fn route_points(section: &mut Section, points: &mut Vec<CstaRoutePoint>) -> bool {
    let mut is_whole = true;
    for mut below in section.sections("route_point") {
        let (device, target) = (below.required("device", "800"), below.text("target", "600"));
        let held_by = below.text("held_by", "route_loop");
        let point = device.map(|device| CstaRoutePoint { device, target, held_by });
        is_whole &= point.is_some();
        points.extend(point);
        section.absorb(below);
    }
    // Which of them is meant can be said while none is missing.
    let problems = if is_whole { route_point_problems(points) } else { Vec::new() };
    for problem in &problems {
        let place = problem.field.trim_start_matches("csta/route_points/").split_once('/');
        let key = place
            .map_or_else(|| "route_point".to_owned(), |(at, field)| format!("route_point[{at}].{field}"));
        section.wrong(&key, problem.problem.as_str(), problem.fix.as_str());
    }
    problems.is_empty()
}

/// The first point whose calls cannot be held for our own distribution, by its place in the list.
pub(crate) fn holding_problem(
    settings: &CstaSettings,
    dialects: &[Dialect],
) -> Option<(usize, DialectProblem)> {
    let dialect = dialects.first()?;
    let owned = settings.route_points.iter().enumerate().filter(|(_, point)| point.target.is_none());
    let wrong = |point: &CstaRoutePoint| csta_holding(dialect, point.held_by.as_deref()).err();
    owned.into_iter().find_map(|(at, point)| Some((at, wrong(point)?)))
}

/// The usual port of the dialect; none when there is none.
pub(crate) fn port(kind: &str, settings: &CstaSettings) -> Option<u16> {
    let dialects = csta_dialects(kind, &words(settings)).ok()?;
    dialects.first().map(|dialect| dialect.port).filter(|port| *port != 0)
}

/// What chooses the dialect.
pub(crate) fn words(settings: &CstaSettings) -> links::config::DialectWords<'_> {
    links::config::DialectWords {
        dialect: settings.dialect.as_deref(),
        framing: settings.framing.as_deref(),
        phase: settings.phase,
        session: settings.session.as_deref(),
    }
}

/// The devices that the settings name.
pub(crate) fn devices(settings: &CstaSettings, trunks: &[String]) -> Vec<NamedDevice> {
    let named = |number: String, kind, name| NamedDevice { number, kind, name, wrap_up_ms: 0 };
    let queue = |queue: &CstaQueue| NamedDevice {
        number: queue.number.clone(),
        kind: DeviceKind::AcdGroup,
        name: queue.name.clone(),
        wrap_up_ms: queue.wrap_up_s.saturating_mul(1_000),
    };
    let stations = settings.stations.iter().filter_map(|range| numbers(range)).flatten();
    let queues = settings.queues.iter();
    let points = settings.route_points.iter().map(|point| point.device.clone());
    let trunks = trunks.iter().cloned();
    stations
        .map(|number| named(number, DeviceKind::Station, None))
        .chain(queues.map(queue))
        .chain(points.map(|number| named(number, DeviceKind::RoutePoint, None)))
        .chain(trunks.map(|number| named(number, DeviceKind::Trunk, None)))
        .collect()
}

/// The numbers of `1001` or `1001-1020`, written with as many digits as the first.
fn numbers(range: &str) -> Option<Vec<String>> {
    let Some((first, last)) = range.split_once('-') else {
        let fits = !range.is_empty() && range.len() <= 32 && range.bytes().all(|byte| byte.is_ascii_digit());
        return fits.then(|| vec![range.to_owned()]);
    };
    let width = first.len();
    let parse =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u64>().ok())?;
    let (from, to) = (parse(first)?, parse(last)?);
    let fits = width == last.len() && from <= to && to - from < RANGE_MAX;
    fits.then(|| (from..=to).map(|number| format!("{number:0width$}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_keep_their_zeros_and_are_bounded() {
        assert_eq!(numbers("0998-1001").unwrap(), ["0998", "0999", "1000", "1001"]);
        assert_eq!(numbers("600").unwrap(), ["600"]);
        for wrong in ["", "a", "1001-", "1002-1001", "1-100", "10000000-99999999", "1001-+020"] {
            assert_eq!(numbers(wrong), None, "{wrong}");
        }
    }
}
