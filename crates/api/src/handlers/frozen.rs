//! Frozen reports. What is kept is not the report but where the log stood: the same report is
//! rendered again from a file that holds the log up to there and nothing else, at the same moment.
//! So nothing that arrives later can change it, and the hash says whether it is the same.

use super::past::Day;
use super::progress::rendered;
use crate::app::{App, Watch};
use crate::clock::{Clock, rfc3339};
use crate::dto::outlook::{FreezeReport, FrozenRequest, FrozenText, FrozenView};
use crate::dto::progress::{ReportFormat, ReportText};
use crate::dto::session::{Nothing, Saved};
use crate::error::{ApiError, Code};
use crate::handlers::actions::note;
use crate::host::NoDialogs;
use crate::names::Names;
use crate::outlook::{self, Basis};
use crate::{OpenOptions, report};
use pilotage_domain::change::Change;
use pilotage_domain::fact::{Fact, Happening, Recorded};
use pilotage_domain::ids::DeviceId;
use pilotage_domain::issued::{FrozenReport, Occasion};
use pilotage_domain::operation::Batch;
use pilotage_store::{Store, When};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;
use uuid::Uuid;

/// Which report is frozen.
const PROGRESS: &str = "progress";
const FORMATS: [ReportFormat; 4] =
    [ReportFormat::Md, ReportFormat::Html, ReportFormat::Json, ReportFormat::Csv];

pub(crate) async fn freeze_report(app: &App, request: FreezeReport) -> Result<Saved, ApiError> {
    let names = Names::load(app).await?;
    let actor = app.need_actor(&names)?;
    let note = note("note", request.note)?.unwrap_or_default();
    let moment = app.clock.now();
    let position = app.store.log_position().await?;
    // Rendered as it will be rendered again, so that both ways are one.
    let mut hashes = BTreeMap::new();
    for (format, text) in FORMATS.into_iter().zip(render(app, &position, moment, &FORMATS).await?) {
        hashes.insert(report::ending(format).to_owned(), hash(&text.text));
    }
    let frozen = FrozenReport {
        report: PROGRESS.to_owned(),
        moment,
        position: position.iter().map(|(device, seq)| (device.to_hex(), *seq)).collect(),
        hashes,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        note,
    };
    let id = Uuid::now_v7();
    let what = Happening::ReportFrozen { report: Box::new(frozen) };
    let mut changes = vec![Change::Happened { id, fact: Fact { occurred_at: moment, what } }];
    let nodes = app.store.nodes(moment).await?;
    let basis = Basis::load(app, When::AsItWas(moment), &nodes).await?;
    changes.extend(outlook::issue(app, &basis, Occasion::Report, None).await?);
    app.save(actor, changes, "Progress report frozen", Some(id)).await
}

pub(crate) async fn frozen_reports(app: &App, _: Nothing) -> Result<Vec<FrozenView>, ApiError> {
    let names = Names::load(app).await?;
    let reports = kept(app).await?;
    Ok(reports
        .into_iter()
        .rev()
        .map(|(recorded, report)| FrozenView {
            id: recorded.id.to_string(),
            at: rfc3339(report.moment),
            by: names.of(recorded.actor),
            note: report.note,
            hash: report.hashes.get("json").cloned().unwrap_or_default(),
            version: report.version,
        })
        .collect())
}

pub(crate) async fn frozen_report(
    app: &App,
    request: FrozenRequest,
) -> Result<FrozenText, ApiError> {
    let wanted = request.id.trim().to_lowercase();
    let mut found = kept(app).await?;
    found.retain(|(recorded, _)| recorded.id.to_string().starts_with(&wanted));
    let Some((_, frozen)) = found.pop().filter(|_| found.is_empty() && !wanted.is_empty()) else {
        return Err(ApiError::not_found("frozen report", &request.id));
    };
    let position = frozen
        .position
        .iter()
        .filter_map(|(device, seq)| Some((DeviceId::from_hex(device)?, *seq)))
        .collect();
    let mut texts = render(app, &position, frozen.moment, &[request.format]).await?;
    let ReportText { file_name, text } = texts.remove(0);
    let kept = frozen.hashes.get(report::ending(request.format)).cloned().unwrap_or_default();
    let identical = hash(&text) == kept;
    Ok(FrozenText { file_name, text, hash: kept, identical })
}

