//! Stories, each expectation worked out by hand.

use crate::story::{BASE, START, check, check_and_control, rules, say};
use pilotage_domain::DAY;
use pilotage_domain::journey::{Subject, walk};
use pilotage_domain::playbook::Playbook;

#[test]
fn a_playbook_in_yaml_gives_the_rules_of_the_stories() {
    let check = |id: &str, stage: &str, rest: &str| {
        format!(
            "  - {{id: {id}, version: 1, stage: {stage}, title: t, weight: 3, what: w, why: y, \
             how: {{steps: [s]}}, {rest}}}\n"
        )
    };
    let yaml = format!(
        "playbook: test\nversion: 1\ntitle: Test\nstages:\n\
         \x20 - {{id: found, title: Found, meaning: m}}\n\
         \x20 - {{id: built, title: Built, meaning: m}}\n\
         \x20 - {{id: staging, title: S, meaning: m, environment: staging, otherwise: live}}\n\
         \x20 - {{id: live, title: Live, meaning: m}}\n\
         skills: []\nchecks:\n{}{}{}{}{}{}{}{}",
        check("F1", "found", "kind: manual, state: counted"),
        check("B1", "built", "kind: auto, state: counted"),
        check("B2", "built", "kind: manual, state: counted"),
        check("V1", "built", "kind: auto, state: visible"),
        check("D1", "built", "kind: auto, state: draft"),
        check("S1", "staging", "kind: auto, state: counted"),
        check("L1", "live", "kind: auto, state: counted"),
        check("L2", "live", "kind: manual, state: counted, archetypes: [worker]"),
    );
    let read = Playbook::parse(&yaml).unwrap().rules(chrono_tz::Tz::UTC);
    assert_eq!(read, rules(BASE), "a draft check is in no rules");
}

#[test]
fn nothing_seen_is_no_stage() {
    check(
        "",
        "d0 stage none; since d0; reached -; flags -; counts 0/6 proved 0 waived 0 n/a 0
         d9 moves d0 none; next F1; F1 unknown never_seen; scope in; valid -",
    );
}

#[test]
fn unknown_never_counts() {
    check_and_control(
        "d1 F1 unknown person",
        "d1 stage none; F1 unknown; counts 0/6 proved 0 waived 0 n/a 0; next F1",
        "unknown",
        "pass",
    );
    check_and_control(
        "d1 F1 pass person
         d1 B1 unknown
         d1 B2 pass person",
        "d2 stage found; next B1",
        "unknown",
        "n/a",
    );
}

#[test]
fn a_stage_is_reached_when_all_its_checks_pass() {
    check_and_control(
        "d1 F1 pass person
         d2 B1 pass
         d3 B2 pass person
         d4 L1 pass
         d5 S1 pass
         d6 L2 pass person",
        "d1- stage none
         d1 stage found; since d1; next B1
         d2 stage found; since d1; next B2
         d3 stage built; reached found d1, built d3
         d4 stage built; next S1
         d5 stage built; next L2
         d6 stage live; since d6; reached found d1, built d3, live d6; next -
         d9 counts 6/6 proved 6 waived 0 n/a 0; moves d0 none, d1 found, d3 built, d6 live",
        "d3 B2 pass",
        "d3 B2 fail",
    );
}

#[test]
fn a_later_stage_is_not_reached_with_an_earlier_one_open() {
    check_and_control(
        "d1 B1 pass
         d1 B2 pass person
         d1 S1 pass
         d1 L1 pass
         d1 L2 pass person
         d2 F1 fail person",
        "d3 stage none; reached -; counts 5/6 proved 5 waived 0 n/a 0; next F1",
        "F1 fail",
        "F1 pass",
    );
    // One fact more, and all of them are reached at one moment.
    check(
        "d1 B1 pass
         d1 B2 pass person
         d3 F1 pass person",
        "d3 stage built; reached built d3, found d3; moves d0 none, d3 built",
    );
}

const BUILT: &str = "d1 F1 pass person
     d2 B1 pass
     d2 B2 pass person
";

fn after_built(rest: &str) -> String {
    format!("{BUILT}{rest}")
}

