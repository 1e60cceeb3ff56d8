//! The team's rules on writers: tried before they count, and then they beat every name.

use crate::desk::{Desk, row};
use crate::watching::{switch, until, watched};
use pilotage_domain::fact::Seen;
use serde_json::json;

/// A name that tells nothing of itself.
const ROBOT: &str = "shop-robot";

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_says_what_a_name_does_not() {
    let desk = Desk::new().await;
    desk.all_live().await;
    desk.write("cart", "registry.example.com/cart:2", ROBOT);
    let unsaid = desk.verify_after(5).await;
    assert_eq!(row(&unsaid, "cart", "CD-31").suspected, Some(Seen::Unknown), "who is that?");
    let rule = json!({ "is": { "manager": ROBOT }, "class": "pipeline", "note": "our own" });
    desk.call("edit_writer_rule", rule).await;
    let said = desk.verify_after(5).await;
    let cart = row(&said, "cart", "CD-31");
    assert_eq!((cart.result, cart.suspected), (Seen::Pass, None), "{cart:?}");
    let view = desk.call("writers", json!({})).await;
    let rule = &view["rules"][0];
    assert_eq!(
        (&rule["words"], &rule["class"]),
        (&json!("\u{201c}shop-robot\u{201d}"), &json!("pipeline"))
    );
    assert_eq!(rule["by"], "Ann");
    assert_eq!(rule["on"], "2026-03-02");
    // Taken away, it counts no more.
    desk.call("edit_writer_rule", json!({ "id": rule["id"] })).await;
    assert_eq!(desk.call("writers", json!({})).await["rules"], json!([]));
    let unsaid = desk.verify_after(5).await;
    assert_eq!(row(&unsaid, "cart", "CD-31").suspected, Some(Seen::Unknown));
    // A pipeline of the service's own says the same for it alone.
    let own = json!({ "service": "cart", "managers": [ROBOT] });
    desk.call("edit_pipeline", own).await;
    let view = desk.call("writers", json!({})).await;
    assert_eq!(view["pipelines"][0]["managers"], json!([ROBOT]));
    let said = desk.verify_after(5).await;
    assert_eq!(row(&said, "cart", "CD-31").suspected, None);
    let told = desk.call("progress", json!({})).await["changes"].to_string();
    for words in
        ["The pipeline of cart writes as shop-robot", "shop-robot\u{201d} counts as pipeline"]
    {
        assert!(told.contains(words), "{words} in {told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_is_tried_on_what_is_seen_before_it_counts() {
    let desk = Desk::present().await;
    desk.write("orders", "registry.example.com/orders:2", ROBOT);
    desk.map_all().await;
    let app = watched(&desk).await;
    let rule = json!({ "is": { "manager": ROBOT }, "class": "pipeline" });
    switch(&app, true).await;
    let trial = until(&app, "try_writer_rule", rule.clone(), |trial| trial["looked_at"] == 4).await;
    let changed = &trial["changed"];
    assert_eq!(changed.as_array().unwrap().len(), 1, "{trial}");
    assert_eq!(
        (&changed[0]["service"]["name"], &changed[0]["from"], &changed[0]["to"]),
        (&json!("orders"), &json!("ambiguous"), &json!("pipeline"))
    );
    let view = app.call("writers", json!({})).await.unwrap();
    assert_eq!(view["rules"], json!([]), "nothing was recorded");
    // The control: a rule on somebody else changes nothing.
    let other = json!({ "is": { "manager": "nobody" }, "class": "pipeline" });
    let trial = app.call("try_writer_rule", other).await.unwrap();
    assert_eq!((&trial["looked_at"], &trial["changed"]), (&json!(4), &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_match_everybody_or_says_nothing_is_refused() {
    let desk = Desk::new().await;
    let app = desk.app().await;
    for (command, argument, part) in [
        ("edit_writer_rule", json!({ "is": {}, "class": "pipeline" }), "match everybody"),
        (
            "edit_writer_rule",
            json!({ "is": { "manager": "  " }, "class": "pipeline" }),
            "match everybody",
        ),
        (
            "edit_writer_rule",
            json!({ "is": { "manager": "x" }, "class": "robot" }),
            "must be one of",
        ),
        (
            "edit_writer_rule",
            json!({ "is": { "manager": "x", "operation": "Patch" }, "class": "manual" }),
            "Apply or Update",
        ),
        ("edit_writer_rule", json!({ "is": { "manager": "x\ny" }, "class": "manual" }), "one line"),
        ("edit_writer_rule", json!({ "id": "77" }), "77"),
        ("try_writer_rule", json!({ "is": {}, "class": "pipeline" }), "match everybody"),
        ("edit_pipeline", json!({ "service": "cart", "managers": [""] }), "empty"),
        ("edit_pipeline", json!({ "service": "carts", "managers": [] }), "carts"),
    ] {
        let error = app.call(command, argument.clone()).await.unwrap_err();
        assert!(error.message.contains(part), "{argument}: {error}");
    }
    let view = app.call("writers", json!({})).await.unwrap();
    assert_eq!(view, json!({ "rules": [], "pipelines": [] }));
    app.close().await;
}
