//! Services that turned out to be one. `merged_into` of one names the other; chains lead to their
//! end, and of two that name each other the smaller id stays, whichever device merged which way.
//! Nothing is moved: facts, names and dependencies keep their service, and are read as the root's
//! for as long as the register stands.

use crate::error::StoreError;
use crate::fold::{json, uuid};
use crate::read::DependencyRow;
use crate::rows::{self, Rows, hex};
use pilotage_domain::change::Kind;
use sqlx::SqliteConnection;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

/// Each merged service with its root. A root is not in it.
pub(crate) type Merges = BTreeMap<Uuid, Uuid>;

/// Resolves who counts as whom.
pub(crate) fn resolve(named: &BTreeMap<Uuid, Uuid>) -> Merges {
    let root = |service: Uuid| {
        let mut way = vec![service];
        let mut at = service;
        while let Some(next) = named.get(&at) {
            if let Some(start) = way.iter().position(|passed| passed == next) {
                // The way ends in a circle: its smallest id stays.
                return way[start..].iter().min().copied().unwrap_or(service);
            }
            way.push(*next);
            at = *next;
        }
        at
    };
    named.keys().map(|service| (*service, root(*service))).filter(|(a, b)| a != b).collect()
}

/// Dependencies between roots: none to itself, and of doubles the surest, then the one of the
/// smallest id.
pub(crate) fn join(edges: Vec<DependencyRow>, merges: &Merges) -> Vec<DependencyRow> {
    if merges.is_empty() {
        return edges;
    }
    let root = |id: Uuid| merges.get(&id).copied().unwrap_or(id);
    let mut joined: BTreeMap<(Uuid, Uuid, String), DependencyRow> = BTreeMap::new();
    let mut edges = edges;
    edges.sort_by_key(|edge| (std::cmp::Reverse(edge.confidence), edge.id));
    for edge in edges {
        let edge = DependencyRow { caller: root(edge.caller), callee: root(edge.callee), ..edge };
        if edge.caller != edge.callee {
            joined.entry((edge.caller, edge.callee, edge.kind.clone())).or_insert(edge);
        }
    }
    let mut joined: Vec<DependencyRow> = joined.into_values().collect();
    joined.sort_by_key(|edge| edge.id);
    joined
}

/// The merges as last resolved.
pub(crate) async fn load(connection: &mut SqliteConnection) -> Result<Merges, StoreError> {
    let rows = sqlx::query!("SELECT service, root FROM merged").fetch_all(&mut *connection).await?;
    rows.into_iter().map(|row| Ok((uuid(&row.service)?, uuid(&row.root)?))).collect()
}

/// Resolves the merges anew, and says which services count otherwise than before: those that were
/// or are merged, and their roots.
pub(crate) async fn refresh(
    connection: &mut SqliteConnection,
) -> Result<BTreeSet<Uuid>, StoreError> {
    let before = load(connection).await?;
    let after = resolve(&named(connection).await?);
    let mut changed = BTreeSet::new();
    for service in before.keys().chain(after.keys()) {
        if before.get(service) != after.get(service) {
            changed.insert(*service);
            changed.extend(before.get(service));
            changed.extend(after.get(service));
        }
    }
    if changed.is_empty() {
        return Ok(changed);
    }
    let mut rows = Rows::default();
    for (service, root) in &after {
        rows.push(&(hex(service.as_bytes()), hex(root.as_bytes())));
    }
    let rows = rows.text();
    sqlx::query!("DELETE FROM merged").execute(&mut *connection).await?;
    sqlx::query!(
        "INSERT INTO merged (service, root)
         SELECT unhex(value->>0), unhex(value->>1) FROM json_each(?)",
        rows
    )
    .execute(&mut *connection)
    .await?;
    Ok(changed)
}

/// Services that name another one, both known as services: a name that leads elsewhere waits.
async fn named(connection: &mut SqliteConnection) -> Result<BTreeMap<Uuid, Uuid>, StoreError> {
    let word = Kind::Service.word();
    let rows = sqlx::query!(
        "SELECT r.entity, r.value FROM register AS r INDEXED BY register_of_merged
         JOIN entity AS e ON e.entity = r.entity AND e.kind = ?
         WHERE r.path = 'merged_into' AND r.value <> 'null'",
        word
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut named = BTreeMap::new();
    for row in rows {
        let other: serde_json::Value = json(&row.value)?;
        let other = other.as_str().and_then(|text| Uuid::try_parse(text).ok());
        if let Some(other) = other {
            named.insert(uuid(&row.entity)?, other);
        }
    }
    let others = rows::ids(named.values());
    let known = sqlx::query_scalar!(
        "SELECT entity FROM entity
         WHERE kind = ? AND entity IN (SELECT unhex(value) FROM json_each(?))",
        word,
        others
    )
    .fetch_all(&mut *connection)
    .await?;
    let known = known.iter().map(|id| uuid(id)).collect::<Result<BTreeSet<_>, _>>()?;
    named.retain(|service, other| service != other && known.contains(other));
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::resolve;
    use std::collections::BTreeMap;
    use uuid::Uuid;

    #[test]
    fn chains_lead_to_their_end_and_circles_to_their_smallest() {
        let check = |named: &[(u128, u128)], expect: &[(u128, u128)]| {
            let ids = |pairs: &[(u128, u128)]| -> BTreeMap<Uuid, Uuid> {
                pairs.iter().map(|(a, b)| (Uuid::from_u128(*a), Uuid::from_u128(*b))).collect()
            };
            assert_eq!(resolve(&ids(named)), ids(expect), "{named:?}");
        };
        check(&[], &[]);
        check(&[(2, 1)], &[(2, 1)]);
        check(&[(3, 2), (2, 1)], &[(3, 1), (2, 1)]);
        check(&[(1, 2), (2, 1)], &[(2, 1)]);
        check(&[(2, 3), (3, 2), (1, 3)], &[(1, 2), (3, 2)]);
        check(&[(4, 2), (2, 3), (3, 4)], &[(3, 2), (4, 2)]);
    }
}
