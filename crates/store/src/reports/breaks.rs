//! Breaks of agents: how long they paused, for what reason (AGT-07).

use cti_core::ids::AgentId;
use cti_core::time::Timestamp;

use crate::Store;
use crate::db::{Row, Statement, values};
use crate::error::StoreError;

/// Breaks of one agent for one reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BreakReport {
    /// Who.
    pub agent: AgentId,
    /// That agent's name.
    pub agent_name: String,
    /// Code of the reason; none for a pause without one.
    pub reason: Option<String>,
    /// How often.
    pub times: u64,
    /// All together, milliseconds.
    pub total_ms: u64,
    /// The longest, milliseconds.
    pub max_ms: u64,
}

impl Store {
    /// Breaks between two times, by agent and reason. Of a break that began before or goes on, the part between the
    /// times counts; one that lasts at `now` lasts until then.
    pub async fn breaks(
        &self,
        from: Timestamp,
        to: Timestamp,
        now: Timestamp,
    ) -> Result<Vec<BreakReport>, StoreError> {
        // What is to come has no breaks yet.
        if from > now {
            return Ok(Vec::new());
        }
        let rows = self.main.rows(&BREAKS, values![from, to.min(now)]).await?;
        let report = |row: &Row| {
            Ok(BreakReport {
                agent: row.id("agent")?,
                agent_name: row.text("agent_name")?,
                reason: row.maybe_text("reason")?,
                times: row.count("times")?,
                total_ms: row.count("total")?,
                max_ms: row.count("longest")?,
            })
        };
        rows.iter().map(report).collect()
    }
}

/// No break lasts longer than 31 days, so that the list of all that ever were need not be read. A call that is taken
/// in a break divides the time, not the break: it goes on until the agent is ready, signs out or names another reason.
static BREAKS: Statement = Statement::new(
    "report breaks",
    "SELECT one.agent AS agent, agents.name AS agent_name, one.reason AS reason, COUNT(*) AS times,
         CAST(SUM(one.total) AS BIGINT) AS total, CAST(MAX(one.total) AS BIGINT) AS longest
     FROM (SELECT part.agent AS agent, part.reason AS reason, part.number AS number,
             SUM((part.until - part.since) / 1000) AS total
         FROM (SELECT chosen.agent AS agent, chosen.reason AS reason, chosen.state AS state,
                 chosen.since AS since, chosen.until AS until,
                 SUM(CASE WHEN chosen.before = 'paused' AND chosen.state = 'paused'
                         AND COALESCE(chosen.reason_before, '') = COALESCE(chosen.reason, '') THEN 0 ELSE 1 END)
                     OVER (PARTITION BY chosen.agent ORDER BY chosen.sequence) AS number
             FROM (SELECT i.agent AS agent, i.sequence AS sequence, i.reason AS reason, i.state AS state,
                     CASE WHEN i.started_at < $1 THEN $1 ELSE i.started_at END AS since,
                     CASE WHEN i.ended_at IS NULL OR i.ended_at > $2 THEN $2 ELSE i.ended_at END AS until,
                     LAG(i.state) OVER (PARTITION BY i.agent ORDER BY i.sequence) AS before,
                     LAG(i.reason) OVER (PARTITION BY i.agent ORDER BY i.sequence) AS reason_before
                 FROM agent_intervals AS i
                 WHERE i.state IN ('paused', 'ready', 'logged_out')
                     AND i.started_at >= $1 - 2678400000000 AND i.started_at < $2
                     AND (i.ended_at IS NULL OR i.ended_at > $1)) AS chosen) AS part
         WHERE part.state = 'paused'
         GROUP BY part.agent, part.reason, part.number) AS one
         JOIN agents ON agents.agent = one.agent
     GROUP BY one.agent, agents.name, one.reason ORDER BY agents.name, one.agent, one.reason",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] = &[&BREAKS];
