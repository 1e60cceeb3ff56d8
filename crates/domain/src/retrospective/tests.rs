use super::*;

const RETRO: Uuid = Uuid::from_u128(1);
const EARLIER: Uuid = Uuid::from_u128(2);
const ANN: Uuid = Uuid::from_u128(11);
const BEN: Uuid = Uuid::from_u128(12);

fn entity(changes: &[Change]) -> Entity {
    let mut entity = Entity::default();
    for (write, _) in changes.iter().flat_map(Change::writes) {
        entity.id = write.entity;
        match write.value {
            Value::Null => entity.registers.remove(&write.path),
            value => entity.registers.insert(write.path, value),
        };
    }
    entity
}

fn check_reads_back<T: Kept + PartialEq + std::fmt::Debug>(thing: &T) {
    let mut entity = entity(&thing.create(RETRO));
    assert_eq!(T::read(&entity).as_ref(), Some(thing));
    entity.registers.insert(path::DELETED.into(), true.into());
    assert_eq!(T::read(&entity), None, "what is deleted is not there");
    entity.registers.insert(path::DELETED.into(), false.into());
    entity.registers.insert(path::KIND.into(), "sprint".into());
    assert_eq!(T::read(&entity), None, "a sprint is nothing of a retrospective");
}

fn retrospective() -> Retrospective {
    Retrospective {
        sprint: Uuid::from_u128(5),
        format: "4l".into(),
        authors: Authors::Initials,
        present: [ANN, BEN].into(),
        step: Step::Group,
        skipped_by: Some(ANN),
        revealed: Some(7),
        frozen: Some(Frozen { moment: 6, position: [("aa".to_owned(), 3)].into() }),
        doubts: [("2.1/done".to_owned(), Doubt { comment: "one more".into(), by: BEN })].into(),
        revisions: vec![
            Revision { closed: true, at: 8, by: ANN, reason: String::new() },
            Revision { closed: false, at: 9, by: BEN, reason: "a name was wrong".into() },
        ],
        return_on_time: [0, 0, 0, 1, 1],
        confidence: [0, 1, 0, 1, 0],
        next_leader: Some((ANN, "has led none yet".into())),
        pairs: [([ANN, BEN].into(), "pipeline".to_owned())].into(),
        kudos: [(Uuid::from_u128(30), Kudos { to: BEN, text: "for the runbook".into() })].into(),
        imported: "\u{e9}".repeat(crate::operation::MAX_VALUE),
        ..Retrospective::default()
    }
}

fn action(agreed_at: Millis) -> Action {
    Action {
        retrospective: EARLIER,
        text: "Write the runbook".into(),
        owner: Some(ANN),
        seen_by: "nobody asks any more".into(),
        metric: Some("blocked_hours".into()),
        notes: [Uuid::from_u128(40)].into(),
        agreed_at,
        ..Action::default()
    }
}

#[test]
fn everything_reads_back_as_it_was_made() {
    check_reads_back(&retrospective());
    check_reads_back(&action(3));
    check_reads_back(&Note {
        retrospective: RETRO,
        text: "Ask for the rule earlier".into(),
        column: "learned".into(),
        author: Some(Author::Initials("AB".into())),
        check: Some("CD-09".into()),
        facts: ["2.4/blocked".to_owned()].into(),
        ..Note::default()
    });
    check_reads_back(&Group {
        retrospective: RETRO,
        name: "Firewall".into(),
        votes: [(Group::ROOM.to_owned(), 4)].into(),
    });
    check_reads_back(&Insight {
        retrospective: RETRO,
        statement: "We ask too late".into(),
        notes: [Uuid::from_u128(41)].into(),
        facts: ["2.4/blocked".to_owned()].into(),
    });
}

