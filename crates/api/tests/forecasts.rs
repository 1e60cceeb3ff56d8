//! The traps of a forecast, end to end: what people do in a programme, and what its outlook makes of
//! it. The engine's own are in `crates/insight/tests/forecast`.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the test and says why")]

#[path = "support/clocked.rs"]
mod clocked;
#[path = "support/two_steps.rs"]
mod two_steps;

use clocked::Clocked;
use serde_json::{Value, json};
use two_steps::{PLAYBOOK, noon};

struct Shop(Clocked);

impl Shop {
    /// Twelve services; the sprint *Own* of the team's own runs from Monday the 2nd at noon: what
    /// began at noon is no whole day, so the 3rd is the first that counts.
    async fn new() -> Self {
        let shop = Self(Clocked::new(noon(1)).await);
        shop.ask(1, "session", json!({})).await;
        shop.ask(1, "adopt_playbook", json!({"text": PLAYBOOK, "seen": null})).await;
        for number in 1..=12 {
            let service = json!({"name": format!("s{number}"), "class": null});
            shop.ask(1, "add_service", service).await;
        }
        let plan = json!({
            "name": "Own", "kind": "internal", "first": "2026-03-02", "last": "2026-03-27",
            "services": ["s1"],
        });
        shop.ask(1, "plan_sprint", plan).await;
        shop.turn(2, "Own", "start").await;
        shop
    }

    async fn ask(&self, day: i64, command: &str, argument: Value) -> Value {
        let app = self.0.at(noon(day), "Ann").await;
        let answer = app.call(command, argument.clone()).await;
        app.close().await;
        answer.unwrap_or_else(|error| panic!("{command} {argument}: {error}"))
    }

    async fn turn(&self, day: i64, sprint: &str, turn: &str) {
        self.ask(day, "turn_sprint", json!({"sprint": sprint, "turn": turn})).await;
    }

    async fn finding(&self, day: i64, service: u32, check: &str, result: &str) -> Value {
        let service = format!("s{service}");
        let attest = json!({"service": service, "check": check, "result": result, "note": "seen"});
        self.ask(day, "attest", attest).await["id"].clone()
    }

    /// A service goes live; answers the finding that made it so.
    async fn done(&self, day: i64, service: u32) -> Value {
        self.finding(day, service, "A-1", "pass").await;
        self.finding(day, service, "B-1", "pass").await
    }

    async fn outlook(&self, day: i64) -> Value {
        self.ask(day, "outlook", json!({})).await
    }
}

/// Days of March that count, each with what became done on it.
fn sample(outlook: &Value) -> Vec<(u32, u64)> {
    let days = outlook["basis"]["sample"].as_array().unwrap().iter();
    let of = |day: &Value| {
        let date = day["date"].as_str().unwrap().strip_prefix("2026-03-").unwrap();
        (date.parse().unwrap(), day["done"].as_u64().unwrap())
    };
    days.map(of).collect()
}

#[tokio::test]
async fn paused_sprint() {
    let run = async |pauses: bool| {
        let shop = Shop::new().await;
        shop.done(3, 1).await;
        shop.done(3, 2).await;
        if pauses {
            shop.turn(4, "Own", "pause").await;
            shop.turn(9, "Own", "resume").await;
        }
        shop.done(9, 3).await;
        sample(&shop.outlook(10).await)
    };
    assert_eq!(run(true).await, [(3, 2), (4, 0), (9, 1)], "the rest says nothing of pace");
    let worked = [(3, 2), (4, 0), (5, 0), (6, 0), (9, 1)];
    assert_eq!(run(false).await, worked, "the control: the days were worked");
}

#[tokio::test]
async fn weekend_work() {
    let shop = Shop::new().await;
    shop.done(6, 1).await;
    shop.done(7, 2).await;
    shop.done(8, 3).await;
    let days = sample(&shop.outlook(10).await);
    assert_eq!(days, [(3, 0), (4, 0), (5, 0), (6, 3), (9, 0)], "on the Friday before");
}

