//! Orders of people and programs, by REST and by the stream alike: rights, then the domain, then the command.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

mod join;
mod state;

use axum::http::StatusCode;
use cti_core::acd::project::number_of;
use cti_core::fact::Observation;
use cti_core::ids::{CallId, CommandId, DeviceId};
use cti_core::input::{Actor, Input, Order};
use cti_core::permit::CommandName;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::App;
use crate::auth::Caller;
use crate::auth::rights::{Right, Sight};
use crate::error::Problem;
use crate::ports::look;
use crate::view::{CommandView, command as show, past_command};

pub(crate) use state::{AgentStateWish, Taken, require_seen, set_agent_state, sign_in};

/// Most bytes of data bound to a call, keys and values together.
pub(crate) const CALL_DATA_BYTES: usize = 16 * 1024;

/// Click-to-dial.
#[derive(Debug, Clone, Hash, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MakeCall {
    /// Own phone; the primary device of the signed-in person when none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) from: Option<DeviceId>,
    /// What the person typed or clicked.
    #[schema(example = "+420 555 123 456")]
    pub(crate) to: String,
    /// Data bound to the call.
    #[serde(default)]
    pub(crate) data: BTreeMap<String, String>,
    /// Whether the call is recorded; when none, as the extension list says of the phone.
    #[serde(default)]
    pub(crate) record: Option<bool>,
}

/// A command on a live call.
#[derive(Debug, Clone, Hash, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallCommand {
    /// `answer_call`, `clear_connection`, `hold_call`, …; `join_call` lets the own phone hear a call of others, with the
    /// right `monitor.listen`.
    #[schema(value_type = String, example = "hold_call")]
    pub(crate) command: CommandName,
    /// The device it is done from; found from the person's devices in the call when none. For `join_call` the phone that
    /// rings; the person's primary device when none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) device_id: Option<DeviceId>,
    /// Arguments of the command.
    #[serde(default)]
    pub(crate) args: CallCommandArgs,
    /// Two commands of one asker with the same key are one command; may stand in the header `Idempotency-Key`.
    #[serde(default)]
    pub(crate) idempotency_key: Option<String>,
}

/// Arguments of a command.
#[derive(Debug, Clone, Default, Hash, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CallCommandArgs {
    /// Target of a transfer or consultation.
    #[serde(default)]
    pub(crate) to: Option<String>,
    /// Instead of `to`: a project of queues of ours, by its name. The call goes to the queue to which the number leads
    /// that the caller dialled, else to the first that is open, by key.
    #[serde(default)]
    #[schema(example = "Spring offer")]
    pub(crate) project: Option<String>,
    /// For `join_call`: `listen`, `whisper` (one party hears it) or `barge_in` (all do). Given again, the way changes.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "listen")]
    pub(crate) mode: Option<Observation>,
    /// For `join_call`: the device of the party that is heard and whispered to; the newest phone in the call when none.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub(crate) heard: Option<DeviceId>,
}

/// Rings the own phone, then dials.
pub(crate) async fn make_call(
    app: &App,
    caller: &Caller,
    key: Option<Arc<str>>,
    wish: MakeCall,
) -> Result<CommandView, Problem> {
    let sight = caller.sight(app, Right::CallCommand).await?;
    if wish.data.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>() > CALL_DATA_BYTES {
        return Err(Problem::field("/data", format!("data of a call is at most {CALL_DATA_BYTES} bytes")));
    }
    let me = caller.user_id();
    let from = match wish.from {
        Some(device) => device,
        None => look(app.switchboard(), move |domain| me.and_then(|me| domain.state().primary_device(me)))
            .await?
            .ok_or_else(|| Problem::field("/from", "no device is assigned to you; name one in `from`"))?,
    };
    require_device(app, &sight, from, "/from").await?;
    let print = fingerprint(&("make_call", &wish));
    let order = Order::MakeCall {
        from,
        to: wish.to.as_str().into(),
        data: wish.data.iter().map(|(key, value)| (key.as_str().into(), value.as_str().into())).collect(),
        record: wish.record,
    };
    submit(app, caller, key, print, order).await
}

/// Rings a phone: any with `device.admin`, else one of the people the caller may act for.
pub(crate) async fn ring_device(
    app: &App,
    caller: &Caller,
    key: Option<Arc<str>>,
    device: DeviceId,
) -> Result<CommandView, Problem> {
    let administers = caller.rights.reach(Right::DeviceAdmin).is_some() && caller.rights.is_whole();
    let exists = look(app.switchboard(), move |domain| domain.state().devices.contains_key(&device)).await?;
    if !exists {
        return Err(Problem::not_found("device", device));
    }
    if !administers {
        let sight = caller.sight(app, Right::CallCommand).await?;
        require_device(app, &sight, device, "").await?;
    }
    let print = fingerprint(&("ring_device", device));
    submit(app, caller, key, print, Order::RingDevice { device }).await
}

