//! A programme with a small playbook.

use crate::clocked::Clocked;
use pilotage_api::dto::actions::{AddService, Attest, AttestedResult};
use pilotage_api::dto::playbook::{AdoptPlaybook, PlaybookTrial, TryPlaybook};
use pilotage_api::dto::progress::{FlowMark, ProgressRequest};
use pilotage_api::dto::service::{CheckView, ServiceRequest, ServiceView};
use pilotage_api::dto::session::{Nothing, Saved};
use pilotage_api::{ApiError, App};

/// Two stages, two checks: small enough to reckon by hand.
pub const SMALL: &str = "\
playbook: small
version: 1
title: Two steps
stages:
  - id: ready
    title: Ready
    meaning: It may go.
  - id: done
    title: Done
    meaning: It went.
skills: []
checks:
  - id: A-1
    version: 1
    stage: ready
    title: It has an owner
    kind: manual
    state: counted
    weight: 5
    what: Somebody answers for it.
    why: Else nobody does.
    how:
      steps: [Ask around.]
  - id: B-1
    version: 1
    stage: done
    title: It is switched
    kind: manual
    state: counted
    weight: 5
    what: All calls go to the new place.
    why: Else there are two.
    how:
      steps: [Switch it.]
";

/// The text of [`SMALL`] after some replacements, each of which must hit.
pub fn edited(changes: &[(&str, &str)]) -> String {
    changes.iter().fold(SMALL.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{from:?} must occur");
        text.replacen(from, to, 1)
    })
}

/// Noon of a day of January 2026 in Berlin.
fn noon(day: i64) -> i64 {
    1_767_265_200_000 + (day - 1) * 86_400_000
}

/// A programme whose clock can be moved.
pub struct Bench(Clocked);

impl Bench {
    /// Made on the first of January, with Ann and Ben, the small playbook and the service `shop`.
    pub async fn new() -> Self {
        let bench = Self(Clocked::new(noon(1)).await);
        let day = bench.on(1, "Ben").await;
        day.adopt(SMALL).await.unwrap();
        day.app.add_service(named("shop")).await.unwrap();
        day.close().await;
        bench
    }

    /// Opens it at noon of a day of January 2026, with that person at work.
    pub async fn on(&self, day: i64, person: &str) -> Day {
        self.at(noon(day), person).await
    }

    /// Opens it at a moment, in milliseconds.
    pub async fn at(&self, moment: i64, person: &str) -> Day {
        Day { app: self.0.at(moment, person).await }
    }
}

fn named(name: &str) -> AddService {
    serde_json::from_value(serde_json::json!({ "name": name, "class": null })).unwrap()
}

/// The programme, open.
pub struct Day {
    pub app: App,
}

impl Day {
    pub async fn close(self) {
        self.app.close().await;
    }

    pub async fn adopt(&self, text: &str) -> Result<Saved, ApiError> {
        let (text, closes) = (text.to_owned(), Vec::new());
        self.app.adopt_playbook(AdoptPlaybook { text, seen: None, closes }).await
    }

    pub async fn try_out(&self, text: &str) -> PlaybookTrial {
        self.app.try_playbook(TryPlaybook { text: text.to_owned() }).await.unwrap()
    }

    pub async fn passes(&self, check: &str) {
        let request = Attest {
            service: "shop".to_owned(),
            check: check.to_owned(),
            result: AttestedResult::Pass,
            note: None,
            link: None,
            done_by: None,
        };
        self.app.attest(request).await.unwrap();
    }

    pub async fn shop(&self) -> ServiceView {
        self.app.service(ServiceRequest { service: "shop".to_owned() }).await.unwrap()
    }

    /// A check of the shop.
    pub async fn check(&self, id: &str) -> CheckView {
        let shop = self.shop().await;
        let found = shop.ladder.iter().flat_map(|rung| &rung.checks).find(|check| check.id == id);
        found.expect("the check is on the ladder").clone()
    }

    /// Where the shop stands: its stage, and `re-proving` where it is.
    pub async fn stands(&self) -> String {
        let row = self.shop().await.row;
        let stage = row.stage.unwrap_or_else(|| "none".to_owned());
        if row.reproving { format!("{stage}, re-proving") } else { stage }
    }

    /// Where the services list says that it stands: kept rows, not one computed for the page.
    pub async fn listed(&self) -> Option<String> {
        let rows = self.app.services(Nothing {}).await.unwrap().rows;
        rows.into_iter().find(|row| row.name == "shop").unwrap().stage
    }

    /// The day on which the shop first reached a stage.
    pub async fn first_reached(&self, stage: &str) -> Option<String> {
        let shop = self.shop().await;
        shop.ladder.into_iter().find(|rung| rung.stage == stage).unwrap().first_reached
    }

    /// Marks of the progress chart.
    pub async fn marks(&self) -> Vec<FlowMark> {
        self.app.progress(ProgressRequest::default()).await.unwrap().flow.marks
    }
}
