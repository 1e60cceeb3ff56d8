//! From a context to a session: the plugin if there is one, the proxy, the client behind the guard.

use super::broker::{Made, Maker};
use super::client;
use super::consent::{self, Consent, Refusal};
use super::freshness::ProofOfLife;
use super::kubeconfig::{ContextKey, Kubeconfigs, Program};
use super::plugin::{self, Credential, Start};
use super::proxy::{ProxyVariables, proxy_for};
use super::redact::redact;
use super::state::Failure;
use crate::watch::Session;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use k8s_openapi::ByteString;
use kube::Config;
use kube::config::{AuthInfo, KubeConfigOptions, Kubeconfig};
use secrecy::SecretString;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long the question for the server's version may take; without an answer lists come in pages.
const VERSION_LIMIT: Duration = Duration::from_secs(15);

/// What a maker needs of the world around it.
#[derive(Clone)]
pub struct Surroundings {
    /// Of the login shell.
    pub proxies: ProxyVariables,
    /// Where programs are searched: the login shell's `PATH`.
    pub search_path: String,
    /// Whether a person has agreed to a program.
    pub consented: Arc<dyn Fn(&Consent) -> bool + Send + Sync>,
    /// How long a plugin may take.
    pub plugin_limit: Duration,
}

/// What has to be asked before a context can be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What an answer is kept under.
    pub consent: Consent,
    /// The program as it was found.
    pub path: PathBuf,
    /// Its stanza, to be shown whole.
    pub program: Program,
    /// How to ask.
    pub manner: consent::Question,
}

/// Makes sessions of one context. It reads the kubeconfig it was given, never a newer one: when the
/// files change, another maker is made.
pub struct ContextMaker {
    config: Kubeconfig,
    name: String,
    around: Surroundings,
    life: ProofOfLife,
    streams: Arc<AtomicBool>,
}

impl ContextMaker {
    /// For a context of these files; `None` where it is not in them.
    pub fn new(
        files: &Kubeconfigs,
        key: &ContextKey,
        around: Surroundings,
        life: ProofOfLife,
    ) -> Option<Self> {
        let config = files.merged(key)?;
        config.contexts.iter().find(|one| one.name == key.name)?;
        let streams = Arc::new(AtomicBool::new(false));
        Some(Self { config, name: key.name.clone(), around, life, streams })
    }

    /// What a person has to agree to before this context can be used; `None` where nothing.
    ///
    /// # Errors
    /// When the program is never run, whatever a person says.
    pub fn question(&self) -> Result<Option<Question>, Refusal> {
        let Some(program) = self.program() else { return Ok(None) };
        let path = consent::resolve(&program, &self.around.search_path)?;
        let consent = Consent::of(&path, &program);
        if (self.around.consented)(&consent) {
            return Ok(None);
        }
        let manner = consent::question(&program);
        Ok(Some(Question { consent, path, program, manner }))
    }

    fn user_name(&self) -> Option<String> {
        let named = self.config.contexts.iter().find(|one| one.name == self.name)?;
        named.context.as_ref()?.user.clone()
    }

    fn user(&self) -> Option<&AuthInfo> {
        let name = self.user_name()?;
        self.config.auth_infos.iter().find(|one| one.name == name)?.auth_info.as_ref()
    }

    /// The program that has to run: none where a token is given besides, as that wins.
    fn program(&self) -> Option<Program> {
        let user = self.user()?;
        if user.token.is_some() || user.token_file.is_some() {
            return None;
        }
        user.exec.as_ref().map(Program::of)
    }

    async fn credential(&self) -> Result<Option<Credential>, Failure> {
        let by_person = |text: String| Failure::NeedsPerson(redact(&text));
        let asked = self.question().map_err(|refusal| by_person(refusal.to_string()))?;
        if let Some(question) = asked {
            let path = question.path.display();
            return Err(by_person(format!(
                "{path} has to be allowed before it brings credentials"
            )));
        }
        let Some(program) = self.program() else {
            let provider = self.user().is_some_and(|user| user.auth_provider.is_some());
            let given = self.user().is_some_and(|user| user.token.is_some());
            if provider && !given {
                return Err(by_person(
                    "this user signs in by an auth-provider, which kubectl no longer knows; put \
                     the exec plugin of your vendor into the kubeconfig"
                        .to_owned(),
                ));
            }
            return Ok(None);
        };
        let path = consent::resolve(&program, &self.around.search_path)
            .map_err(|refusal| by_person(refusal.to_string()))?;
        let hint = program.install_hint.clone();
        let start = Start {
            path,
            program,
            search_path: self.around.search_path.clone(),
            limit: self.around.plugin_limit,
        };
        plugin::run(&start).await.map(Some).map_err(|failure| match hint {
            Some(hint) => by_person(format!("{failure} ({hint})")),
            None => by_person(failure.to_string()),
        })
    }

