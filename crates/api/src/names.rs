//! Who and what goes by which name.

use crate::app::App;
use crate::dto::session::{NodeRef, PersonRef};
use crate::error::{ApiError, Code};
use pilotage_domain::change::{Entity, Kind, path};
use pilotage_domain::ids::normalised_name;
use pilotage_store::{KnownNode, NodeRow};
use std::collections::BTreeMap;
use uuid::Uuid;

/// People and sprints of the programme, present and past.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    pub(crate) people: BTreeMap<Uuid, Entity>,
    sprints: BTreeMap<Uuid, Entity>,
}

impl Names {
    /// People: what nearly every view and every action needs.
    pub(crate) async fn load(app: &App) -> Result<Self, ApiError> {
        let people = app.store.entities(Kind::Person).await?;
        Ok(Self { people: by_id(people), sprints: BTreeMap::new() })
    }

    /// People and sprints: what the log is told with.
    pub(crate) async fn load_for_log(app: &App) -> Result<Self, ApiError> {
        let sprints = app.store.entities(Kind::Sprint).await?;
        Ok(Self { sprints: by_id(sprints), ..Self::load(app).await? })
    }

    /// People who may act, by name.
    pub(crate) fn present(&self) -> Vec<&Entity> {
        let mut people: Vec<&Entity> =
            self.people.values().filter(|person| person.lives()).collect();
        people.sort_by_cached_key(|person| (in_order(person.name()), person.id));
        people
    }

    pub(crate) fn is_person(&self, id: Uuid) -> bool {
        self.people.get(&id).is_some_and(Entity::lives)
    }

    /// The name of whoever acted.
    pub(crate) fn of(&self, id: Uuid) -> String {
        if id.is_nil() {
            return "Pilotage".to_owned();
        }
        self.people.get(&id).map_or_else(|| "someone".to_owned(), |person| person.name().to_owned())
    }

    /// The name of a sprint, where [`Names::load_for_log`] read them.
    pub(crate) fn sprint(&self, id: Uuid) -> &str {
        self.sprints.get(&id).map_or("a sprint", Entity::name)
    }

    pub(crate) fn reference(&self, id: Uuid) -> PersonRef {
        PersonRef { id: id.to_string(), name: self.of(id) }
    }

    /// A present person by id or name, without regard to case.
    pub(crate) fn find(&self, name: &str) -> Option<Uuid> {
        let by_id = Uuid::try_parse(name).ok().filter(|id| self.is_person(*id));
        by_id.or_else(|| {
            let folded = name.trim().to_lowercase();
            self.present()
                .into_iter()
                .find(|person| {
                    person.name().to_lowercase() == folded
                        || person
                            .text(path::EMAIL)
                            .is_some_and(|email| email.to_lowercase() == folded)
                })
                .map(|person| person.id)
        })
    }

    pub(crate) fn need(&self, name: &str) -> Result<Uuid, ApiError> {
        self.find(name).ok_or_else(|| ApiError::not_found("person", name))
    }
}

/// A name as people sort it: without regard to case, and numbers by their value, so that the tenth
/// comes after the second.
fn in_order(name: &str) -> Vec<(String, u64)> {
    let mut parts = Vec::new();
    let folded = name.to_lowercase();
    let mut rest = folded.as_str();
    while !rest.is_empty() {
        let words = rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len());
        let (text, after) = rest.split_at(words);
        let digits = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
        let (number, after) = after.split_at(digits);
        parts.push((text.to_owned(), number.parse().unwrap_or(u64::MAX)));
        rest = after;
    }
    parts
}

fn by_id(entities: Vec<Entity>) -> BTreeMap<Uuid, Entity> {
    entities.into_iter().map(|entity| (entity.id, entity)).collect()
}

pub(crate) fn node_ref(row: &NodeRow) -> NodeRef {
    NodeRef { id: row.id.to_string(), name: row.name.clone() }
}

/// What can be found by a name.
pub(crate) trait Called {
    fn id(&self) -> Uuid;
    fn name(&self) -> &str;
    fn aliases(&self) -> &[String];
}

impl Called for NodeRow {
    fn id(&self) -> Uuid {
        self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn aliases(&self) -> &[String] {
        &self.listed.aliases
    }
}

impl Called for KnownNode {
    fn id(&self) -> Uuid {
        self.id
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn aliases(&self) -> &[String] {
        &self.aliases
    }
}

/// The one node that goes by an id, name or alias. Names win over aliases.
pub(crate) fn find_node<'a, N: Called>(nodes: &'a [N], name: &str) -> Result<&'a N, ApiError> {
    if let Ok(id) = Uuid::try_parse(name)
        && let Some(row) = nodes.iter().find(|row| row.id() == id)
    {
        return Ok(row);
    }
    if let Some(row) = nodes.iter().find(|row| row.name() == name) {
        return Ok(row);
    }
    let key = normalised_name(name);
    let by_name: Vec<&N> = nodes.iter().filter(|row| normalised_name(row.name()) == key).collect();
    let by_alias = || {
        nodes
            .iter()
            .filter(|row| row.aliases().iter().any(|alias| normalised_name(alias) == key))
            .collect::<Vec<_>>()
    };
    let found = if by_name.is_empty() { by_alias() } else { by_name };
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(ApiError::not_found("service", name)),
        several => {
            let names: Vec<&str> = several.iter().map(|row| row.name()).collect();
            let names = names.join(", ");
            Err(ApiError::new(
                Code::NameAmbiguous,
                format!(
                    "Several services go by that name: {names}. Nothing was changed. Name one."
                ),
            )
            .with("candidates", names))
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_tenth_comes_after_the_second() {
        let mut names = ["Person 10", "ann", "Person 2", "Bob", "person 1"];
        names.sort_by_cached_key(|name| super::in_order(name));
        assert_eq!(names, ["ann", "Bob", "person 1", "Person 2", "Person 10"]);
    }
}
