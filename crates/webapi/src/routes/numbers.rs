//! Numbers: how a text is read at a switch and whether it may be dialled, without dialling.

use axum::Json;
use axum::extract::State;
use cti_core::ids::SwitchId;
use cti_core::number::NumberPlan;
use cti_core::number::guard::DialPolicy;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::error::Problem;
use crate::input::Body;
use crate::ports::look;
use crate::routes::switches::NumberPlanView;
use crate::view::{NumberView, word};

/// A text to be read as a number.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NormalizeRequest {
    /// Any text.
    #[schema(example = "00420 555 123 456")]
    number: String,
    /// Whose rules; may be left out when there is one switch.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    switch: Option<SwitchId>,
    /// Rules to be tried instead, as the form of a switch has them before it is saved.
    #[serde(default)]
    #[schema(value_type = Option<NumberPlanView>)]
    plan: Option<NumberPlan>,
}

/// How the text was read.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NormalizeReply {
    /// Whose rules; `null` for those that came with the question.
    #[schema(value_type = Option<String>)]
    switch: Option<SwitchId>,
    number: NumberView,
    /// The form in which numbers are compared.
    key: String,
    /// Digits behind the number.
    extension: Option<String>,
    /// The extension behind a public number of the house.
    own_extension: Option<String>,
    /// Every rule that took part, in order.
    steps: Vec<NumberStepView>,
    dial: DialView,
}

/// What a rule made of the text.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NumberStepView {
    rule: String,
    before: String,
    after: String,
}

/// Whether software may dial it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DialView {
    allowed: bool,
    /// What would be sent to the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// Stable code when not allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

/// Reads a text as a number of a switch, explains how, and says whether it may be dialled. Nothing is dialled.
#[utoipa::path(post, path = "/v1/numbers/normalize", tag = "numbers", request_body = NormalizeRequest,
    responses((status = 200, body = NormalizeReply)))]
pub(crate) async fn normalize(
    State(app): State<App>,
    Body(wish): Body<NormalizeRequest>,
) -> Result<Json<NormalizeReply>, Problem> {
    let (switch, plan, policy) = match wish.plan {
        Some(plan) => {
            plan.validate().map_err(|error| {
                Problem::field(format!("/plan/{}", error.field), format!("{}; {}", error.problem, error.fix))
            })?;
            (None, plan, DialPolicy::default())
        }
        None => rules_of(&app, wish.switch).await?,
    };
    let read = plan.normalize(&wish.number);
    let dial = match plan.dial(&policy, &wish.number) {
        Ok(dial) => {
            DialView { allowed: true, text: Some(dial.text.as_str().to_owned()), code: None, detail: None }
        }
        Err(refusal) => DialView {
            allowed: false,
            text: None,
            code: Some(refusal.code.as_str().to_owned()),
            detail: Some(refusal.detail.to_owned()),
        },
    };
    Ok(Json(NormalizeReply {
        switch,
        key: read.number.key().to_owned(),
        number: (&read.number).into(),
        extension: read.extension.as_deref().map(ToOwned::to_owned),
        own_extension: read.number.e164.as_deref().and_then(|e164| plan.own_extension(e164)),
        steps: read
            .steps
            .into_iter()
            .map(|step| NumberStepView { rule: word(&step.rule), before: step.before, after: step.after })
            .collect(),
        dial,
    }))
}

/// The rules of a switch; it need not be named when there is one.
async fn rules_of(
    app: &App,
    wanted: Option<SwitchId>,
) -> Result<(Option<SwitchId>, NumberPlan, DialPolicy), Problem> {
    let named = wanted.clone();
    let rules = look(app.switchboard(), move |domain| {
        let switches = &domain.state().switches;
        let found = match &named {
            Some(id) => switches.get_key_value(id),
            None => switches.iter().next().filter(|_| switches.len() == 1),
        };
        found.map(|(id, switch)| (id.clone(), switch.plan.clone(), switch.policy.clone()))
    })
    .await?;
    let (switch, plan, policy) = rules.ok_or_else(|| {
        Problem::field(
            "/switch",
            wanted.map_or_else(
                || "there is not exactly one switch; name one".to_owned(),
                |id| format!("there is no switch `{id}`"),
            ),
        )
    })?;
    Ok((Some(switch), plan, policy))
}