#[tokio::test]
async fn late_entry() {
    let shop = Shop::new().await;
    shop.done(3, 1).await;
    let mistaken = shop.done(3, 2).await;
    let then = |as_known: bool| json!({"at": "2026-03-05", "as_known": as_known});
    let before = shop.ask(6, "outlook", then(false)).await;
    assert_eq!(before["remaining"], 10);
    shop.ask(6, "retract", json!({"finding": mistaken, "note": "it was another"})).await;
    let known = shop.ask(9, "outlook", then(true)).await;
    assert_eq!(known["remaining"], 10, "as that day was known");
    assert_eq!(sample(&known), sample(&before));
    assert_eq!(shop.outlook(9).await["remaining"], 11, "the control: today knows better");
}

#[tokio::test]
async fn descoped_service() {
    let shop = Shop::new().await;
    shop.done(3, 1).await;
    let before = shop.outlook(5).await;
    assert_eq!((&before["scope"], &before["remaining"]), (&json!(12), &json!(11)));
    let away = json!({"service": "s2", "scope": "retire", "reason": "nobody calls it"});
    shop.ask(5, "set_scope", away).await;
    let after = shop.outlook(6).await;
    assert_eq!((&after["scope"], &after["remaining"]), (&json!(11), &json!(10)));
    let done: u64 = sample(&after).iter().map(|(_, done)| done).sum();
    assert_eq!(done, 1, "what left the scope was not done");
}

#[tokio::test]
async fn regression_after_done() {
    let shop = Shop::new().await;
    shop.done(3, 1).await;
    shop.done(4, 2).await;
    let before = shop.outlook(5).await;
    assert_eq!((&before["remaining"], &before["basis"]["regressions"]), (&json!(10), &json!(0)));
    shop.finding(5, 1, "B-1", "fail").await;
    let after = shop.outlook(6).await;
    assert_eq!((&after["remaining"], &after["basis"]["regressions"]), (&json!(11), &json!(1)));
    shop.finding(6, 1, "B-1", "pass").await;
    let again = shop.outlook(9).await;
    assert_eq!(again["remaining"], 10);
    assert_eq!(again["basis"]["regressions"], 1, "it stays counted, so that rework has its cost");
}

/// How right were we: a forecast is kept when a sprint starts, and told by what became of it.
#[tokio::test]
async fn coverage_of_resolved_forecasts() {
    let run = async |finishes: bool| {
        let shop = Shop::new().await;
        for (service, day) in (1..).zip([2, 3, 4, 5, 6, 9, 10, 11]) {
            shop.done(day, service).await;
        }
        shop.turn(12, "Own", "end").await;
        let plan = json!({
            "name": "Next", "kind": "internal", "first": "2026-03-12", "last": "2026-03-18",
            "services": ["s9"],
        });
        shop.ask(12, "plan_sprint", plan).await;
        shop.turn(12, "Next", "start").await;
        if finishes {
            for (service, day) in (9..).zip([12, 12, 13, 13]) {
                shop.done(day, service).await;
            }
        }
        let outlook = shop.outlook(90).await;
        let calibration = outlook["calibration"].clone();
        let forecasts = calibration["forecasts"].as_array().unwrap().clone();
        let start = forecasts.iter().find(|kept| kept["occasion"] == "sprint_start").unwrap();
        let coverage = calibration["coverage"].as_array().unwrap().iter();
        let mut dates = coverage.filter(|row| row["question"] == "when" && row["level"] == 85);
        let row = dates.next().unwrap().clone();
        (start["remaining"].clone(), start["date_at_85"].clone(), row, calibration["words"].clone())
    };
    let (remaining, date, row, _) = run(true).await;
    assert_eq!((remaining, date), (json!(4), json!("held")));
    assert_eq!((&row["held"], &row["resolved"]), (&json!(1), &json!(1)), "{row}");
    assert!(row["low"].as_f64().unwrap() < 0.85 && row["high"] == 1.0, "one says little: {row}");
    let (remaining, date, row, words) = run(false).await;
    assert_eq!((remaining, date), (json!(4), json!("missed")), "the control");
    assert_eq!((&row["held"], &row["resolved"]), (&json!(0), &json!(1)), "{row} {words}");
}
