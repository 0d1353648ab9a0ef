//! Commands given over the stream: the same orders as over REST.

use axum::http::HeaderMap;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::App;
use crate::auth::Caller;
use crate::error::Problem;
use crate::input;
use crate::order::{self, AgentStateWish, CallCommand, MakeCall, Taken};

/// Where the command of a frame goes, beside the body of the REST request.
#[derive(Debug, Deserialize)]
struct Place<T> {
    #[serde(alias = "call_id", alias = "agent_id")]
    id: T,
}

/// Takes the id out of the arguments and reads the rest as the body of the REST request.
fn split_args<T: DeserializeOwned, W: DeserializeOwned>(
    mut args: Value,
    id: &str,
) -> Result<(T, W), Problem> {
    let place = args.as_object_mut().and_then(|args| args.remove(id));
    let place = place.ok_or_else(|| Problem::field(format!("/args/{id}"), format!("`{id}` is missing")))?;
    let place = serde_json::json!({ "id": place });
    let place: Place<T> = serde_json::from_value(place)
        .map_err(|error| Problem::field(format!("/args/{id}"), error.to_string()))?;
    Ok((place.id, read_args(args)?))
}

fn read_args<W: DeserializeOwned>(args: Value) -> Result<W, Problem> {
    // An array would be read as the fields by position.
    if !args.is_object() {
        return Err(Problem::field("/args", "the arguments are an object"));
    }
    serde_json::from_value(args).map_err(|error| Problem::field("/args", error.to_string()))
}

/// Gives the command of a frame.
pub(super) async fn command(
    app: &App,
    caller: &Caller,
    name: &str,
    args: Value,
    key: Option<String>,
) -> Result<Taken, Problem> {
    let key = input::idempotency_key(&HeaderMap::new(), key.as_deref())?;
    let asked = match name {
        "make_call" => order::make_call(app, caller, key, read_args::<MakeCall>(args)?).await,
        "set_agent_state" => {
            let (agent, wish) = split_args::<_, AgentStateWish>(args, "agent_id")?;
            return order::set_agent_state(app, caller, key, agent, wish).await;
        }
        _ => {
            let (call, mut rest) = split_args::<_, Value>(args, "call_id")?;
            let Some(fields) = rest.as_object_mut() else {
                return Err(Problem::field("/args", "the arguments are an object"));
            };
            let device = fields.remove("device_id").unwrap_or_default();
            let wish = serde_json::json!({ "command": name, "device_id": device, "args": rest });
            order::on_call(app, caller, key, call, read_args::<CallCommand>(wish)?).await
        }
    };
    asked.map(|command| Taken::Asked(Box::new(command)))
}
