//! Namespaces: active, or emptied on their way out.

use crate::controllers::CONTROLLER;
use crate::managed::Part;
use crate::store::{Key, Stored};
use crate::world::World;
use serde_json::{Value, json};

pub(crate) fn look(world: &mut World, key: &Key, stored: &Stored) {
    if stored.value["metadata"].get("deletionTimestamp").is_none() {
        world.change(key, CONTROLLER, Part::Status, |object| {
            object["status"]["phase"] = Value::from("Active");
        });
        return;
    }
    let inside = world.store.inside(&key.name);
    if inside.is_empty() {
        world.remove(key);
        return;
    }
    for one in inside {
        // Those that are ending come back here when they are gone.
        let _ = world.delete(&one, &json!({ "propagationPolicy": "Background" }));
    }
    let later = world.now + chrono::Duration::seconds(1);
    world.wake(later, key);
}