    /// The kubeconfig with the credential in place of the program that brought it.
    fn with_credential(&self, credential: Option<&Credential>) -> Kubeconfig {
        let mut config = self.config.clone();
        let name = self.user_name().unwrap_or_default();
        let named = config.auth_infos.iter_mut().find(|one| one.name == name);
        let Some(user) = named.and_then(|named| named.auth_info.as_mut()) else { return config };
        // kube would run it, three times and without limits.
        user.exec = None;
        if let Some(credential) = credential {
            user.token.clone_from(&credential.token);
            if let Some((certificate, key)) = &credential.certificate {
                use secrecy::ExposeSecret as _;
                user.client_certificate_data = base64(certificate);
                user.client_key_data = base64(key.expose_secret()).map(SecretString::from);
            }
        }
        config
    }

    async fn make_once(&self) -> Result<Made, Failure> {
        let credential = self.credential().await?;
        let config = self.with_credential(credential.as_ref());
        let options =
            KubeConfigOptions { context: Some(self.name.clone()), ..KubeConfigOptions::default() };
        let unusable = |text: String| {
            Failure::NeedsPerson(redact(&format!("the kubeconfig cannot be used: {text}")))
        };
        let own = self.own_proxy();
        let mut config = Config::from_custom_kubeconfig(config, &options)
            .await
            .map_err(|error| unusable(error.to_string()))?;
        let proxy = proxy_for(&config.cluster_url, own.as_deref(), &self.around.proxies)
            .map_err(|bad| unusable(bad.to_string()))?;
        client::harden(&mut config, proxy);
        let session = session(config, self.life.clone(), Arc::clone(&self.streams)).await?;
        Ok(Made { session, expires: credential.and_then(|credential| credential.expires) })
    }

    fn own_proxy(&self) -> Option<String> {
        let named = self.config.contexts.iter().find(|one| one.name == self.name)?;
        let cluster = &named.context.as_ref()?.cluster;
        let found = self.config.clusters.iter().find(|one| one.name == *cluster)?;
        found.cluster.as_ref()?.proxy_url.clone()
    }
}

impl Maker for ContextMaker {
    fn make(&mut self) -> BoxFuture<'_, Result<Made, Failure>> {
        self.make_once().boxed()
    }
}

/// Makes sessions of the pod one runs in: for the command line on a build server in the cluster.
#[derive(Default)]
pub struct InClusterMaker {
    life: ProofOfLife,
    streams: Arc<AtomicBool>,
}

impl InClusterMaker {
    /// What comes over its connections is noted in `life`.
    pub fn new(life: ProofOfLife) -> Self {
        Self { life, ..Self::default() }
    }
}

impl Maker for InClusterMaker {
    fn make(&mut self) -> BoxFuture<'_, Result<Made, Failure>> {
        async {
            let config = client::in_cluster()?;
            let session = session(config, self.life.clone(), Arc::clone(&self.streams)).await?;
            // kube reads the token's file again by itself.
            Ok(Made { session, expires: None })
        }
        .boxed()
    }
}

async fn session(
    config: Config,
    life: ProofOfLife,
    streams: Arc<AtomicBool>,
) -> Result<Session, Failure> {
    let own = life.clone();
    // Certificates are read while it is built.
    let building = tokio::task::spawn_blocking(move || client::build(config, own));
    let ended = |error: tokio::task::JoinError| Failure::Unreachable(error.to_string());
    let client = building.await.map_err(ended)??;
    let asked = tokio::time::timeout(VERSION_LIMIT, client.apiserver_version()).await;
    if let Ok(Ok(version)) = asked {
        let surely = client::streams_lists(&version.major, &version.minor);
        streams.store(surely, Ordering::Relaxed);
    }
    Ok(Session { number: 0, client, life, streams_lists: streams })
}

/// As kubeconfigs hold certificates.
fn base64(text: &str) -> Option<String> {
    let written = serde_json::to_value(ByteString(text.as_bytes().to_vec())).ok()?;
    written.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn outside_a_cluster_a_sentence_says_so() {
        // The control of the environment: tests do not run in a pod.
        if std::env::var_os("KUBERNETES_SERVICE_HOST").is_some() {
            return;
        }
        let refused = InClusterMaker::default().make().await.map(|made| made.expires);
        let refused = refused.expect_err("no service account here");
        assert!(matches!(refused, Failure::NeedsPerson(_)), "{refused}");
        assert!(refused.to_string().contains("no pod"), "{refused}");
    }

    #[test]
    fn certificates_are_written_as_kubeconfigs_hold_them() {
        assert_eq!(base64("PEM").as_deref(), Some("UEVN"));
    }
}
