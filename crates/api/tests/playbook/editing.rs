//! Faults with their lines, versions, and drafts that come from a service.

use crate::bench::{Bench, SMALL, edited};
use pilotage_api::Code;
use pilotage_api::dto::playbook::DraftCheck;

#[tokio::test]
async fn faults_name_their_line_and_the_version_that_would_mend_them() {
    let bench = Bench::new().await;
    let day = bench.on(2, "Ann").await;
    let check = async |text: &str, line: Option<&str>, said: &str, raise_to: Option<u32>| {
        let trial = day.try_out(text).await;
        let fault = trial.faults.first().unwrap_or_else(|| panic!("{said}: no fault"));
        let at = fault.line.map(|line| text.lines().nth(line as usize - 1).unwrap_or("").trim());
        assert_eq!((at, fault.raise_to), (line, raise_to), "{fault:?}");
        assert!(fault.text.contains(said), "{fault:?}");
        let refused = day.adopt(text).await.unwrap_err();
        assert_eq!(refused.code, Code::FileRejected);
        assert_eq!(refused.params.get("line"), fault.line.map(|line| line.to_string()).as_ref());
    };
    let other = edited(&[("title: It is switched", "title: It has moved")]);
    check(&other, Some("version: 1"), "higher number, such as 2", Some(2)).await;
    check(&edited(&[("weight: 5", "weight: 4")]), Some("- id: A-1"), "`weight`", None).await;
    check(&edited(&[("weight: 5", "wait: 5")]), Some("wait: 5"), "wait", None).await;
    let lost = edited(&[("stage: done", "stage: over")]);
    check(&lost, Some("- id: done"), "no counted check", None).await;
    day.close().await;
}

#[tokio::test]
async fn the_playbook_in_force_is_no_fault_and_no_news() {
    let bench = Bench::new().await;
    let day = bench.on(2, "Ann").await;
    let trial = day.try_out(SMALL).await;
    assert!(trial.faults.is_empty() && trial.differences.is_empty() && trial.affected.is_empty());
    assert_eq!(day.adopt(SMALL).await.unwrap_err().code, Code::NotPossible);
    day.close().await;
}

fn draft(text: Option<&str>) -> DraftCheck {
    DraftCheck {
        title: "The queue is drained".to_owned(),
        stage: "done".to_owned(),
        what: "It is empty: nobody waits.".to_owned(),
        why: "Else orders are lost".to_owned(),
        service: Some("shop".to_owned()),
        text: text.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_draft_joins_the_text_that_is_being_edited() {
    let bench = Bench::new().await;
    let day = bench.on(2, "Ann").await;
    let drafted = day.app.draft_check(draft(None)).await.unwrap();
    assert_eq!(drafted.check, "OWN-01");
    assert!(drafted.text.contains("why: \"Else orders are lost. It came up on shop.\""));
    let line = drafted.text.lines().nth(drafted.line as usize - 1).unwrap();
    assert_eq!(line.trim(), "- id: OWN-01");
    let trial = day.try_out(&drafted.text).await;
    assert_eq!((trial.faults.len(), trial.version, trial.affected.len()), (0, 2, 0));
    let said = "OWN-01 \u{201c}The queue is drained\u{201d} is new and a draft";
    assert_eq!(trial.differences[0].text, said);

    // A second one, into a text with a version of its own.
    let mine = drafted.text.replacen("version: 2\ntitle", "version: 7\ntitle", 1);
    let again = day.app.draft_check(draft(Some(&mine))).await.unwrap();
    assert_eq!(again.check, "OWN-02");
    assert!(again.text.contains("OWN-01") && again.text.contains("version: 7\n"));

    // An id that was judged once is gone for ever, though its check went.
    let judged = drafted.text.replace("state: draft", "state: visible");
    day.adopt(&judged).await.unwrap();
    day.adopt(&edited(&[("version: 1\ntitle", "version: 3\ntitle")])).await.unwrap();
    assert_eq!(day.app.draft_check(draft(None)).await.unwrap().check, "OWN-02");

    let broken = edited(&[("weight: 5", "weight: 4")]);
    let refused = day.app.draft_check(draft(Some(&broken))).await.unwrap_err();
    assert_eq!(refused.code, Code::NotPossible);
    assert!(refused.message.contains("at line"), "{}", refused.message);
    day.close().await;
}
