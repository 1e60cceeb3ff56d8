//! Copies of the programme: made, listed, restored; and a close look at its file.

use crate::args::Backup;
use crate::print::{self, Answer, Column};
use crate::session::Session;
use pilotage_api::ApiError;
use pilotage_api::dto::backups::{MissingView, RecoveryView, RestoreBackup, StorageView};
use pilotage_api::dto::session::Nothing;
use pilotage_domain::text::visible;
use std::fmt::Write as _;

/// `backup`.
pub async fn backup(session: &Session, backup: &Backup) -> Result<Answer, ApiError> {
    match backup {
        Backup::List => {
            let view = session.app.storage(Nothing {}).await?;
            session.answer(&view, || listed(&view))
        }
        Backup::Create => {
            let saved = session.app.make_backup(Nothing {}).await?;
            session.answer(&saved, || format!("{}\n", visible(&saved.summary)))
        }
        Backup::Restore { name } => {
            let request = RestoreBackup { name: name.clone() };
            let saved = session.app.restore_backup(request).await?;
            session.answer(&saved, || format!("{}\n", visible(&saved.summary)))
        }
        Backup::Check => {
            let check = session.app.check_workspace(Nothing {}).await?;
            let answer = session.answer(&check, || {
                let problems = check.problems.iter().map(|line| format!("  {}\n", visible(line)));
                format!("{}.\n{}", check.summary, problems.collect::<String>())
            })?;
            Ok(if check.problems.is_empty() { answer } else { answer.with_finding() })
        }
    }
}

fn listed(view: &StorageView) -> String {
    let mut text = if view.backups.is_empty() {
        "No backups yet.\n".to_owned()
    } else {
        let rows = view.backups.iter().map(|backup| {
            vec![
                backup.name.clone(),
                backup.made_at.clone(),
                backup.reason.clone(),
                backup.kib.to_string(),
            ]
        });
        let columns = [
            Column::Text("Name"),
            Column::Text("Made"),
            Column::Text("Reason"),
            Column::Number("KiB"),
        ];
        print::table(&columns, rows)
    };
    let _ = writeln!(text, "In {}", visible(&view.folder));
    for advice in &view.advice {
        let _ = writeln!(text, "Attention: {}", visible(&advice.text));
    }
    text
}

/// The report of a recovery, for people.
pub fn recovered(report: &RecoveryView) -> String {
    let mut text = report.summary.clone();
    for missing in &report.missing {
        let _ = write!(text, " Missing of device {}: {}.", missing.device, lost(missing));
    }
    for backup in &report.bad_backups {
        let _ = write!(text, " The backup {backup} is damaged too.");
    }
    let _ = write!(text, " The damaged files are in {}.", report.aside);
    text
}

fn lost(missing: &MissingView) -> String {
    let mut text = format!("{} (numbers {} to {}", missing.actions, missing.first, missing.last);
    if let (Some(from), Some(to)) = (&missing.from, &missing.to) {
        let _ = write!(text, ", made {from} to {to}");
    }
    text + ")"
}
