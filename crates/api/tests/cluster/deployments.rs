//! What was deployed by whom, worked out by hand over three weeks, in one of which nobody looked.

use crate::desk::Desk;
use serde_json::{Value, json};

const DAY: i64 = 86_400;

/// Manual, ambiguous, pipeline; nothing for a gap.
type Numbers = Option<(u64, u64, u64)>;
/// Week, and its numbers.
type Told = (String, Numbers);

fn weeks(view: &Value) -> Vec<Told> {
    let week = |week: &Value| {
        let number = |name: &str| week[name].as_u64().unwrap();
        assert_eq!((number("controller"), number("gitops")), (0, 0));
        let observed = week["observed"].as_bool().unwrap();
        let numbers = (number("manual"), number("ambiguous"), number("pipeline"));
        assert!(observed || numbers == (0, 0, 0), "a gap has no numbers");
        (week["week"].as_str().unwrap().to_owned(), observed.then_some(numbers))
    };
    view["weeks"].as_array().unwrap().iter().map(week).collect()
}

fn told(numbers: [(&str, Numbers); 3]) -> Vec<Told> {
    numbers.map(|(week, numbers)| (week.to_owned(), numbers)).to_vec()
}

/// Monday the 2nd of March: four services are there before anybody looks. On Tuesday one is edited
/// by hand and, ten minutes later, another is written by the pipeline. Nobody looks until the
/// Wednesday after next, when the pipeline writes a third.
#[tokio::test(flavor = "multi_thread")]
async fn by_week_and_class_with_a_gap_in_which_nobody_looked() {
    let desk = Desk::new().await;
    let nothing = desk.call("deployments", json!({})).await;
    assert_eq!(nothing["weeks"], json!([]), "nobody looked yet");
    assert_eq!(nothing["days_since_manual"], Value::Null, "and that is no zero");
    desk.map_all().await;
    desk.verify().await;
    desk.sim.advance_by(DAY);
    desk.write("cart", "registry.example.com/cart:hotfix", "kubectl-edit");
    desk.sim.advance_by(600);
    desk.write("orders", "registry.example.com/orders:2", "codefresh");
    desk.verify_after(60).await;
    desk.sim.advance_by(15 * DAY);
    desk.write("payment", "registry.example.com/payment:2", "codefresh");
    desk.verify_after(60).await;

    let all = desk.call("deployments", json!({})).await;
    let expect = told([
        ("2026-03-02", Some((1, 4, 1))),
        ("2026-03-09", None),
        ("2026-03-16", Some((0, 0, 1))),
    ]);
    assert_eq!(weeks(&all), expect);
    assert_eq!(all["days_since_manual"], 15);
    assert_eq!(all["last_manual"], "2026-03-03T10:10:00.000Z");
    assert_eq!(all["ambiguous_since"], 0, "those of Monday were before it");
    assert_eq!(all["watched_since"], "2026-03-02T10:10:00.000Z");
    // Each number opens its list.
    assert_eq!(all["total"], 7);
    let listed = |week: &str, class: &str| {
        let rows = all["deployments"].as_array().unwrap().iter();
        rows.filter(|row| row["week"] == week && row["class"] == class)
            .map(|row| row["service"]["name"].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(listed("2026-03-02", "manual"), ["cart"]);
    assert_eq!(listed("2026-03-02", "pipeline"), ["orders"]);
    assert_eq!(listed("2026-03-02", "ambiguous").len(), 4);
    assert_eq!(listed("2026-03-16", "pipeline"), ["payment"]);
    // Cart and orders were written ten minutes apart. That all four came at once was their
    // installation, and says nothing.
    let together = all["together"].as_array().unwrap();
    let names = (&together[0]["first"]["name"], &together[0]["second"]["name"]);
    assert!(
        [("cart", "orders"), ("orders", "cart")]
            .contains(&(names.0.as_str().unwrap(), names.1.as_str().unwrap()))
    );
    assert_eq!((together.len(), &together[0]["times"]), (1, &1.into()));
    // The same list, of one week and one class.
    let part = json!({ "week": "2026-03-02", "class": "manual" });
    let part = desk.call("deployments", part).await;
    assert_eq!(
        (&part["total"], &part["deployments"][0]["service"]["name"]),
        (&1.into(), &"cart".into())
    );
    assert_eq!(part["weeks"], all["weeks"], "the numbers stay those of all");

    let cart = desk.call("deployments", json!({ "service": "cart" })).await;
    let expect = told([
        ("2026-03-02", Some((1, 1, 0))),
        ("2026-03-09", None),
        ("2026-03-16", Some((0, 0, 0))),
    ]);
    assert_eq!(weeks(&cart), expect, "looked at, and nothing deployed: a zero");
    assert_eq!((&cart["total"], &cart["service"]["name"]), (&2.into(), &"cart".into()));
    let first = &cart["together"][0];
    assert_eq!(
        (&first["first"]["name"], &first["second"]["name"]),
        (&"cart".into(), &"orders".into())
    );
    assert_eq!(cart["together"].as_array().unwrap().len(), 1);

    let last = desk.call("deployments", json!({ "weeks": 1 })).await;
    assert_eq!(weeks(&last), [("2026-03-16".to_owned(), Some((0, 0, 1)))]);
    assert_eq!((&last["total"], &last["days_since_manual"]), (&1.into(), &15.into()));

    // Progress tells the same numbers.
    let progress = desk.call("progress", json!({})).await;
    let line: Vec<(u64, u64, u64, bool)> = progress["sheet"]["deployments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|week| {
            let number = |name: &str| week[name].as_u64().unwrap();
            let observed = week["observed"].as_bool().unwrap();
            (number("manual"), number("automated"), number("other"), observed)
        })
        .collect();
    assert_eq!(line, [(1, 1, 4, true), (0, 0, 0, false), (0, 1, 0, true)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_is_refused_in_words() {
    let desk = Desk::new().await;
    let app = desk.app().await;
    for (argument, part) in [
        (json!({ "weeks": 0 }), "between 1 and 520"),
        (json!({ "weeks": 521 }), "between 1 and 520"),
        (json!({ "service": "carts" }), "carts"),
    ] {
        let error = app.call("deployments", argument).await.unwrap_err();
        assert!(error.message.contains(part), "{error}");
    }
    app.close().await;
}