#[test]
fn pass_to_fail_regresses_and_a_repair_ends_it() {
    check_and_control(
        &after_built("d5 B1 fail\nd8 B1 pass"),
        "d5- stage built; flags -
         d5 stage found; since d5; flags regressed; B1 fail regressed d5 from 2; next B1
         d7 stage found; flags regressed; reached found d1, built d2
         d8 stage built; since d8; flags -; B1 pass; reached found d1, built d2
         d9 moves d0 none, d1 found, d2 built, d5 found, d8 built",
        "d5 B1 fail",
        "d5 B1 unknown",
    );
    // The lowest failing stage decides; the lost stage is the one held.
    check(
        &after_built("d5 F1 fail person"),
        "d5 stage none; flags regressed; F1 fail regressed d5 from 2; counts 2/6 proved 2 waived 0 n/a 0",
    );
    // Going quiet is no repair.
    check(
        &after_built("d5 B1 fail\nd6 B1 unknown"),
        "d7 stage found; flags regressed; B1 unknown regressed d5 from 2",
    );
}

#[test]
fn a_fail_that_never_passed_is_no_regression() {
    check_and_control(
        &after_built("d3 S1 fail"),
        "d4 stage built; flags -; S1 fail",
        "d3 S1 fail",
        "d3 B1 fail",
    );
    // Passed once, on a stage that was never reached.
    check(&after_built("d3 L1 pass\nd4 L1 fail"), "d4 stage built; flags -; L1 fail");
    // Held by a waiver, then failing without it: the waiver ended, nothing regressed.
    check(
        "d1 waive F1 until d5\nd2 F1 fail person",
        "d4 stage found; F1 waived
         d5 stage none; flags -; F1 fail waiver_ended",
    );
    // A check that is only visible decides nothing.
    check(&after_built("d3 V1 pass\nd4 V1 fail"), "d4 stage built; flags -; V1 fail");
}

const STRICTER: &str = "found: F1 manual | built: B1 auto v2, B2 manual | live: L1 auto";

fn adopted(rest: &str) -> String {
    format!(
        "d0 playbook found: F1 manual | built: B1 auto, B2 manual, V1 auto visible | live: L1 auto
         {BUILT}{rest}"
    )
}

#[test]
fn a_stricter_check_is_proved_again_and_takes_nothing() {
    check_and_control(
        &adopted(&format!("d5 playbook {STRICTER}\nd9 B1 fail v2\nd12 B1 pass v2\nd15 B1 fail v2")),
        "d5- flags -
         d5 stage built; since d2; reached found d1, built d2; flags re-proving; B1 unknown older_version; next B1
         d9 stage built; since d2; flags re-proving; B1 fail
         d11 stage built; flags re-proving
         d12 stage built; since d2; flags -; B1 pass
         d15 stage found; flags regressed; B1 fail regressed d15 from 2
         d16 moves d0 none, d1 found, d2 built, d15 found; reached found d1, built d2",
        "d9 B1 fail v2",
        "d9 F1 fail person",
    );
    // It holds for longer than the grace: re-proving has no end.
    check(&adopted(&format!("d5 playbook {STRICTER}")), "d99 stage built; flags re-proving");
}

#[test]
fn a_new_check_is_proved_and_takes_nothing() {
    let with_new = "found: F1 manual, F2 manual | built: B1 auto, B2 manual | live: L1 auto";
    check_and_control(
        &adopted(&format!(
            "d5 playbook {with_new}\nd6 F2 fail person\nd7 F2 pass person\nd8 F2 fail person"
        )),
        "d5 stage built; flags re-proving; F2 unknown never_seen; next F2
         d6 stage built; flags re-proving; F2 fail
         d7 stage built; flags -
         d8 stage none; flags regressed",
        "d7 F2 pass",
        "d7 F2 unknown",
    );
    // Visible and failing for long, then counted: new in the sense that it decides.
    let counting = "found: F1 manual | built: B1 auto, B2 manual, V1 auto | live: L1 auto";
    for last in ["fail", "unknown"] {
        check(
            &adopted(&format!("d3 V1 pass\nd4 V1 {last}\nd30 playbook {counting}")),
            "d30- stage built; flags -
             d30 stage built; flags re-proving; next V1
             d90 stage built; flags re-proving",
        );
    }
    // Moved from a stage that was lost for it to one that is held.
    let moved = "found: F1 manual, B1 auto | built: B2 manual | live: L1 auto";
    check(
        &adopted(&format!("d5 B1 fail\nd6 playbook {moved}")),
        "d5 stage found; flags regressed
         d6 stage found; flags re-proving",
    );
    // Taken out, failing meanwhile, and back.
    let without = "found: F1 manual | built: B2 manual | live: L1 auto";
    let back = "found: F1 manual | built: B1 auto, B2 manual | live: L1 auto";
    check(
        &adopted(&format!("d5 playbook {without}\nd6 B1 fail\nd7 playbook {back}")),
        "d6 stage built; flags -
         d7 stage built; flags re-proving; B1 fail",
    );
    // The same below a stage that is lost for another reason: nothing is left of its regression.
    check(
        &adopted(&format!(
            "d5 B1 fail\nd5 B2 fail person\nd6 playbook {without}\nd7 playbook {back}"
        )),
        "d5 B1 fail regressed d5 from 2; B2 fail regressed d5 from 2
         d7 stage found; flags regressed; B1 fail; B2 fail regressed d5 from 2",
    );
    // For one kind of service first, then for all.
    let some = "found: F1 manual, F2 manual for worker | built: B1 auto, B2 manual | live: L1 auto";
    let all = "found: F1 manual, F2 manual | built: B1 auto, B2 manual | live: L1 auto";
    check(
        &format!("is web\nd0 playbook {some}\n{BUILT}d5 playbook {all}"),
        "d4 stage built; F2 not_applicable archetype
         d5 stage built; flags re-proving",
    );
}

