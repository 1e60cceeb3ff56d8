//! Which proxy stands before a server. kube compares `NO_PROXY` with the proxy's own address, so the
//! answer is worked out here and given to it, `None` included.

use http::Uri;
use std::net::IpAddr;

/// The variables that name proxies, as the login shell has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProxyVariables {
    /// For servers of `https`.
    pub https: Option<String>,
    /// For servers of `http`.
    pub http: Option<String>,
    /// For both, where the others are absent.
    pub all: Option<String>,
    /// Servers that are reached without.
    pub none: Option<String>,
}

impl ProxyVariables {
    /// Reads them through `get`; small letters win, as in curl.
    pub fn read(get: impl Fn(&str) -> Option<String>) -> Self {
        let either = |small: &str| {
            let found = get(small).or_else(|| get(&small.to_uppercase()));
            found.filter(|value| !value.trim().is_empty())
        };
        Self {
            https: either("https_proxy"),
            http: either("http_proxy"),
            all: either("all_proxy"),
            none: either("no_proxy"),
        }
    }
}

/// A proxy that cannot be used. Nothing was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the proxy {0:?} is no address of http:// or socks5://; correct the kubeconfig or the variable"
)]
pub struct BadProxy(String);

/// The proxy for a server; `None` for none. What the kubeconfig says (`own`) wins over the variables
/// and over `NO_PROXY`, as in kubectl.
///
/// # Errors
/// When the proxy's address cannot be used.
pub fn proxy_for(
    server: &Uri,
    own: Option<&str>,
    variables: &ProxyVariables,
) -> Result<Option<Uri>, BadProxy> {
    if let Some(own) = own.filter(|own| !own.is_empty()) {
        return read(own).map(Some);
    }
    let host = server.host().unwrap_or_default().trim_matches(['[', ']']);
    let secure = server.scheme_str() != Some("http");
    let port = server.port_u16().unwrap_or(if secure { 443 } else { 80 });
    if is_local(host) || excepts(variables.none.as_deref().unwrap_or_default(), host, port) {
        return Ok(None);
    }
    let named = if secure { &variables.https } else { &variables.http };
    named.as_ref().or(variables.all.as_ref()).map(|proxy| read(proxy)).transpose()
}

fn read(text: &str) -> Result<Uri, BadProxy> {
    let bad = || BadProxy(super::redact::redact(text));
    // A proxy without a scheme is one of http.
    let whole = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    // `socks5h` leaves the look-up of names to the proxy, which is what happens anyway.
    let whole = whole.replacen("socks5h://", "socks5://", 1);
    let uri: Uri = whole.parse().map_err(|_| bad())?;
    match uri.scheme_str() {
        Some("http" | "socks5") if uri.host().is_some_and(|host| !host.is_empty()) => Ok(uri),
        _ => Err(bad()),
    }
}

/// The machine itself is never reached through a proxy, whatever the variables say.
fn is_local(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Whether `NO_PROXY` names a server: a host and all below it, `.host` for what is below it only, an
/// address, a range, any of them with a port, or `*`.
fn excepts(list: &str, host: &str, port: u16) -> bool {
    let host = host.trim_end_matches('.').to_lowercase();
    let address = host.parse::<IpAddr>().ok();
    list.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        let (name, own_port) = split_port(entry);
        if own_port.is_some_and(|own| own != port) {
            return false;
        }
        match address {
            Some(address) => holds(name, address),
            None => names(&name.to_lowercase(), &host),
        }
    })
}

fn names(entry: &str, host: &str) -> bool {
    let entry = entry.strip_prefix('*').unwrap_or(entry);
    match entry.strip_prefix('.') {
        Some(parent) => host.ends_with(&format!(".{parent}")),
        None => host == entry || host.ends_with(&format!(".{entry}")),
    }
}

/// `host:port` and `[v6]:port`; a bare address of version 6 has no port.
fn split_port(entry: &str) -> (&str, Option<u16>) {
    if let Some(rest) = entry.strip_prefix('[') {
        let (address, port) = rest.split_once(']').unwrap_or((rest, ""));
        return (address, port.trim_start_matches(':').parse().ok());
    }
    match entry.split_once(':') {
        Some((name, port)) if !port.contains(':') => (name, port.parse().ok()),
        _ => (entry, None),
    }
}

