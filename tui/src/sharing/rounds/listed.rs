//! Are the keys listed that we asked for? From that moment on the node knows this agency by no others.

use kith_exchange::courier::Courier;

use super::{Desk, Report, RoundError};

/// Asks the node by keys that wait to be listed, and puts them into force if they are. As long as they are not, the
/// node refuses to talk to them, and nothing changes.
///
/// # Errors
/// The casebook was locked or failed.
pub async fn adopt_listed(desk: &impl Desk, report: &mut Report) -> Result<(), RoundError> {
    let Some((node, link, pinned)) = desk.with(|office, _| office.line_to_come()).await?? else {
        return Ok(());
    };
    let courier = Courier::new(node, &link)?;
    let now = desk.with(|_, now| now.timestamp()).await?;
    let found = courier.directory(&pinned, now).await;
    courier.close().await;
    if let Ok(Some((signed, _))) = found {
        desk.with(move |office, now| office.take_directory(&signed, now)).await??;
        report.changed = true;
        if desk.with(|office, _| office.line_to_come()).await??.is_none() {
            report.notes.push(
                "the directory lists this agency's new keys: they are in force, and those before sign nothing any more".to_owned(),
            );
        }
    }
    Ok(())
}