#[test]
fn a_playbook_takes_nothing_at_the_moment_a_waiver_ends() {
    // B2 moves to the first stage at the moment its waiver ends: the waiver's end costs the stage
    // it held, the playbook costs nothing more.
    let moved = "found: F1 manual, B2 manual | built: B1 auto | live: L1 auto";
    check_and_control(
        &format!(
            "d0 playbook found: F1 manual | built: B1 auto, B2 manual | live: L1 auto
             d1 F1 pass person
             d2 B1 pass
             d2 waive B2 until d5
             d5 playbook {moved}"
        ),
        "d5- stage built; B2 waived never_seen
         d5 stage found; flags re-proving; B2 unknown waiver_ended
         d9 moves d0 none, d1 found, d2 built, d5 found",
        "until d5",
        "until d6",
    );
}

#[test]
fn a_check_to_prove_again_supports_no_new_stage() {
    check_and_control(
        &adopted(&format!("d5 playbook {STRICTER}\nd6 L1 pass\nd8 B1 pass v2")),
        "d6 stage built; flags re-proving; reached found d1, built d2
         d8 stage live; reached found d1, built d2, live d8",
        "B1 pass v2",
        "B1 pass v1",
    );
}

#[test]
fn findings_of_an_older_version_do_not_satisfy() {
    let script = format!("d0 playbook {STRICTER}\n{BUILT}");
    check_and_control(&script, "d3 stage found; B1 unknown older_version", "B1 pass", "B1 pass v2");
    // A newer one than the playbook knows does: the stricter check was passed.
    check(&after_built("d3 S1 pass v7"), "d3 S1 pass");
}

#[test]
fn a_stale_pass_keeps_the_stage_for_exactly_fourteen_days() {
    check_and_control(
        "d1 F1 pass person
         d2 B1 pass until d10
         d2 B2 pass person",
        "d9 stage built; flags -; valid d10
         d10- flags -
         d10 stage built; since d2; flags unproven since d10; B1 unknown stale; valid d24; next B1
         d24- stage built; flags unproven since d10
         d24 stage found; since d24; flags -; valid -
         d30 moves d0 none, d1 found, d2 built, d24 found; reached found d1, built d2",
        "until d10",
        "until d11",
    );
    // Unknown does the same; proof ends it; a fail meanwhile is a regression.
    check(
        &after_built("d5 B1 unknown\nd18 B1 pass\nd20 B1 unknown\nd33 B1 fail"),
        "d5 flags unproven since d5
         d18- stage built; flags unproven since d5
         d18 stage built; flags -
         d20 flags unproven since d20
         d33 stage found; flags regressed; B1 fail regressed d33 from 2",
    );
    // The oldest counts; a second unknown does not start the grace anew.
    check(
        &after_built("d5 B1 unknown\nd7 B2 unknown person\nd9 B1 unknown"),
        "d9 flags unproven since d5
         d19 stage found; flags -",
    );
    // After the grace a fail is no regression any more: the pass was long gone.
    check(&after_built("d5 B1 unknown\nd20 B1 fail"), "d20 stage found; flags -");
}

#[test]
fn a_stale_pass_supports_no_new_stage() {
    check_and_control(
        "d1 F1 pass person until d5
         d6 B1 pass
         d6 B2 pass person",
        "d6 stage found; flags unproven since d5; counts 2/6 proved 2 waived 0 n/a 0
         d19 stage none",
        "until d5",
        "until d7",
    );
}

