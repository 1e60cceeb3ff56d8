//! Texts that many objects repeat, kept once. Owned by whoever keeps the objects; there is no
//! global table.

use super::Labels;
use super::pod::PodContainer;
use std::collections::HashSet;
use std::sync::Arc;

/// Texts, labels and container lists, each kept once.
#[derive(Debug, Default)]
pub struct Strings {
    texts: HashSet<Arc<str>>,
    labels: HashSet<Arc<Labels>>,
    containers: HashSet<Arc<[PodContainer]>>,
}

impl Strings {
    /// Replaces a text by the one that is known.
    pub fn share(&mut self, text: &mut Arc<str>) {
        // The standard library keeps the empty text once already.
        if text.is_empty() {
            return;
        }
        match self.texts.get(&**text) {
            Some(known) => *text = known.clone(),
            None => {
                self.texts.insert(text.clone());
            }
        }
    }

    pub(super) fn share_labels(&mut self, labels: &mut Arc<Labels>) {
        if let Some(known) = self.labels.get(&**labels) {
            *labels = known.clone();
            return;
        }
        let mut shared = Labels::clone(labels);
        for (key, value) in &mut shared.0 {
            self.share(key);
            self.share(value);
        }
        *labels = Arc::new(shared);
        self.labels.insert(labels.clone());
    }

    pub(super) fn share_containers(&mut self, containers: &mut Arc<[PodContainer]>) {
        if let Some(known) = self.containers.get(&**containers) {
            *containers = known.clone();
            return;
        }
        let mut shared = containers.to_vec();
        for container in &mut shared {
            self.share(&mut container.name);
            self.share(&mut container.image);
        }
        *containers = shared.into();
        self.containers.insert(containers.clone());
    }

    /// Lets go of what no object uses any more.
    pub fn sweep(&mut self) {
        self.containers.retain(|list| Arc::strong_count(list) > 1);
        self.labels.retain(|labels| Arc::strong_count(labels) > 1);
        self.texts.retain(|text| Arc::strong_count(text) > 1);
    }

    /// How many texts are kept.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Kind as _;
    use crate::shape::pod::Pod;
    use crate::shape::tests::object;
    use serde_json::json;

    #[test]
    fn two_pods_of_one_template_share_their_texts() {
        let pod = |name: &str| -> Pod {
            object(json!({
                "metadata": {"name": name, "namespace": "shop", "labels": {"app": "cart"}},
                "spec": {"nodeName": "node-1", "containers": [{"name": "cart", "image": "a:1"}]},
            }))
        };
        let mut strings = Strings::default();
        let (mut first, mut second) = (pod("cart-1"), pod("cart-2"));
        assert!(!Arc::ptr_eq(&first.meta.labels, &second.meta.labels), "apart before");
        first.share(&mut strings);
        second.share(&mut strings);
        assert!(Arc::ptr_eq(&first.meta.labels, &second.meta.labels));
        assert!(Arc::ptr_eq(&first.meta.namespace, &second.meta.namespace));
        assert!(Arc::ptr_eq(&first.spec.node_name, &second.spec.node_name));
        assert!(Arc::ptr_eq(&first.spec.containers, &second.spec.containers));
        drop((first, second));
        strings.sweep();
        assert!(strings.is_empty(), "nothing is kept for objects that are gone");
    }
}
