//! Hostile strings, and eyes that see whether a page obeyed one.

use crate::browser::{Browser, Outcome};
use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};

/// How many there are.
pub const STRINGS: usize = 500;

/// Counts whoever connects.
#[derive(Debug)]
pub struct Listener {
    /// Where, on the loopback.
    pub port: u16,
    hits: Arc<AtomicU32>,
}

impl Listener {
    /// Listens on a free port.
    ///
    /// # Errors
    /// When there is none.
    pub async fn start() -> Outcome<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|error| error.to_string())?;
        let port = listener.local_addr().map_err(|error| error.to_string())?.port();
        let hits = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&hits);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::Relaxed);
                let _ = stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await;
            }
        });
        Ok(Self { port, hits })
    }

    /// Who connected so far.
    pub fn hits(&self) -> u32 {
        self.hits.load(Ordering::Relaxed)
    }
}

/// The strings: every attack in every wrapping, no two the same. `port` is that of the listener.
pub fn strings(port: u16) -> Vec<String> {
    let url = format!("http://127.0.0.1:{port}/x");
    let run = "window.pwned=1";
    let attacks = [
        format!("<script>{run}</script>"),
        format!("<img src=x onerror={run}>"),
        format!("<img src=\"{url}\">"),
        format!("<svg onload={run}>"),
        format!("<iframe src=\"{url}\"></iframe>"),
        format!("<link rel=stylesheet href=\"{url}\">"),
        format!("<style>@import '{url}';</style>"),
        format!("<a href=\"javascript:{run}\">x</a>"),
        format!("<body onload={run}>"),
        format!("<meta http-equiv=refresh content=\"0;url={url}\">"),
        format!("<object data=\"{url}\"></object>"),
        format!("<video src=\"{url}\" autoplay></video>"),
        format!("\"><script>{run}</script>"),
        format!("'-{run}-'"),
        format!("${{{run}}}"),
        format!("{{{{constructor.constructor('{run}')()}}}}"),
        format!("{{@html '<script>{run}</script>'}}"),
        format!("</textarea><script>{run}</script>"),
        format!("<!--<script>{run}//-->"),
        format!("]]><script>{run}</script>"),
        format!("[x](javascript:{run})"),
        format!("![x]({url})"),
        format!("[x]({url} \"onmouseover={run}\")"),
        format!("<{url}>"),
        "javascript:alert(1)".to_owned(),
        "data:text/html,<script>window.pwned=1</script>".to_owned(),
        "=cmd|' /C calc'!A0".to_owned(),
        format!("=HYPERLINK(\"{url}\",\"x\")"),
        "+1+1".to_owned(),
        "-2+3".to_owned(),
        "@SUM(1+1)".to_owned(),
        "\t=1+1".to_owned(),
        "'; DROP TABLE node; --".to_owned(),
        "\" OR 1=1 --".to_owned(),
        "%s%s%n%x".to_owned(),
        "../../../etc/passwd".to_owned(),
        "..\\..\\windows\\system32".to_owned(),
        "/etc/passwd\u{0}.png".to_owned(),
        "CON".to_owned(),
        "a/b%2Fc".to_owned(),
        "--workspace=/tmp/x".to_owned(),
        "-rf".to_owned(),
        "$(reboot)".to_owned(),
        "`reboot`".to_owned(),
        "pay\u{202e}stnem".to_owned(),
        "\u{2066}isolate\u{2069}".to_owned(),
        "zero\u{200b}width".to_owned(),
        "\u{feff}mark".to_owned(),
        "tag\u{e0041}\u{e0042}".to_owned(),
        "\u{1b}[31mred\u{1b}[0m\u{7}".to_owned(),
        "\u{1b}]0;title\u{7}".to_owned(),
        "line\r\nSet-Cookie: x".to_owned(),
        "null\u{0}byte".to_owned(),
        "c1\u{85}\u{9b}31m".to_owned(),
        "Z\u{300}\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}\u{307}".to_owned(),
        "\u{fdfd}\u{12219}".to_owned(),
        "👩‍👩‍👧‍👦🏴󠁧󠁢󠁥󠁮󠁧󠁿".to_owned(),
        "\u{fffe}\u{ffff}".to_owned(),
        "x".repeat(1024 * 1024),
        "😀".repeat(3_000),
        "| a | b |\n|---|---|\n| 1 | 2 |".to_owned(),
        "# heading\n- list\n```\ncode".to_owned(),
        "{\"json\": [1, null]}".to_owned(),
        "key: value\n- &a [*a]".to_owned(),
    ];
    let wrappings: [fn(&str) -> String; 8] = [
        str::to_owned,
        |attack| format!("plain {attack}"),
        |attack| format!("{attack} behind"),
        |attack| format!("\u{a0}{attack}"),
        |attack| format!("\"{attack}\""),
        |attack| format!("<b>{attack}</b>"),
        |attack| attack.to_uppercase(),
        |attack| format!("{attack}{attack}"),
    ];
    let mut strings: Vec<String> = Vec::new();
    for wrap in wrappings {
        for attack in &attacks {
            let string = wrap(attack);
            if !strings.contains(&string) && strings.len() < STRINGS {
                strings.push(string);
            }
        }
    }
    strings
}

/// Characters that a terminal obeys or that turn the reading direction.
pub fn is_dangerous(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// What must not happen in a page, counted from now on.
pub const WATCH: &str = "window.seen = {violations: 0, errors: []};\
    window.addEventListener('error', (event) => { window.seen.errors.push(event.message); });\
    window.addEventListener('unhandledrejection', (event) => { window.seen.errors.push(String(event.reason)); });\
    document.addEventListener('securitypolicyviolation', () => { window.seen.violations += 1; });";

/// What did happen: errors of the page, scripts that ran, policy violations, elements that no page
/// of ours has.
pub const SEEN: &str = "return [window.seen.errors, window.pwned === undefined ? 0 : 1, window.seen.violations,\
    document.querySelectorAll('script:not([src]), iframe, object, embed, video, main img, main style, main link, \
    [onerror], [onload], [onmouseover], a[href^=\"javascript:\" i], a[href^=\"data:\" i]').length];";

/// Without blanks and hidden characters, which a view shows in a way of its own.
pub fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric() || c.is_ascii_punctuation()).collect()
}

/// The control: does in the page what must not happen, and errs where one of the eyes misses it.
///
/// # Errors
/// Says which one.
pub async fn see_everything(window: &Browser, listener: &Listener) -> Outcome<()> {
    let image = "document.body.insertAdjacentHTML('beforeend', \
        '<img src=\"http://127.0.0.1:' + arguments[0] + '/\">')";
    window.run(image, vec![json!(listener.port)]).await?;
    window.until("the violation", "return window.seen.violations > 0", vec![]).await?;
    let script = "document.querySelector('main').insertAdjacentHTML('beforeend', '<iframe></iframe>'); \
        window.pwned = 1; setTimeout(() => { throw new Error('thrown'); });";
    window.run(script, vec![]).await?;
    window.until("the error", "return window.seen.errors.length > 0", vec![]).await?;
    let seen = window.run(SEEN, vec![]).await?;
    if seen[1] != json!(1) || seen[3].as_u64() == Some(0) {
        return Err(format!("the script or the element was not seen: {seen}"));
    }
    let before = listener.hits();
    let connected = TcpStream::connect(("127.0.0.1", listener.port)).await;
    connected.map_err(|error| error.to_string())?;
    let start = std::time::Instant::now();
    while listener.hits() == before && start.elapsed().as_secs() < 5 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    if listener.hits() == before { Err("the listener does not count".to_owned()) } else { Ok(()) }
}
