//! What an adoption does to services, charts and the calendar.

use crate::bench::{Bench, edited};
use pilotage_api::Code;
use pilotage_api::dto::actions::{EditService, ServiceEdit, Undo};
use pilotage_api::dto::playbook::{AdoptPlaybook, AdoptionRequest};
use pilotage_api::dto::session::Nothing;

/// `B-1` asks for more.
fn stricter() -> String {
    edited(&[
        ("version: 1\ntitle", "version: 2\ntitle"),
        ("id: B-1\n    version: 1", "id: B-1\n    version: 2"),
    ])
}

#[tokio::test]
async fn a_stricter_check_is_reproved_marked_and_undone() {
    let bench = Bench::new().await;
    let day = bench.on(2, "Ann").await;
    day.passes("A-1").await;
    day.passes("B-1").await;
    assert_eq!(day.stands().await, "done");
    day.close().await;

    let day = bench.on(6, "Ann").await;
    let trial = day.try_out(&stricter()).await;
    assert_eq!((trial.faults.len(), trial.services, trial.affected.len()), (0, 1, 1));
    let shop = &trial.affected[0];
    assert_eq!((shop.from.as_str(), shop.to.as_str()), ("Done", "Done"));
    assert_eq!((shop.up, shop.reproving), (None, true), "it stays, and is re-proving");
    assert_eq!((shop.passed, shop.counted), ((2, 1), (2, 2)));
    let why = "B-1 \u{201c}It is switched\u{201d} is stricter and is not known; \
               the stage is kept while it is re-proved";
    assert_eq!(shop.why, [why]);
    assert_eq!(day.stands().await, "done", "a trial changes nothing");
    assert!(day.marks().await.is_empty(), "nothing was adopted since the service came");

    let saved = day.adopt(&stricter()).await.unwrap();
    assert_eq!(day.stands().await, "done, re-proving");
    assert_eq!(day.listed().await.as_deref(), Some("done"));
    let check = day.check("B-1").await;
    assert_eq!((check.result.as_str(), check.reproving), ("unknown", true));
    assert_eq!(check.reason.as_deref(), Some("older_version"));
    assert_eq!(day.first_reached("done").await.as_deref(), Some("2026-01-02"), "the day is kept");
    let marks = day.marks().await;
    assert_eq!(marks.len(), 1);
    assert_eq!(
        (marks[0].date.as_str(), marks[0].label.as_str()),
        ("2026-01-06", "Playbook 2 adopted")
    );

    day.app.undo(Undo { batch: saved.batch.unwrap() }).await.unwrap();
    assert_eq!(day.stands().await, "done", "undone, nothing is to be re-proved");
    assert_eq!(day.first_reached("done").await.as_deref(), Some("2026-01-02"));
    assert!(day.marks().await.is_empty(), "no mark of what was taken back");
    let view = day.app.playbook(Nothing {}).await.unwrap();
    assert_eq!((view.version, view.history.len()), (1, 2), "small, and the one it came with");
    day.close().await;
}

#[tokio::test]
async fn what_is_proved_again_ends_the_reproving() {
    let bench = Bench::new().await;
    let day = bench.on(2, "Ann").await;
    day.passes("A-1").await;
    day.passes("B-1").await;
    day.close().await;
    let day = bench.on(3, "Ann").await;
    day.adopt(&stricter()).await.unwrap();
    day.close().await;
    let day = bench.on(9, "Ann").await;
    assert_eq!(day.stands().await, "done, re-proving");
    day.passes("B-1").await;
    assert_eq!(day.stands().await, "done");
    assert_eq!(day.first_reached("done").await.as_deref(), Some("2026-01-02"));
    day.close().await;
}