/// Frozen reports that nobody took back, oldest first.
async fn kept(app: &App) -> Result<Vec<(Recorded, FrozenReport)>, ApiError> {
    let facts = outlook::living_facts(app, "report_frozen", When::AsItWas(i64::MAX)).await?;
    let read = |recorded: Recorded| match &recorded.fact.what {
        Happening::ReportFrozen { report } => {
            let report = (**report).clone();
            Some((recorded, report))
        }
        _ => None,
    };
    Ok(facts.into_iter().filter_map(read).collect())
}

/// Renders the report at a moment from the log up to a position.
async fn render(
    app: &App,
    position: &BTreeMap<DeviceId, u64>,
    moment: i64,
    formats: &[ReportFormat],
) -> Result<Vec<ReportText>, ApiError> {
    let then = Then::open(app, position, moment).await?;
    let texts = told(&then.app, formats).await;
    then.close().await;
    texts
}

async fn told(other: &App, formats: &[ReportFormat]) -> Result<Vec<ReportText>, ApiError> {
    let day = Day::of(other, None, false).await?;
    let mut texts = Vec::with_capacity(formats.len());
    for format in formats {
        texts.push(Box::pin(rendered(other, &day, *format)).await?);
    }
    Ok(texts)
}

/// The programme as its log stood at a position: in a file of its own, which holds the log up to
/// there and nothing else, and is gone afterwards.
pub(crate) struct Then {
    /// The programme of then, whose clock stands at the moment.
    pub(crate) app: App,
    folder: tempfile::TempDir,
}

impl Then {
    pub(crate) async fn open(
        app: &App,
        position: &BTreeMap<DeviceId, u64>,
        moment: i64,
    ) -> Result<Self, ApiError> {
        let folder = tempfile::tempdir().map_err(|error| {
            let message = format!(
                "The report was not rendered: no folder can be made for it: {error}. The programme \
                 is unharmed. Make room, or let TMPDIR name another place."
            );
            ApiError::new(Code::DiskFailed, message)
        })?;
        let path = folder.path().join("frozen.pilotage");
        let created = Store::create(&path, app.store.workspace(), moment).await;
        created.map_err(|error| ApiError::opening(error, &path))?;
        let options = OpenOptions {
            workspace: path,
            data_folder: folder.path().to_owned(),
            clock: Clock::Fixed(moment),
            watch: Watch::No,
        };
        let other = Box::pin(App::open(options, Arc::new(NoDialogs))).await?;
        let then = Self { app: other, folder };
        match fill(app, &then.app, position).await {
            Ok(()) => Ok(then),
            Err(error) => {
                then.close().await;
                Err(error)
            }
        }
    }

    pub(crate) async fn close(self) {
        self.app.close().await;
        drop(self.folder);
    }
}

async fn fill(app: &App, other: &App, position: &BTreeMap<DeviceId, u64>) -> Result<(), ApiError> {
    let mut lines: BTreeMap<DeviceId, Vec<Vec<u8>>> = BTreeMap::new();
    for (device, line) in app.store.log().await? {
        let last = position.get(&device).copied().unwrap_or(0);
        if Batch::parse(&line).is_ok_and(|batch| batch.seq <= last) {
            lines.entry(device).or_default().push(line);
        }
    }
    let now = other.clock.now();
    for (device, lines) in lines {
        let received = other.store.receive(device, lines, now).await?;
        if received.quarantined > 0 {
            return Err(ApiError::new(
                Code::NotPossible,
                "A colleague's later version of Pilotage wrote a change that this one does not \
                 understand, and what came after it on his device cannot be told without it. \
                 Nothing was changed. Update Pilotage, then try again.",
            ));
        }
    }
    // Each of the devices' logs was folded as it came: what another one says of it came later.
    other.store.rebuild(now).await?;
    Ok(())
}

fn hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}
