//! The objects of a cluster, slimmed to what is used. Every field may be absent, and a field of
//! another type than expected reads as absent ([`lenient`]). What is deliberately absent: values
//! of the environment, arguments, annotations that hold whole manifests, and anything of a Secret.
//!
//! A watch reads [`Read<K>`], which is all that kube asks of an object; the store keeps the `K`
//! inside, about a kilobyte for a pod, after [`Kind::share`] has replaced repeated texts by shared
//! ones.

pub mod gitops;
pub mod lenient;
pub mod meta;
pub mod network;
pub mod others;
pub mod pod;
pub mod revision;
pub mod strings;
pub mod workload;

pub use meta::{Annotations, Condition, Labels, Meta, Owner, Truth};
pub use strings::Strings;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use lenient::{Loose, Seed};
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A moment as the cluster tells it.
pub type Moment = chrono::DateTime<chrono::Utc>;

/// A kind of object, slim.
pub trait Kind: Clone + fmt::Debug + Default + PartialEq + Send + Sync + 'static {
    /// The kind's name, such as `Deployment`.
    const KIND: &'static str;
    /// API group, empty for the core group.
    const GROUP: &'static str;
    /// API version within the group.
    const VERSION: &'static str;
    /// Name in addresses.
    const PLURAL: &'static str;
    /// Whether objects lie in namespaces.
    type Scope;
    /// What is read of `managedFields` before they are dropped.
    type Managed: Loose;

    /// What every object has.
    fn meta(&self) -> &Meta;
    /// Takes over what every object has, and what was read of `managedFields`.
    fn set_meta(&mut self, meta: Meta, managed: Self::Managed);
    /// Reads one top-level field; false if it is none of this kind.
    fn read_field<'de, A: MapAccess<'de>>(
        &mut self,
        field: &str,
        map: &mut A,
    ) -> Result<bool, A::Error>;
    /// Whether an annotation is kept.
    fn keeps_annotation(_key: &str) -> bool {
        false
    }
    /// Replaces repeated texts by shared ones.
    fn share(&mut self, strings: &mut Strings);

    /// `apps/v1` or `v1`.
    fn api_version() -> String {
        if Self::GROUP.is_empty() {
            Self::VERSION.to_owned()
        } else {
            format!("{}/{}", Self::GROUP, Self::VERSION)
        }
    }
}

/// An object as it comes from a list or a watch: what kube needs of it, and the slim object.
#[derive(Clone, Debug, Default)]
pub struct Read<K> {
    /// Name, namespace, uid and resourceVersion only.
    metadata: ObjectMeta,
    /// The object.
    pub object: K,
}

impl<K: Kind> kube::Resource for Read<K> {
    type DynamicType = ();
    type Scope = K::Scope;
    fn kind((): &()) -> Cow<'_, str> {
        K::KIND.into()
    }
    fn group((): &()) -> Cow<'_, str> {
        K::GROUP.into()
    }
    fn version((): &()) -> Cow<'_, str> {
        K::VERSION.into()
    }
    fn plural((): &()) -> Cow<'_, str> {
        K::PLURAL.into()
    }
    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }
    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

impl<'de, K: Kind> Deserialize<'de> for Read<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading(PhantomData))
    }
}

struct Reading<K>(PhantomData<K>);

impl<'de, K: Kind> Visitor<'de> for Reading<K> {
    type Value = Read<K>;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a {}", K::KIND)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Read<K>, A::Error> {
        let mut object = K::default();
        let mut wire = meta::Wire::<K::Managed>::default();
        while let Some(field) = map.next_key::<Cow<'de, str>>()? {
            if field == "metadata" {
                wire = map.next_value_seed(Seed::new())?;
            } else if !object.read_field(&field, &mut map)? {
                map.next_value::<IgnoredAny>()?;
            }
        }
        let (mut meta, managed) = wire.into_meta();
        meta.keep_annotations(K::keeps_annotation);
        let metadata = ObjectMeta {
            name: Some(meta.name.to_string()),
            namespace: (!meta.namespace.is_empty()).then(|| meta.namespace.to_string()),
            uid: Some(meta.uid.to_string()),
            resource_version: Some(meta.resource_version.to_string()),
            ..ObjectMeta::default()
        };
        object.set_meta(meta, managed);
        Ok(Read { metadata, object })
    }
}