fn holds(entry: &str, address: IpAddr) -> bool {
    let Some((network, bits)) = entry.split_once('/') else {
        return entry.parse::<IpAddr>().is_ok_and(|own| own == address);
    };
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else {
        return false;
    };
    let number = |address: IpAddr| match address {
        IpAddr::V4(four) => (u128::from(u32::from(four)) << 96, 32),
        IpAddr::V6(six) => (u128::from(six), 128),
    };
    let ((network, size), (address, own_size)) = (number(network), number(address));
    let mask = if bits == 0 { 0 } else { u128::MAX << (128 - bits.min(128)) };
    size == own_size && bits <= size && network & mask == address & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_names_servers_as_other_tools_read_it() {
        let check = |list: &str, server: &str, direct: bool| {
            let variables = ProxyVariables {
                https: Some("http://proxy.internal:3128".to_owned()),
                none: Some(list.to_owned()),
                ..ProxyVariables::default()
            };
            let found = proxy_for(&server.parse().unwrap(), None, &variables).unwrap();
            assert_eq!(found.is_none(), direct, "NO_PROXY={list} {server}");
        };
        check("", "https://api.internal:6443", false);
        check("api.internal", "https://api.internal:6443", true);
        check("API.Internal", "https://api.internal", true);
        check("internal", "https://api.internal", true);
        check("ternal", "https://api.internal", false);
        check(".internal", "https://api.internal", true);
        check(".internal", "https://internal", false);
        check("*.internal", "https://api.internal", true);
        check("*", "https://api.internal", true);
        check("other, api.internal", "https://api.internal", true);
        check("api.internal:6443", "https://api.internal:6443", true);
        check("api.internal:443", "https://api.internal:6443", false);
        check("api.internal:443", "https://api.internal", true);
        check("10.0.0.0/8", "https://10.1.2.3:6443", true);
        check("10.0.0.0/8", "https://11.1.2.3:6443", false);
        check("10.1.2.3", "https://10.1.2.3", true);
        check("10.1.2.3:443", "https://10.1.2.3:6443", false);
        check("0.0.0.0/0", "https://api.internal", false);
        check("fd00::/8", "https://[fd00::1]:6443", true);
        check("[fd00::1]:6443", "https://[fd00::1]:6443", true);
        check("fd00::2", "https://[fd00::1]", false);
        // The proxy's own address decides nothing.
        check("proxy.internal", "https://api.example.com", false);
        check("10.0.0.0/33", "https://10.0.0.1", false);
        // The machine itself.
        check("", "https://127.0.0.1:6443", true);
        check("", "https://localhost:6443", true);
    }

    #[test]
    fn the_right_proxy_is_chosen() {
        let variables = ProxyVariables::read(|name| {
            let value = match name {
                "https_proxy" => "socks5h://small:1080",
                "HTTPS_PROXY" => "http://large:1",
                "HTTP_PROXY" => "plain:3128",
                "NO_PROXY" => "direct.example.com",
                _ => return None,
            };
            Some(value.to_owned())
        });
        let check = |server: &str, own: Option<&str>, expect: Option<&str>| {
            let found = proxy_for(&server.parse().unwrap(), own, &variables).unwrap();
            let found = found.map(|uri| uri.to_string());
            assert_eq!(found.as_deref(), expect, "{server} {own:?}");
        };
        check("https://a.example.com", None, Some("socks5://small:1080/"));
        check("http://a.example.com", None, Some("http://plain:3128/"));
        check("https://direct.example.com", None, None);
        check("https://direct.example.com", Some("http://own:1/"), Some("http://own:1/"));
        check("https://a.example.com", Some(""), Some("socks5://small:1080/"));
    }

    #[test]
    fn a_bad_proxy_is_named_without_its_password() {
        let server = "https://a.example.com".parse().unwrap();
        let refused = proxy_for(&server, Some("ftp://anna:pass@proxy"), &ProxyVariables::default());
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("ftp://…@proxy") && !refused.contains("pass@"), "{refused}");
    }
}