#[test]
fn a_note_without_an_author_keeps_none_in_the_log() {
    let note = |author| Note { retrospective: RETRO, author, ..Note::default() };
    let written = |author| {
        let changes = note(author).create(Uuid::from_u128(50));
        let paths = changes.iter().flat_map(Change::writes).map(|(write, _)| write.path);
        paths.filter(|path| path.contains("author") || path.contains("initials")).count()
    };
    assert_eq!(written(None), 0);
    assert_eq!(written(Some(Author::Person(ANN))), 1, "the control: a named one does");
}

#[test]
fn only_what_differs_is_written() {
    let before = retrospective();
    let mut after = before.clone();
    after.step = Step::Discuss;
    after.present.remove(&BEN);
    let changes = after.amend(RETRO, &before);
    assert_eq!(changes.len(), 2, "{changes:?}");
    let mut all = before.create(RETRO);
    all.extend(changes);
    assert_eq!(Retrospective::read(&entity(&all)), Some(after));
    assert_eq!(before.amend(RETRO, &before), Vec::new());
}

#[test]
fn formats_are_well_formed_and_4l_comes_first() {
    let formats = formats();
    let ids: Vec<&str> = formats.iter().map(|format| format.id.as_str()).collect();
    let expected = ["4l", "start-stop-continue", "mad-sad-glad", "sailboat", "kalm", "lean-coffee"];
    assert_eq!(ids, expected);
    for format in &formats {
        let columns: BTreeSet<&str> = format.columns.iter().map(|c| c.id.as_str()).collect();
        assert_eq!(columns.len(), format.columns.len(), "{}: columns differ", format.id);
        assert!(!columns.is_empty(), "{}", format.id);
    }
    assert_eq!(Step::ALL.iter().map(|step| step.minutes()).sum::<u32>(), 60, "an hour");
}

#[test]
fn open_actions_come_first_those_without_an_owner_before_the_oldest() {
    let mut left = action(9);
    left.owner = None;
    let mut done = action(1);
    (done.state, done.settled_at) = (ActionState::Done, Some(2));
    let mut here = action(3);
    here.retrospective = RETRO;
    let actions: BTreeMap<Uuid, Action> =
        (100..).map(Uuid::from_u128).zip([action(5), left, done, here, action(4)]).collect();
    let mut retrospective = Retrospective::default();
    let found = before(RETRO, &retrospective, &actions, |action| action.owner.is_some());
    let order: Vec<Millis> = found.iter().map(|(_, action)| action.agreed_at).collect();
    assert_eq!(order, [9, 4, 5], "not the done one, nor the one of this retrospective");
    assert_eq!(
        may_open_notes(RETRO, &retrospective, &found),
        Err(Refusal::OpenActionsFirst(3)),
        "not silently"
    );
    retrospective.skipped_by = Some(ANN);
    assert_eq!(may_open_notes(RETRO, &retrospective, &found), Ok(()), "but with a name");
    assert_eq!(may_open_notes(RETRO, &Retrospective::default(), &[]), Ok(()), "nothing to do");
}

#[test]
fn the_third_carry_forces_a_decision() {
    let check = |earlier: usize, expect: Result<usize, Refusal>| {
        let mut carried = action(1);
        carried.kept = (0..earlier).map(|n| Uuid::from_u128(60 + n as u128)).collect();
        assert_eq!(carry(&carried, RETRO).map(|action| action.kept.len()), expect, "{earlier}");
    };
    check(0, Ok(1));
    check(1, Ok(2));
    check(2, Err(Refusal::ThirdCarry));
    let mut again = action(1);
    again.kept = [RETRO, EARLIER].into();
    assert!(carry(&again, RETRO).is_ok(), "keeping it twice in one retrospective is one carry");
    again.state = ActionState::Done;
    assert_eq!(carry(&again, RETRO), Err(Refusal::Settled("done")));
}

#[test]
fn what_was_rewritten_or_dropped_is_no_new_action() {
    let here = |state, supersedes| Action { retrospective: RETRO, state, supersedes, ..action(1) };
    let actions = [
        here(ActionState::Open, None),
        here(ActionState::Dropped, None),
        here(ActionState::Open, Some(EARLIER)),
        action(1),
    ];
    let actions = (1..).map(Uuid::from_u128).zip(actions).collect();
    assert_eq!(new_actions(RETRO, &actions).len(), 1);
}