/// Declares kinds. `Managed` is `Writers` for kinds whose writers matter, and `()` for others,
/// whose managedFields are not even parsed.
macro_rules! kind {
    ($(#[$outer:meta])* $name:ident = $kind:literal in $group:literal / $version:literal as $plural:literal,
     $scope:ident $(, writers $writers:ident)? $(, keeps $keeps:path)? $(, shares $shares:path)?
     { $($(#[$inner:meta])* $wire:literal $field:ident: $type:ty,)* }) => {
        $(#[$outer])*
        #[derive(Clone, Debug, Default, PartialEq)]
        pub struct $name {
            /// What every object has.
            pub meta: crate::shape::Meta,
            $(/// Who wrote which of its fields.
            pub $writers: crate::writers::Writers,)?
            $($(#[$inner])* pub $field: $type,)*
        }

        impl crate::shape::Kind for $name {
            const KIND: &'static str = $kind;
            const GROUP: &'static str = $group;
            const VERSION: &'static str = $version;
            const PLURAL: &'static str = $plural;
            type Scope = k8s_openapi::$scope;
            type Managed = crate::shape::kind!(@managed $($writers)?);

            fn meta(&self) -> &crate::shape::Meta {
                &self.meta
            }
            fn set_meta(&mut self, meta: crate::shape::Meta, _managed: Self::Managed) {
                self.meta = meta;
                $(self.$writers = _managed;)?
            }
            fn read_field<'de, A: serde::de::MapAccess<'de>>(
                &mut self,
                field: &str,
                _map: &mut A,
            ) -> Result<bool, A::Error> {
                match field {
                    $($wire => {
                        self.$field = _map.next_value_seed(crate::shape::lenient::Seed::new())?;
                        Ok(true)
                    })*
                    _ => Ok(false),
                }
            }
            $(fn keeps_annotation(key: &str) -> bool {
                $keeps(key)
            })?
            fn share(&mut self, strings: &mut crate::shape::Strings) {
                self.meta.share(strings);
                $($shares(self, strings);)?
            }
        }
    };
    (@managed $writers:ident) => { crate::writers::Writers };
    (@managed) => { () };
}
pub(crate) use kind;

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use kube::Resource as _;
    use proptest::prelude::{Just, Strategy, any, prop, prop_assert, prop_oneof, proptest};
    use serde_json::{Value, json};

    /// Reads an object as a list would.
    pub(crate) fn object<K: Kind>(json: Value) -> K {
        serde_json::from_value::<Read<K>>(json).unwrap().object
    }

    #[test]
    fn kube_finds_what_it_needs() {
        let json = r#"{"apiVersion":"v1","kind":"Pod","spec":{"nodeName":"n1"},"metadata":
            {"name":"a","namespace":"shop","uid":"u","resourceVersion":"7","labels":{"a":"b"}}}"#;
        let read: Read<pod::Pod> = serde_json::from_str(json).unwrap();
        assert_eq!(read.meta().name.as_deref(), Some("a"));
        assert_eq!(read.meta().resource_version.as_deref(), Some("7"));
        assert_eq!(read.meta().labels, None, "labels are kept once, in the object");
        assert_eq!(read.object.meta.labels.get("a"), Some("b"));
        assert_eq!(Read::<workload::Deployment>::api_version(&()), "apps/v1");
        assert_eq!(Read::<pod::Pod>::url_path(&(), Some("shop")), "/api/v1/namespaces/shop/pods");
        assert_eq!(Read::<others::Node>::url_path(&(), None), "/api/v1/nodes");
    }

    #[test]
    fn one_odd_field_does_not_fail_an_object() {
        let check = |json: Value| {
            let pod: pod::Pod = object(json.clone());
            assert_eq!(&*pod.meta.name, "a", "{json}");
        };
        check(json!({"metadata": {"name": "a", "labels": "none", "managedFields": 7}}));
        check(json!({"metadata": {"name": "a", "ownerReferences": {"x": 1}}, "spec": [1]}));
        check(json!({"metadata": {"name": "a"}, "status": {"conditions": {"type": "Ready"}}}));
        check(json!({"metadata": {"name": "a", "creationTimestamp": 12}, "spec": null}));
        let refused = serde_json::from_value::<Read<pod::Pod>>(json!("a text"));
        assert!(refused.is_err(), "what is no object at all is refused");
    }

    /// Any JSON, with keys that mean something somewhere.
    fn any_json() -> impl Strategy<Value = Value> {
        let word = prop::sample::select(vec![
            "metadata",
            "name",
            "labels",
            "ownerReferences",
            "managedFields",
            "fieldsV1",
            "spec",
            "status",
            "template",
            "containers",
            "image",
            "conditions",
            "type",
            "ports",
            "rollingUpdate",
            "containerStatuses",
            "state",
            "waiting",
            "endpoints",
            "rules",
            "env",
            "valueFrom",
            "volumes",
            "secret",
            "secretName",
            "resources",
            "requests",
            "maxUnavailable",
            "annotations",
            "creationTimestamp",
            "generation",
            "data",
            "history",
            "initiatedBy",
            "username",
            "revisions",
            "inventory",
            "entries",
        ]);
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
            Just(json!("2026-03-01T10:00:00Z")),
        ];
        leaf.prop_recursive(6, 64, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map(word.clone(), inner, 0..6).prop_map(|map| map
                    .into_iter()
                    .map(|(key, value)| (key.to_owned(), value))
                    .collect()),
            ]
        })
    }

    fn reads<K: Kind>(json: &Value) -> bool {
        let text = json.to_string();
        serde_json::from_str::<Read<K>>(&text).is_ok()
            && serde_json::from_value::<Read<K>>(json.clone()).is_ok()
    }

    proptest! {
        /// Whatever a server sends as an object can be read: one odd object never keeps its kind
        /// from loading.
        #[test]
        fn every_object_can_be_read(metadata in any_json(), spec in any_json(), status in any_json()) {
            let json = json!({"metadata": metadata, "spec": spec, "status": status,
                "endpoints": spec, "data": status, "revision": metadata});
            prop_assert!(reads::<pod::Pod>(&json));
            prop_assert!(reads::<workload::Deployment>(&json));
            prop_assert!(reads::<workload::StatefulSet>(&json));
            prop_assert!(reads::<workload::CronJob>(&json));
            prop_assert!(reads::<revision::ReplicaSet>(&json));
            prop_assert!(reads::<revision::ControllerRevision>(&json));
            prop_assert!(reads::<network::Service>(&json));
            prop_assert!(reads::<network::EndpointSlice>(&json));
            prop_assert!(reads::<network::Ingress>(&json));
            prop_assert!(reads::<others::Node>(&json));
            prop_assert!(reads::<others::HorizontalPodAutoscaler>(&json));
            prop_assert!(reads::<gitops::Application>(&json));
            prop_assert!(reads::<gitops::Kustomization>(&json));
            prop_assert!(reads::<gitops::HelmRelease>(&json));
        }
    }
}
