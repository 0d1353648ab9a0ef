//! Fields that an endpoint is not told.

use serde_json::Value;

use super::SettingError;

/// Most parts of one path; data of events are not nested deeper.
const PARTS_MAX: usize = 16;

/// Paths below `data` that are left out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mask(Vec<Vec<Part>>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Name(String),
    /// `*`: any one name, or any place of a list.
    Any,
    /// `**`: any number of them, also none.
    Deep,
}

impl Mask {
    /// Reads paths such as `calling.number`, `legs.*.party`, `**.number`.
    pub fn parse(paths: &[String]) -> Result<Self, SettingError> {
        let read = paths.iter().enumerate().map(|(place, path)| {
            let wrong = |detail: String| SettingError { pointer: format!("/mask/{place}"), detail };
            let parts: Vec<&str> = path.split('.').collect();
            if parts.len() > PARTS_MAX {
                return Err(wrong(format!("`{path}` has more than {PARTS_MAX} parts")));
            }
            if parts.last() == Some(&"**") {
                return Err(wrong(format!("`{path}` ends with `**`: say which field, or `*` for all")));
            }
            parts.into_iter().map(part).collect::<Option<Vec<Part>>>().ok_or_else(|| {
                wrong(format!(
                    "`{path}` is no path: write names with dots, such as `calling.number` or `**.number`"
                ))
            })
        });
        read.collect::<Result<_, _>>().map(Self)
    }

    /// Takes the fields out of the data of an event.
    pub fn apply(&self, data: &mut Value) {
        for path in &self.0 {
            remove(data, path);
        }
    }
}

fn part(text: &str) -> Option<Part> {
    match text {
        "*" => Some(Part::Any),
        "**" => Some(Part::Deep),
        name if !name.is_empty() && !name.contains(['*', '/', ' ']) => Some(Part::Name(name.to_owned())),
        _ => None,
    }
}

fn remove(value: &mut Value, path: &[Part]) {
    let Some((first, rest)) = path.split_first() else { return };
    match first {
        Part::Deep => {
            remove(value, rest);
            for child in children(value) {
                remove(child, path);
            }
        }
        Part::Name(name) if rest.is_empty() => {
            if let Value::Object(fields) = value {
                fields.remove(name);
            }
        }
        Part::Any if rest.is_empty() => match value {
            Value::Object(fields) => fields.clear(),
            Value::Array(items) => items.clear(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        },
        Part::Name(name) => {
            if let Some(child) = value.as_object_mut().and_then(|fields| fields.get_mut(name)) {
                remove(child, rest);
            }
        }
        Part::Any => {
            for child in children(value) {
                remove(child, rest);
            }
        }
    }
}

fn children(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Object(fields) => fields.values_mut().collect(),
        Value::Array(items) => items.iter_mut().collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn masked(paths: &[&str], mut data: Value) -> Value {
        let paths: Vec<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        Mask::parse(&paths).unwrap().apply(&mut data);
        data
    }

    // covers: INT-08
    #[test]
    fn masked_fields_are_gone_wherever_the_path_leads() {
        let data = json!({
            "calling": { "number": "+420601", "name": "Jan" }, "number": "1001",
            "legs": [{ "number": "1", "device": "dev" }, { "number": "2" }], "data": { "card": "7", "order": "8" }
        });
        assert_eq!(
            masked(&["**.number", "data.*"], data.clone()),
            json!({ "calling": { "name": "Jan" }, "legs": [{ "device": "dev" }, {}], "data": {} })
        );
        assert_eq!(masked(&["legs.*.number"], data.clone())["legs"], json!([{ "device": "dev" }, {}]));
        assert_eq!(masked(&["calling.number"], data.clone())["calling"], json!({ "name": "Jan" }));
        assert_eq!(masked(&["nothing.here", "number.deeper", "legs.x"], data.clone()), data);
    }

    #[test]
    fn a_wrong_path_is_named_with_its_place() {
        for bad in ["", "a..b", "a.**", "a b", "a*", ".", &["a"; 17].join(".")] {
            let error = Mask::parse(&["fine".to_owned(), bad.to_owned()]).unwrap_err();
            assert_eq!(error.pointer, "/mask/1", "{bad}");
        }
    }
}