#[test]
fn votes_have_a_budget() {
    let group = |voter: &str, count| Group {
        votes: [(voter.to_owned(), count)].into(),
        ..Group::default()
    };
    let (first, second) = (Uuid::from_u128(70), Uuid::from_u128(71));
    let ann = ANN.to_string();
    let check = |voting, present: &[Uuid], voter: &str, count, expect| {
        let present = present.iter().copied().collect();
        let retrospective = Retrospective { voting, present, ..Retrospective::default() };
        let groups = [(first, group(voter, 2)), (second, group(voter, 1))].into();
        assert_eq!(votes(&retrospective, &groups, second, voter, count), expect, "{count}");
    };
    let room = Group::ROOM;
    check(Voting::Tallies, &[ANN, BEN], room, 4, Ok(()));
    check(Voting::Tallies, &[ANN, BEN], room, 5, Err(Refusal::RoomBudget(7, 2, 6)));
    check(Voting::Tallies, &[], room, 1, Err(Refusal::NobodyPresent));
    check(Voting::Individual, &[ANN], &ann, 1, Ok(()));
    check(Voting::Individual, &[ANN], &ann, 2, Err(Refusal::PersonBudget(4)));
    check(Voting::Individual, &[ANN], &ann, 3, Err(Refusal::TooManyOnOne));
    check(Voting::Individual, &[BEN], &ann, 1, Err(Refusal::NotPresent));
}

#[test]
fn no_more_answers_than_people() {
    let room = Retrospective { present: [ANN, BEN].into(), ..Retrospective::default() };
    assert_eq!(ratings(&room, [0, 1, 0, 0, 1]), Ok(()));
    assert_eq!(ratings(&room, [1, 1, 0, 0, 1]), Err(Refusal::TooManyRatings(3, 2)));
}

#[test]
fn formats_of_a_team_are_read_or_refused_with_one_fault() {
    let check = |text: &str, expect: Result<usize, &str>| match (read_formats(text), expect) {
        (Ok(formats), Ok(count)) => assert_eq!(formats.len(), count, "{text}"),
        (Err(fault), Err(words)) => assert!(fault.contains(words), "{text}: {fault}"),
        (found, expect) => panic!("{text}: {found:?}, expected {expect:?}"),
    };
    let column = |id: &str| format!(r#"{{"id":"{id}","title":"Ups","prompt":"What rose?"}}"#);
    let one = |id: &str, columns: &str| {
        format!(r#"{{"id":"{id}","title":"Ours","columns":[{columns}]}}"#)
    };
    let ups = column("ups");
    check(written(), Ok(6));
    check(&format!("[{}]", one("ours", &ups)), Ok(1));
    check("[", Err("line 1"));
    check("[]", Err("1 to 20 formats"));
    check(&format!("[{}]", one("ours", "")), Err("1 to 6 columns, and has 0"));
    check(&format!("[{}]", one("ours", &[ups.as_str(); 7].join(","))), Err("and has 7"));
    check(
        &format!("[{}]", one("ours", &format!("{ups},{ups}"))),
        Err("columns of \u{201c}ours\u{201d} have the id"),
    );
    check(&format!("[{0},{0}]", one("ours", &ups)), Err("two formats have the id"));
    check(&format!("[{}]", one("Our s", &ups)), Err("small letters"));
    check(&format!("[{}]", one("ours", &column("a/b"))), Err("small letters"));
    check(&format!("[{}]", one("ours", &ups.replace("Ups", " "))), Err("title"));
    check(&format!("[{}]", one("ours", &ups.replace("prompt", "promt"))), Err("promt"));
    check(&format!("[{}]", one("ours", &ups.replace("What rose?", &"x".repeat(201)))), Err("200"));
    check(&" ".repeat(MAX_FORMATS + 1), Err("longer than"));
}
