//! What the desktop is told of: the regressions that a look of this window recorded, each once. A
//! finding that merely repeats what is known, or that costs no stage, is no regression.

use crate::app::App;
use crate::error::ApiError;
use crate::host::DesktopNotice;
use crate::programme::Programme;
use pilotage_domain::Millis;
use pilotage_domain::cluster::Evidence;
use pilotage_domain::journey::Marks;
use pilotage_domain::text::visible;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use uuid::Uuid;

/// Longest text of a notice, in characters: desktops cut longer ones without saying so.
const MAX_TEXT: usize = 400;

/// A finding *fail* that a look found.
#[derive(Debug, Clone)]
pub(crate) struct Failed {
    pub(crate) service: Uuid,
    pub(crate) name: String,
    pub(crate) check: String,
    /// The fact that records it.
    pub(crate) fact: Uuid,
    pub(crate) evidence: Evidence,
}

/// The notices of what a look recorded, one for each service that lost a stage by it.
///
/// # Errors
/// When the programme cannot be read.
pub(crate) async fn regressions(
    app: &App,
    failed: &[Failed],
    now: Millis,
) -> Result<Vec<DesktopNotice>, ApiError> {
    if failed.is_empty() {
        return Ok(Vec::new());
    }
    let mut services: Vec<Uuid> = failed.iter().map(|one| one.service).collect();
    services.dedup();
    let marks = app.store.marks(&services, now).await?;
    let programme = Programme::load(app).await?;
    Ok(notices(failed, &marks, &|check| programme.check_title(check)))
}

/// Those of the findings that cost their service a stage, by the fact that did.
fn notices(
    failed: &[Failed],
    marks: &BTreeMap<Uuid, Marks>,
    title: &dyn Fn(&str) -> String,
) -> Vec<DesktopNotice> {
    let lost = |one: &&Failed| {
        let of_service = marks.get(&one.service).into_iter().flat_map(|marks| &marks.lost);
        of_service.filter_map(|lost| lost.finding).any(|fact| fact == one.fact)
    };
    let mut by_service: Vec<(Uuid, Vec<&Failed>)> = Vec::new();
    for one in failed.iter().filter(lost) {
        match by_service.iter_mut().find(|(service, _)| *service == one.service) {
            Some((_, all)) => all.push(one),
            None => by_service.push((one.service, vec![one])),
        }
    }
    by_service.into_iter().filter_map(|(_, all)| notice(&all, title)).collect()
}

fn notice(all: &[&Failed], title: &dyn Fn(&str) -> String) -> Option<DesktopNotice> {
    let (first, others) = all.split_first()?;
    let Evidence { kind, namespace, name, field, writer, seen_at, .. } = &first.evidence;
    let mut text = format!(
        "{} \u{201c}{}\u{201d} fails: {kind} {namespace}/{name}",
        first.check,
        title(&first.check)
    );
    if !field.is_empty() {
        let _ = write!(text, ", {field}");
    }
    let at = writer.as_ref().and_then(|writer| writer.at).unwrap_or(*seen_at);
    match writer.as_ref().filter(|writer| !writer.manager.is_empty()) {
        Some(writer) => {
            let _ = write!(text, ", written by {} ({})", writer.manager, writer.class.word());
            let _ = write!(text, ", {}", minute(at));
        }
        None => {
            let _ = write!(text, ", seen {}", minute(at));
        }
    }
    if !others.is_empty() {
        let checks: Vec<&str> = others.iter().map(|one| one.check.as_str()).collect();
        let _ = write!(text, "; also {}", checks.join(", "));
    }
    let name = harmless(&format!("{} regressed", first.name));
    Some(DesktopNotice { title: name, text: harmless(&text) })
}

/// Bounded, without control characters, and without the letters of markup, which desktops may obey
/// in such texts (Desktop Notifications Specification, "Markup").
fn harmless(text: &str) -> String {
    let plain = |letter| match letter {
        '<' => '\u{2039}',
        '>' => '\u{203a}',
        '&' => '\u{ff06}',
        other => other,
    };
    visible(text).chars().take(MAX_TEXT).map(plain).collect()
}

fn minute(at: Millis) -> String {
    let moment = chrono::DateTime::from_timestamp_millis(at).unwrap_or_default();
    moment.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use pilotage_domain::cluster::{Writer, WriterClass};
    use pilotage_domain::journey::Lost;

    fn failed(service: u128, check: &str, fact: u128) -> Failed {
        let evidence = Evidence {
            target: None,
            cluster: String::new(),
            api_version: "apps/v1".to_owned(),
            kind: "Deployment".to_owned(),
            namespace: "shop".to_owned(),
            name: "cart".to_owned(),
            uid: String::new(),
            resource_version: String::new(),
            generation: None,
            field: "spec.template.spec.containers[app].image".to_owned(),
            value: String::new(),
            expected: String::new(),
            reason: String::new(),
            writer: Some(Writer {
                class: WriterClass::Manual,
                manager: "kubectl-\u{1b}[31medit\u{202e}<img src=x>&amp;".to_owned(),
                at: Some(0),
            }),
            seen_at: 60_000,
        };
        Failed {
            service: Uuid::from_u128(service),
            name: "cart\u{7}".to_owned(),
            check: check.to_owned(),
            fact: Uuid::from_u128(fact),
            evidence,
        }
    }

    fn title(_: &str) -> String {
        "By the pipeline".to_owned()
    }

    fn lost(service: u128, facts: &[u128]) -> (Uuid, Marks) {
        let lost = facts.iter().map(|fact| Lost {
            check: String::new(),
            at: 0,
            from: 1,
            finding: Some(Uuid::from_u128(*fact)),
        });
        (Uuid::from_u128(service), Marks { lost: lost.collect(), ..Marks::default() })
    }

    #[test]
    fn only_what_cost_a_stage_is_told_and_once_for_each_service() {
        let check = |failed: &[Failed], marks: &[(Uuid, Marks)], expect: usize| {
            let marks = marks.iter().cloned().collect();
            assert_eq!(notices(failed, &marks, &title).len(), expect);
        };
        let both = [failed(1, "CD-31", 10), failed(1, "CD-32", 11)];
        check(&both, &[lost(1, &[10, 11])], 1);
        check(&both, &[lost(1, &[11])], 1);
        check(&both, &[lost(1, &[])], 0);
        // An earlier regression of the same check is another fact, which was told then.
        check(&both, &[lost(1, &[9])], 0);
        check(&both, &[lost(2, &[10])], 0);
        check(
            &[failed(1, "CD-31", 10), failed(2, "CD-31", 12)],
            &[lost(1, &[10]), lost(2, &[12])],
            2,
        );
        check(&[], &[lost(1, &[10])], 0);
    }

    #[test]
    fn it_says_service_check_object_field_writer_and_time_and_nothing_harmful() {
        let both = [failed(1, "CD-31", 10), failed(1, "CD-32", 11)];
        let told = notices(&both, &BTreeMap::from([lost(1, &[10, 11])]), &title);
        let DesktopNotice { title, text } = &told[0];
        assert!(title.starts_with("cart") && title.ends_with("regressed"), "{title}");
        for part in [
            "CD-31",
            "By the pipeline",
            "Deployment shop/cart",
            "containers[app].image",
            "kubectl-",
            "(manual)",
            "1970-01-01 00:00 UTC",
            "also CD-32",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let harmful = |c: char| c.is_control() || "\u{202e}<>&".contains(c);
        assert!(!title.contains(harmful) && !text.contains(harmful), "{title:?} {text:?}");
    }
}
