//! Secrets in a kubeconfig, each where it belongs, and eyes that find them where they do not.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// A bearer token of the file.
pub const TOKEN: &str = "planted-token-0a1b2c3d";
/// What a plugin answers.
pub const PLUGIN: &str = "planted-plugin-4e5f6a7b";
/// What a plugin that fails says.
pub const COMPLAINT: &str = "planted-complaint-8c9d0e1f";
/// A part of a private key.
pub const KEY: &str = "cGxhbnRlZC1rZXktMmEzYjRjNWQ";
/// The password of a proxy.
pub const PASSWORD: &str = "planted-password-6e7f8a9b";
const ALL: [&str; 5] = [TOKEN, PLUGIN, COMPLAINT, KEY, PASSWORD];

/// Where a secret stands in a text or in the bytes of a file.
pub fn found(place: &str, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let stands = |secret: &&&str| text.contains(**secret);
    let mut found: Vec<String> =
        ALL.iter().filter(stands).map(|secret| format!("{secret} in {place}")).collect();
    // As the file holds it.
    if text.contains(&encode(&pem("PRIVATE KEY"))) {
        found.push(format!("{KEY}, encoded, in {place}"));
    }
    found
}

/// The same for every file of a folder; one that goes meanwhile holds nothing any more.
///
/// # Errors
/// When a folder cannot be listed, or a file that is there cannot be read.
pub fn found_below(folder: &Path) -> io::Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            all.extend(found_below(&path)?);
            continue;
        }
        if !entry.file_type()?.is_file() {
            continue;
        }
        match std::fs::read(&path) {
            Ok(bytes) => all.extend(found(&path.display().to_string(), &bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(all)
}

fn script(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    let path = folder.join(name);
    std::fs::write(&path, text)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(path)
}

/// A kubeconfig in that folder with four contexts: `token`, `plugin`, `complains` (a plugin that
/// fails) and `key` (a key that is none, behind a proxy with a password). The first three lead to
/// `server`.
///
/// # Errors
/// When the folder cannot be written.
pub fn kubeconfig(folder: &Path, server: &str) -> io::Result<PathBuf> {
    let good = script(
        folder,
        "sign-in",
        &format!(
            "#!/bin/sh\necho '{{\"apiVersion\":\"client.authentication.k8s.io/v1\",\
             \"kind\":\"ExecCredential\",\"status\":{{\"token\":\"{PLUGIN}\"}}}}'\n"
        ),
    )?;
    let bad = script(
        folder,
        "complain",
        &format!("#!/bin/sh\necho 'session ended, token={COMPLAINT}' >&2\nexit 1\n"),
    )?;
    let exec = |path: &Path| {
        format!(
            "{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: '{}', \
             interactiveMode: Never}}}}",
            path.display()
        )
    };
    let text = format!(
        "apiVersion: v1
kind: Config
current-context: token
clusters:
  - {{name: sim, cluster: {{server: '{server}'}}}}
  - {{name: proxied, cluster: {{server: 'https://127.0.0.1:9', proxy-url: 'http://anna:{PASSWORD}@127.0.0.1:9'}}}}
users:
  - {{name: token, user: {{token: {TOKEN}}}}}
  - {{name: plugin, user: {}}}
  - {{name: complains, user: {}}}
  - {{name: key, user: {{client-certificate-data: '{}', client-key-data: '{}'}}}}
contexts:
  - {{name: token, context: {{cluster: sim, user: token}}}}
  - {{name: plugin, context: {{cluster: sim, user: plugin}}}}
  - {{name: complains, context: {{cluster: sim, user: complains}}}}
  - {{name: key, context: {{cluster: proxied, user: key}}}}
",
        exec(&good),
        exec(&bad),
        encode(&pem("CERTIFICATE")),
        encode(&pem("PRIVATE KEY"))
    );
    let path = folder.join("config");
    std::fs::write(&path, text)?;
    Ok(path)
}

fn pem(what: &str) -> String {
    format!("-----BEGIN {what}-----\n{KEY}\n-----END {what}-----\n")
}

/// Base64 in a few lines: a test is no reason for another library.
fn encode(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let byte = |at: usize| u32::from(three.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for at in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * at) & 63) as usize];
            encoded.push(if at > three.len() { '=' } else { char::from(letter) });
        }
    }
    encoded
}