/// A command on a live call.
pub(crate) async fn on_call(
    app: &App,
    caller: &Caller,
    key: Option<Arc<str>>,
    call: CallId,
    wish: CallCommand,
) -> Result<CommandView, Problem> {
    if wish.command == CommandName::JoinCall {
        return join::join_call(app, caller, key, call, wish).await;
    }
    let sight = caller.sight(app, Right::CallCommand).await?;
    let circle = app.switchboard().log().circle(call).unwrap_or_default();
    if sight.queues.is_some() && !sight.sees(&circle) {
        return Err(Problem::not_found("call", call));
    }
    if let Some(device) = wish.device_id {
        require_device(app, &sight, device, "/device_id").await?;
    }
    let print = fingerprint(&(call, &wish));
    let to = target(app, call, &wish.args).await?.map(Into::into);
    let order = Order::OnCall { call, command: wish.command, device: wish.device_id, to };
    submit(app, caller, key, print, order).await
}

/// What is dialled: the number that was named, or that of the project's queue.
async fn target(app: &App, call: CallId, args: &CallCommandArgs) -> Result<Option<String>, Problem> {
    let Some(project) = args.project.clone() else { return Ok(args.to.clone()) };
    if args.to.is_some() {
        return Err(Problem::field("/args/project", "name a number in `to` or a project, not both"));
    }
    let (name, now) = (project.clone(), app.now());
    let number = look(app.switchboard(), move |domain| number_of(domain.state(), &name, call, now)).await?;
    number.map(Some).ok_or_else(|| {
        let detail =
            format!("no queue of the project `{project}` has a key that can be dialled; see `/v1/queues`");
        Problem::field("/args/project", detail)
    })
}

/// A caller may use devices of people in its sight; devices of nobody only with a right of reach `any`.
async fn require_device(
    app: &App,
    sight: &Sight,
    device: DeviceId,
    pointer: &'static str,
) -> Result<(), Problem> {
    let user = look(app.switchboard(), move |domain| {
        let state = domain.state();
        state.devices.contains_key(&device).then(|| state.user_of(device))
    })
    .await?
    .ok_or_else(|| Problem::field(pointer, format!("there is no device `{device}`")))?;
    if sight.sees_user(user) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "forbidden",
        format!("the device `{device}` is not one you may use"),
    ))
}

async fn submit(
    app: &App,
    caller: &Caller,
    key: Option<Arc<str>>,
    print: u64,
    order: Order,
) -> Result<CommandView, Problem> {
    let actor = caller.actor();
    if let Some(key) = &key {
        app.idempotency().check(&actor, key, print)?;
    }
    let input = Input::Order { actor, idempotency_key: key, order };
    let decision = app.switchboard().submit(input).await?;
    if let Some(refusal) = decision.refusal {
        return Err(refusal.into());
    }
    let id = decision.command.ok_or_else(|| Problem::conflict("the order led to no command"))?;
    command(app, id).await?.ok_or_else(|| Problem::not_found("command", id))
}

/// A command: of the live picture, or of the book when it was settled long ago.
pub(crate) async fn command(app: &App, id: CommandId) -> Result<Option<CommandView>, Problem> {
    let live = look(app.switchboard(), move |domain| {
        domain.state().commands.get(&id).map(|command| show(id, command))
    })
    .await?;
    if live.is_some() {
        return Ok(live);
    }
    Ok(app.store().command(id).await?.map(past_command))
}

fn fingerprint(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// Remembers what each idempotency key was used for, so that a key used for something else is refused and not
/// taken for a repetition. The repetition itself is found by the domain.
#[derive(Debug, Default)]
pub(crate) struct Idempotency {
    known: Mutex<Keys>,
}

/// An actor's key.
type ActorKey = (Actor, Arc<str>);

/// What a key was used for, and the command that a change with this key led to.
#[derive(Debug, Clone, Copy)]
struct Used {
    print: u64,
    done: Option<Done>,
}

/// What came of a change; a command, when a switch had to be asked.
#[derive(Debug, Clone, Copy)]
struct Done {
    command: Option<CommandId>,
}

#[derive(Debug, Default)]
struct Keys {
    prints: HashMap<ActorKey, Used>,
    order: VecDeque<ActorKey>,
}

/// Keys that are remembered.
const KEYS: usize = 10_000;

impl Idempotency {
    fn check(&self, actor: &Actor, key: &Arc<str>, print: u64) -> Result<(), Problem> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (actor.clone(), Arc::clone(key));
        if let Some(earlier) = known.prints.get(&place) {
            return if earlier.print == print {
                Ok(())
            } else {
                Err(Problem::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "idempotency_conflict",
                    "this key was used for another request; use a new one",
                ))
            };
        }
        if known.order.len() >= KEYS
            && let Some(oldest) = known.order.pop_front()
        {
            known.prints.remove(&oldest);
        }
        known.order.push_back(place.clone());
        known.prints.insert(place, Used { print, done: None });
        Ok(())
    }

    /// What came of the change with this key, when it was made before; an order's command is found by the domain.
    fn done(&self, actor: &Actor, key: &Arc<str>) -> Option<Done> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.prints.get(&(actor.clone(), Arc::clone(key))).and_then(|used| used.done)
    }

    /// Remembers what came of a change.
    fn note(&self, actor: &Actor, key: &Arc<str>, command: Option<CommandId>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(used) = known.prints.get_mut(&(actor.clone(), Arc::clone(key))) {
            used.done = Some(Done { command });
        }
    }
}
