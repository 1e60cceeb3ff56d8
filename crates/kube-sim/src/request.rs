//! Reading a request: what it names, and which form of answer it wants.

use crate::failure::Failure;
use crate::kinds::Kind;
use crate::managed::Part;
use http::HeaderMap;
use http::header::ACCEPT;

/// What an address below `/api` or `/apis` names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub kind: usize,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub part: Part,
}

/// Reads `/api/v1/namespaces/shop/pods/a/status` and its like. `None` where nothing is served.
pub(crate) fn target(path: &str, kinds: &[Kind]) -> Option<Target> {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let (group, version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] => ("", *version, rest),
        ["apis", group, version, rest @ ..] => (*group, *version, rest),
        _ => return None,
    };
    let find = |plural: &str| {
        kinds.iter().position(|kind| {
            kind.plural == plural && kind.group == group && kind.version == version
        })
    };
    let (namespace, plural, rest) = match rest {
        // `namespaces/shop/status` is of the namespace itself.
        ["namespaces", namespace, plural, rest @ ..] if find(plural).is_some() => {
            (Some((*namespace).to_owned()), *plural, rest)
        }
        [plural, rest @ ..] => (None, *plural, rest),
        [] => return None,
    };
    let kind = find(plural)?;
    if namespace.is_some() && !kinds[kind].namespaced {
        return None;
    }
    let (name, part) = match rest {
        [] => (None, Part::Object),
        [name] => (Some(*name), Part::Object),
        [name, "status"] if kinds[kind].has_status => (Some(*name), Part::Status),
        [name, "scale"] if kinds[kind].has_scale => (Some(*name), Part::Scale),
        _ => return None,
    };
    // One object of a namespace is never addressed without it.
    if name.is_some() && kinds[kind].namespaced && namespace.is_none() {
        return None;
    }
    Some(Target { kind, namespace, name: name.map(str::to_owned), part })
}

/// The form of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Objects as they are.
    Whole,
    /// `PartialObjectMetadata`.
    Metadata,
    /// Everything served in one answer; for the roots of discovery.
    Aggregated,
}

/// The first form that is asked for and served. Tables are not: clients fall back to JSON.
pub(crate) fn form(headers: &HeaderMap, discovery_root: bool) -> Result<Form, Failure> {
    let mut ranges = Vec::new();
    for value in headers.get_all(ACCEPT) {
        ranges.extend(value.to_str().unwrap_or_default().split(',').map(str::trim));
    }
    ranges.retain(|range| !range.is_empty());
    if ranges.is_empty() {
        return Ok(Form::Whole);
    }
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or_default();
        if !matches!(media, "application/json" | "application/*" | "*/*") {
            continue;
        }
        let parameters: Vec<(&str, &str)> = parts.filter_map(|part| part.split_once('=')).collect();
        let get = |name: &str| parameters.iter().find(|(own, _)| *own == name).map(|one| one.1);
        match get("as") {
            None => return Ok(Form::Whole),
            Some("PartialObjectMetadata" | "PartialObjectMetadataList")
                if get("v") == Some("v1") =>
            {
                return Ok(Form::Metadata);
            }
            Some("APIGroupDiscoveryList") if discovery_root && get("v") == Some("v2") => {
                return Ok(Form::Aggregated);
            }
            Some(_) => {}
        }
    }
    Err(Failure::not_acceptable())
}

/// The parameters of an address.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: &str) -> Self {
        let pairs = url::form_urlencoded::parse(text.as_bytes());
        Self(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }

    /// Empty where absent.
    pub(crate) fn get(&self, name: &str) -> &str {
        self.0.iter().find(|(own, _)| own == name).map_or("", |(_, value)| value)
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        matches!(self.get(name), "true" | "1")
    }

    /// A number; `None` where absent or empty.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, Failure> {
        match self.get(name) {
            "" => Ok(None),
            text => text
                .parse()
                .map(Some)
                .map_err(|_| Failure::bad_request(format!("{name}: {text:?} is no number"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::built_in;
    use http::HeaderValue;

    #[test]
    fn addresses_name_what_they_name() {
        let kinds = built_in();
        let check = |path: &str, expect: Option<(&str, Option<&str>, Option<&str>, Part)>| {
            let found = target(path, &kinds);
            let found = found.as_ref().map(|one| {
                let kind = kinds[one.kind].kind.as_str();
                (kind, one.namespace.as_deref(), one.name.as_deref(), one.part)
            });
            assert_eq!(found, expect, "{path}");
        };
        check("/api/v1/pods", Some(("Pod", None, None, Part::Object)));
        check("/api/v1/namespaces", Some(("Namespace", None, None, Part::Object)));
        check("/api/v1/namespaces/a", Some(("Namespace", None, Some("a"), Part::Object)));
        check("/api/v1/namespaces/a/status", Some(("Namespace", None, Some("a"), Part::Status)));
        check("/api/v1/namespaces/a/pods", Some(("Pod", Some("a"), None, Part::Object)));
        check(
            "/apis/apps/v1/namespaces/a/deployments/b/scale",
            Some(("Deployment", Some("a"), Some("b"), Part::Scale)),
        );
        check("/api/v1/namespaces/a/pods/b/log", None);
        check("/api/v1/namespaces/a/nodes", None);
        check("/api/v1/pods/b", None);
        check("/apis/apps/v2/deployments", None);
        check("/api/v1", None);
    }

    #[test]
    fn the_first_form_that_is_served_is_chosen() {
        let check = |accept: &str, root: bool, expect: Option<Form>| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
            assert_eq!(form(&headers, root).ok(), expect, "{accept}");
        };
        let table = "application/json;as=Table;v=v1;g=meta.k8s.io";
        check("application/json", false, Some(Form::Whole));
        check("*/*", false, Some(Form::Whole));
        check(&format!("{table},application/json"), false, Some(Form::Whole));
        check(table, false, None);
        check("application/vnd.kubernetes.protobuf", false, None);
        check("application/vnd.kubernetes.protobuf,application/json", false, Some(Form::Whole));
        let partial = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
        check(partial, false, Some(Form::Metadata));
        let all = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        check(&format!("{all},application/json"), true, Some(Form::Aggregated));
        check(&format!("{all},application/json"), false, Some(Form::Whole));
    }
}