#[test]
fn a_waiver_satisfies_until_it_expires_or_is_revoked() {
    check_and_control(
        &after_built("d3 S1 pass\nd3 L2 pass person\nd4 waive L1 until d9"),
        "d4 stage live; L1 waived never_seen; valid d9; counts 5/5 proved 5 waived 1 n/a 0; next -
         d9- stage live
         d9 stage built; flags -; L1 unknown waiver_ended; valid -; reached found d1, built d2, live d4",
        "until d9",
        "until d8",
    );
    // Revoked: it held until then, so the day the stage was reached stays.
    check(
        &after_built(
            "d3 S1 pass\nd3 L2 pass person\nd4 waive L1 until d9 as w\nd6 retract w as r\nd7 retract r",
        ),
        "d5 stage live
         d6 stage built; flags -; L1 unknown waiver_ended; reached found d1, built d2, live d4
         d7 stage live; L1 waived never_seen; valid d9
         d9 stage built",
    );
    // A pass needs no waiver; of two waivers the longer holds.
    check(
        "d1 waive F1 until d9\nd2 F1 pass person\nd3 waive B1 until d20\nd4 waive B1 until d6\nd4 B2 pass person",
        "d2 F1 pass; counts 1/6 proved 1 waived 0 n/a 0
         d5 stage built
         d6 stage built; B1 waived never_seen
         d20 stage found",
    );
    // A waiver covers a fail of a reached stage and ends the regression.
    check(
        &after_built("d5 B1 fail\nd6 waive B1 until d8"),
        "d6 stage built; flags -; B1 waived
         d8 stage found; flags -; B1 fail waiver_ended",
    );
}

#[test]
fn waived_and_not_applicable_are_counted_apart() {
    check_and_control(
        "is web
         d1 F1 pass person
         d1 waive B1 until d9
         d1 S1 n/a",
        "d2 counts 1/3 proved 1 waived 1 n/a 2; L2 not_applicable archetype; S1 not_applicable",
        "is web",
        "is worker",
    );
}

#[test]
fn claims_count_and_a_verifier_replaces_them() {
    check_and_control(
        &after_built(
            "d3 S1 pass person\nd4 L1 pass person\nd4 L2 pass person\nd6 S1 pass\nd7 L1 fail\nd8 L1 pass person",
        ),
        "d4 stage live; S1 pass claimed; L1 pass claimed; counts 6/6 proved 4 waived 0 n/a 0
         d6 stage live; S1 pass; counts 6/6 proved 5 waived 0 n/a 0
         d7 stage built; L1 fail regressed d7 from 4; counts 5/6 proved 5 waived 0 n/a 0
         d8 stage built; L1 fail regressed d7 from 4",
        "d7 L1 fail",
        "d7 L1 fail person",
    );
    // What a person signs on a manual check is proof; a verifier has no say there.
    check(
        "d1 F1 pass person\nd2 F1 fail cluster\nd3 B2 pass cluster",
        "d3 F1 pass; counts 1/6 proved 1 waived 0 n/a 0; B2 unknown never_seen",
    );
    // The verifier's word replaces the claim even where it is older or says unknown.
    check("d1 B1 unknown\nd2 B1 pass person", "d3 B1 unknown");
}

#[test]
fn a_retraction_restores_what_was_before() {
    check_and_control(
        "d1 F1 pass person\nd3 F1 fail person as slip\nd4 retract slip",
        "d3 stage none; flags regressed
         d4 stage found; flags -; F1 pass; reached found d1
         d5 moves d0 none, d1 found, d3 none, d4 found",
        "retract slip",
        "block",
    );
    // An undone undo: the fail speaks again.
    check(
        "d1 F1 pass person\nd3 F1 fail person as slip\nd4 retract slip as undo\nd5 retract undo",
        "d4 stage found
         d5 stage none; flags regressed; F1 fail regressed d3 from 1",
    );
    // The redo comes from a device whose wall clock is slow.
    check(
        "d1 F1 pass person as p\nd4 retract p as undo\nd3 retract undo",
        "d4 stage found; reached found d1; moves d0 none, d1 found",
    );
    // Back to being unproven, with the days already spent.
    check(
        "d1 F1 pass person until d5\nd6 F1 fail person as slip\nd7 retract slip",
        "d6 stage none; flags regressed
         d7 stage found; flags unproven since d5
         d19 stage none; flags -",
    );
    // Back to being proved again: the stage was reached before the check existed.
    let with_new = "found: F1 manual, F2 manual | built: B1 auto, B2 manual | live: L1 auto";
    check(
        &adopted(&format!("d5 playbook {with_new}\nd6 F2 pass person as slip\nd7 retract slip")),
        "d6 stage built; flags -
         d7 stage built; flags re-proving; F2 unknown retracted; reached found d1, built d2",
    );
}