#[tokio::test]
async fn a_dated_check_is_visible_until_its_day() {
    let bench = Bench::new().await;
    let day = bench.on(2, "Ann").await;
    day.passes("A-1").await;
    day.passes("B-1").await;
    let dated = edited(&[
        ("version: 1\ntitle", "version: 2\ntitle"),
        (
            "  - id: B-1\n",
            "  - id: B-2\n    version: 1\n    stage: done\n    title: It is watched\n    \
             kind: manual\n    state: counted\n    counted_from: 2026-01-10\n    weight: 3\n    \
             what: w\n    why: y\n    how: {steps: []}\n  - id: B-1\n",
        ),
    ]);
    let trial = day.try_out(&dated).await;
    assert!(trial.affected.is_empty(), "nobody moves today: {:?}", trial.affected);
    let said: Vec<&str> = trial.differences.iter().map(|one| one.text.as_str()).collect();
    assert_eq!(said, ["B-2 \u{201c}It is watched\u{201d} is new and counted from 2026-01-10"]);
    day.adopt(&dated).await.unwrap();
    day.close().await;

    // One minute before midnight in Berlin, then midnight, then undated work.
    let midnight = 1_767_999_600_000;
    let day = bench.at(midnight - 60_000, "Ann").await;
    assert_eq!(day.check("B-2").await.state, "visible");
    assert_eq!((day.stands().await.as_str(), day.shop().await.row.progress.counted), ("done", 2));
    let view = day.app.playbook(Nothing {}).await.unwrap();
    let row = view.stages[1].checks.iter().find(|check| check.id == "B-2").unwrap();
    assert_eq!(row.counted_from.as_deref(), Some("2026-01-10"));
    day.close().await;
    let day = bench.at(midnight, "Ann").await;
    assert_eq!(day.check("B-2").await.state, "counted");
    assert_eq!(day.stands().await, "done, re-proving", "nobody falls when the day comes");
    assert_eq!(day.listed().await.as_deref(), Some("done"));
    assert_eq!(day.shop().await.row.progress.counted, 3);
    day.passes("B-2").await;
    assert_eq!(day.stands().await, "done");
    day.close().await;
}

#[tokio::test]
async fn a_check_for_one_archetype_does_not_apply_elsewhere() {
    let bench = Bench::new().await;
    let day = bench.on(2, "Ann").await;
    let workers = edited(&[
        ("version: 1\ntitle", "version: 2\ntitle"),
        (
            "state: counted\n    weight: 5\n    what: All",
            "state: counted\n    weight: 5\n    archetypes: [worker]\n    what: All",
        ),
    ]);
    day.adopt(&workers).await.unwrap();
    day.passes("A-1").await;
    assert_eq!(day.stands().await, "ready", "of unknown kind: every check applies");
    for (archetype, result, stage) in
        [("web", "not_applicable", "done"), ("worker", "unknown", "ready")]
    {
        let edit = ServiceEdit::Archetype(Some(archetype.to_owned()));
        day.app.edit_service(EditService { service: "shop".to_owned(), edit }).await.unwrap();
        assert_eq!(day.check("B-1").await.result, result, "{archetype}");
        assert_eq!(day.stands().await, stage, "{archetype}");
    }
    let view = day.app.playbook(Nothing {}).await.unwrap();
    let row = &view.stages[1].checks[0];
    assert_eq!((row.archetypes.as_slice(), row.applies), (&["worker".to_owned()][..], 1));
    day.close().await;
}

#[tokio::test]
async fn another_adoption_since_is_refused() {
    let bench = Bench::new().await;
    let day = bench.on(2, "Ann").await;
    let seen = day.app.playbook(Nothing {}).await.unwrap().adoption;
    day.adopt(&stricter()).await.unwrap();
    let third = edited(&[("version: 1\ntitle", "version: 3\ntitle")]);
    let adopt = |seen| AdoptPlaybook { text: third.clone(), seen, closes: Vec::new() };
    let refused = day.app.adopt_playbook(adopt(seen)).await.unwrap_err();
    assert_eq!(refused.code, Code::NotPossible);
    let view = day.app.playbook(Nothing {}).await.unwrap();
    assert_eq!(view.version, 2, "nothing was changed");
    day.app.adopt_playbook(adopt(view.adoption)).await.unwrap();
    assert_eq!(day.app.playbook(Nothing {}).await.unwrap().version, 3);
    day.close().await;
}

#[tokio::test]
async fn every_adoption_keeps_its_text() {
    let bench = Bench::new().await;
    let day = bench.on(2, "Ann").await;
    // Longer than one piece of a register, and not of ASCII alone.
    let long = stricter() + &format!("# {}\n", "é".repeat(60_000));
    day.adopt(&long).await.unwrap();
    let view = day.app.playbook(Nothing {}).await.unwrap();
    let said: Vec<(u32, &str)> =
        view.history.iter().map(|adoption| (adoption.version, adoption.by.as_str())).collect();
    assert_eq!(said[..2], [(2, "Ann"), (1, "Ben")]);
    let of = |index: usize| AdoptionRequest { adoption: view.history[index].id.clone() };
    let now = day.app.adopted_text(of(0)).await.unwrap();
    assert_eq!((now.text == long, now.adoption.version), (true, 2));
    let then = day.app.adopted_text(of(1)).await.unwrap();
    assert_eq!((then.text.as_str(), then.adoption.by.as_str()), (crate::bench::SMALL, "Ben"));
    let first = day.app.adopted_text(of(2)).await.unwrap();
    assert_eq!(first.adoption.name, "default");
    let absent = AdoptionRequest { adoption: "nothing".to_owned() };
    assert_eq!(day.app.adopted_text(absent).await.unwrap_err().code, Code::NotFound);
    day.close().await;
}
