//! The money and the records of a decision: what the other files of this crate plan for each, in the order
//! in which it holds. Clients come earlier, before the conversations that name them.

use jiff::Timestamp;

use crate::{
    Commit, Plan, Store, broadcasts, commit::Ask, db::Result, payments, records, reminders, sheet,
};

impl Store {
    /// Plans what a decision does to money and records.
    pub(crate) async fn business(
        &self,
        plan: &mut Plan<Ask>,
        commit: &Commit,
        now: Timestamp,
    ) -> Result<()> {
        records::log(plan, &commit.entries)?;
        for entry in &commit.entries {
            records::apply(plan, entry, now);
        }
        payments::write(plan, &commit.payments)?;
        if let Some(tariffs) = &commit.tariffs {
            sheet::replace(plan, tariffs);
        }
        if let Some((reading, version)) = &commit.reading {
            sheet::remember(plan, reading, *version)?;
        }
        for noted in &commit.reminded {
            plan.add(reminders::decided(noted, now)?);
        }
        if let Some(noted) = &commit.learned {
            plan.add(reminders::learned(noted)?);
        }
        if let Some((broadcast, version)) = &commit.broadcast {
            self.broadcasts(plan, broadcast, *version).await?;
        }
        broadcasts::give(plan, &commit.given, &commit.missed)
    }
}
