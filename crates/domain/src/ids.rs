//! Ids. What a person makes gets a random id (`UUIDv7`, passed in); what is imported or observed gets
//! a `UUIDv5` of its natural key, so that two engineers who import the same inventory offline make
//! one record. The key functions are frozen by golden tests: changing one splits entities.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A device: 128 random bits, minted per installation and workspace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DeviceId(pub [u8; 16]);

impl DeviceId {
    /// 32 lower-case hex digits.
    pub fn to_hex(self) -> String {
        Uuid::from_bytes(self.0).simple().to_string()
    }

    /// Reads exactly what [`DeviceId::to_hex`] writes.
    pub fn from_hex(text: &str) -> Option<Self> {
        let id = Self(Uuid::try_parse(text).ok()?.into_bytes());
        (id.to_hex() == text).then_some(id)
    }

    /// The first eight digits, for people.
    pub fn short(self) -> String {
        self.to_hex()[..8].to_owned()
    }
}

impl std::fmt::Debug for DeviceId {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.short())
    }
}

impl From<DeviceId> for String {
    fn from(id: DeviceId) -> Self {
        id.to_hex()
    }
}

impl TryFrom<String> for DeviceId {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::from_hex(&text).ok_or_else(|| format!("{text:?} is no device id"))
    }
}

/// The name by which a service is recognised: lower case, without `-`, `_`, `.` and spaces.
pub fn normalised_name(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| !matches!(c, '-' | '_' | '.' | ' ')).collect()
}

/// Id of the service of that name.
pub fn service(workspace: Uuid, name: &str) -> Uuid {
    key(workspace, &format!("service:{}", normalised_name(name)))
}

/// Id of the dependency of that kind between two nodes.
pub fn dependency(workspace: Uuid, kind: &str, from: Uuid, to: Uuid) -> Uuid {
    key(workspace, &format!("dependency:{kind}:{from}:{to}"))
}

/// Id of a check of the playbook.
pub fn check(workspace: Uuid, check: &str) -> Uuid {
    key(workspace, &format!("check:{check}"))
}

/// Id of the environment of that name.
pub fn environment(workspace: Uuid, name: &str) -> Uuid {
    key(workspace, &format!("environment:{}", name.to_lowercase()))
}

/// Id of a rollout: one revision of one workload. The identity of the cluster is no part of it:
/// people with different rights derive it differently.
pub fn rollout(workspace: Uuid, workload_uid: &str, kind: &str, revision: i64) -> Uuid {
    key(workspace, &format!("rollout:{workload_uid}:{kind}:{revision}"))
}

/// Id of what an entry of a delivery controller's history says of a workload.
pub fn delivery(workspace: Uuid, workload_uid: &str, source_uid: &str, entry: &str) -> Uuid {
    key(workspace, &format!("delivery:{workload_uid}:{source_uid}:{entry}"))
}

fn key(workspace: Uuid, key: &str) -> Uuid {
    Uuid::new_v5(&workspace, key.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_frozen() {
        let workspace = Uuid::from_u128(0x0192_f0c4_6c1e_7b35_9d0e_3f6f_1c2a_7b11);
        let check = |id: Uuid, expect: &str| assert_eq!(id.to_string(), expect, "frozen key");
        let payments = service(workspace, "Loan-Payments");
        check(payments, "7f5a6b80-75c0-5fb6-812d-b53dd29aabce");
        check(service(workspace, "loan_payments"), "7f5a6b80-75c0-5fb6-812d-b53dd29aabce");
        check(
            dependency(workspace, "start_order", payments, workspace),
            "6d689471-3ee7-5f1c-8b25-8f4ff9275748",
        );
        check(super::check(workspace, "CD-01"), "4be72ce0-3e92-5002-9bdf-e98a2c4f7c5b");
        check(environment(workspace, "Staging"), "5980a7ac-e0b0-5b88-b108-03a87f7f7280");
        check(
            rollout(workspace, "6d0b2a3e", "Deployment", 4),
            "cf89a895-a45b-5e82-9f97-0be8d7c03504",
        );
        check(
            delivery(workspace, "6d0b2a3e", "0c7d1f52", "4"),
            "e26d2254-97f4-5e4b-9ee6-55ab6e7389c2",
        );
    }

    #[test]
    fn names_that_differ_only_in_separators_are_one() {
        assert_eq!(normalised_name("Loan_Pay.ments-API v2"), "loanpaymentsapiv2");
    }
}