#[test]
fn a_stage_entered_in_error_was_never_reached_and_did_not_regress() {
    check_and_control(
        "d1 F1 pass person as slip\nd3 retract slip\nd9 F1 pass person",
        "d2 stage found; reached found d1
         d3 stage none; flags -; reached -; F1 unknown retracted
         d9 stage found; reached found d9
         d9 moves d0 none, d1 found, d3 none, d9 found",
        "d3 retract slip",
        "d3 F1 unknown person",
    );
    // The same with a fail before: what is restored is a fail, and nothing regressed.
    check(
        "d1 F1 fail person\nd2 F1 pass person as slip\nd3 retract slip",
        "d2 stage found
         d3 stage none; flags -; F1 fail; reached -",
    );
    // With a good pass before, the stage was reached and stays.
    check(
        "d1 F1 pass person\nd2 F1 pass person as slip\nd3 retract slip",
        "d3 stage found; reached found d1; moves d0 none, d1 found",
    );
    // A regression whose pass was entered in error was none.
    check(
        "d1 B1 pass person as slip\nd1 F1 pass person\nd1 B2 pass person\nd2 B1 fail\nd3 retract slip",
        "d2 stage found; flags regressed; reached built d1, found d1
         d3 stage found; flags -; reached found d1",
    );
}

#[test]
fn blockers_open_close_and_are_taken_back() {
    check_and_control(
        "d1 block as a
         d2 block as b
         d3 unblock a as closed
         d4 retract closed
         d5 retract a
         d6 unblock b",
        "d1- flags -
         d1 flags blocked since d1; blockers 1
         d2 blockers 2; flags blocked since d1
         d3 blockers 1; flags blocked since d2
         d4 blockers 2; flags blocked since d1
         d5 blockers 1; flags blocked since d2
         d6 blockers 0; flags -",
        "d4 retract closed",
        "d4 scope in",
    );
}

#[test]
fn scope_is_a_move_of_its_own_day() {
    check_and_control(
        "d1 F1 pass person
         d3 scope retire as gone
         d5 B1 pass
         d5 B2 pass person
         d7 retract gone
         d8 scope retain
         d9 scope in",
        "d2 scope in
         d3 scope retire; stage found; since d1
         d7 scope in
         d8 scope retain
         d9 scope in; since d5
         d9 moves d0 none, d1 found, d3 found out, d5 built out, d7 built, d8 built out, d9 built",
        "d8 scope retain",
        "d8 scope in",
    );
}

#[test]
fn a_late_entry_counts_from_when_it_occurred() {
    // Recorded last, occurred first.
    check_and_control(
        "d5 B1 pass
         d5 B2 pass person
         d1 F1 pass person",
        "d2 stage found; reached found d1
         d5 stage built; reached found d1, built d5; moves d0 none, d1 found, d5 built",
        "d1 F1",
        "d6 F1",
    );
    // A late fail that a later pass has already repaired shows in the past only.
    check(
        "d1 F1 pass person\nd6 F1 pass person\nd4 F1 fail person",
        "d5 stage none; flags regressed
         d9 stage found; flags -; moves d0 none, d1 found, d4 none, d6 found",
    );
    // Before the service was entered here: its arrival moves back.
    check("d-2 F1 pass person", "d0 stage found; reached found d-2; moves d-2 found");
}

#[test]
fn what_lies_in_the_future_waits() {
    check_and_control(
        "d1 F1 pass person\nd5 F1 fail person\nd7 scope retire\nd9 environment staging comes",
        "d2 stage found; flags -; valid d5; scope in; moves d0 none, d1 found
         d5 stage none; valid d7
         d7 scope retire; valid d9
         d9 valid -",
        "d5 F1 fail",
        "d4 F1 fail",
    );
}

#[test]
fn a_stage_without_its_environment_is_passed_over() {
    check_and_control(
        "d0 F1 pass person\nd1 B1 pass\nd1 B2 pass person\nd2 L1 pass\nd2 L2 pass person\nd3 S1 pass",
        "d1 stage built
         d2 stage built; next S1
         d3 stage live; moves d0 found, d1 built, d3 live; reached found d0, built d1, live d3",
        "d0 F1",
        "d0 environment Staging comes\nd0 F1",
    );
    // With the environment, staging is a stage to rest on. When it goes, nobody rests there.
    let on = "d0 environment staging comes
              d0 F1 pass person
              d1 B1 pass
              d1 B2 pass person
              d2 S1 pass
              ";
    check_and_control(
        &format!("{on}d5 environment staging goes\nd7 environment staging comes"),
        "d2 stage staging; reached found d0, built d1, staging d2; next L1
         d5 stage built; flags -; next L1; S1 pass
         d7 stage staging; moves d0 found, d1 built, d2 staging, d5 built, d7 staging",
        "d2 S1 pass",
        "d2 S1 unknown",
    );
    // It comes while a service is live: its check is known and passes, so nothing moves.
    check(
        "d0 F1 pass person\nd0 B1 pass\nd0 B2 pass person\nd0 S1 pass\nd0 L1 pass\nd0 L2 pass person
         d4 environment staging comes\nd5 S1 fail",
        "d4 stage live; flags -; moves d0 live
         d5 stage built; flags regressed; S1 fail regressed d5 from 4",
    );
}

#[test]
fn a_playbook_may_insert_a_stage() {
    let inserted =
        "found: F1 manual | sorted: N1 manual | built: B1 auto, B2 manual | live: L1 auto";
    check_and_control(
        &adopted(&format!(
            "d5 playbook {inserted}\nd6 L1 pass\nd8 N1 pass person\nd9 N1 fail person"
        )),
        "d5- stage built
         d5 stage built; since d2; flags re-proving; next N1; reached found d1, built d2
         d6 stage built; flags re-proving
         d8 stage live; flags -
         d9 stage found; flags regressed; N1 fail regressed d9 from 4",
        "d8 N1 pass",
        "d8 N1 unknown",
    );
    // Who had not reached the stage behind it must climb it.
    check(
        &format!(
            "d0 playbook found: F1 manual | built: B1 auto\nd1 F1 pass person\nd5 playbook {inserted}\nd6 B1 pass\nd6 B2 pass person\nd7 N1 pass person"
        ),
        "d5 stage found; flags -
         d6 stage found; next N1
         d7 stage built; reached found d1, built d7, sorted d7",
    );
    // The stage that a regression took keeps its name when numbers shift.
    check(
        &adopted(&format!("d3 B1 fail\nd5 playbook {inserted}")),
        "d3 B1 fail regressed d3 from 2
         d5 stage found; flags regressed; B1 fail regressed d3 from 3",
    );
}

#[test]
fn a_playbook_may_take_a_stage_out() {
    // Held by id; the stage below is what remains of one that is gone.
    let without = "found: F1 manual v2 | live: L1 auto";
    check_and_control(
        &adopted(&format!("d5 playbook {without}\nd6 L1 pass\nd7 F1 pass person v2")),
        "d5 stage found; flags re-proving
         d6 stage found; flags re-proving
         d7 stage live; flags -",
        "F1 pass person v2",
        "F1 pass person v1",
    );
}

#[test]
fn without_a_playbook_nothing_is_judged() {
    let subject = Subject { created_at: START, archetype: None, facts: &[] };
    let journey = walk(&subject, &[], START + DAY);
    assert_eq!((say(&journey, "stage"), say(&journey, "moves")), ("none".into(), "d0 none".into()));
}

#[test]
fn a_waiver_that_is_asked_for_counts_when_another_grants_it() {
    check_and_control(
        "d1 ask F1 until d9 as question
         d3 grant F1 question until d9",
        "d1 F1 unknown never_seen; requests 1
         d2 stage none; requests 1
         d3 F1 waived never_seen; stage found; requests 0
         d9 F1 unknown waiver_ended; requests 0",
        "ask",
        "waive",
    );
    check(
        "d1 ask F1 until d9 as question
         d2 decline question",
        "d1 requests 1
         d2 requests 0; stage none
         d9 requests 0",
    );
    check("d1 ask F1 until d4 as question", "d3 requests 1; valid d4\n d4 requests 0; valid -");
}

#[test]
fn archived_is_out_of_scope_from_then_on() {
    check_and_control(
        "d1 F1 pass person
         d4 scope archived",
        "d3 scope in
         d4 scope archived; stage found; moves d0 none, d1 found, d4 found out",
        "archived",
        "in",
    );
}
