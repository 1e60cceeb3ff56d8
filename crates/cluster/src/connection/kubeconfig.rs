//! Kubeconfigs as people have them: several files, some broken, rewritten while they are read.

use kube::config::{AuthInfo, Cluster, ExecConfig, Kubeconfig};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Names of contexts are not unique across files, and get renamed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContextKey {
    /// The kubeconfig that defines it.
    pub file: PathBuf,
    /// Its name there.
    pub name: String,
}

/// A context as it is listed. Nothing has been contacted for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// Which one.
    pub key: ContextKey,
    /// The name of its cluster.
    pub cluster: String,
    /// The address of the server; empty where none is given.
    pub server: String,
    /// The name of its user; empty where none is given.
    pub user: String,
    /// Its own namespace, if it has one.
    pub namespace: Option<String>,
    /// The proxy it names itself.
    pub proxy: Option<String>,
    /// What should be pointed out about it.
    pub notes: Vec<Note>,
    /// The program that brings its credentials.
    pub program: Option<Program>,
}

/// What a person should know before a context is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The server's certificate is not checked.
    NoCertificateCheck,
    /// The connection is not encrypted.
    PlainHttp,
    /// It acts as somebody else.
    Impersonates,
    /// Its credentials come from an `auth-provider`, which kubectl no longer knows.
    AuthProvider,
    /// Its cluster or its user is defined nowhere.
    Incomplete,
}

/// An `exec` stanza.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// As written, relative to its file where it has a separator.
    pub command: String,
    /// In order.
    pub arguments: Vec<String>,
    /// Additional variables, in order.
    pub environment: Vec<(String, String)>,
    /// The version of the exchange, such as `client.authentication.k8s.io/v1`.
    pub api_version: String,
    /// How to get the program, in the words of who wrote the stanza.
    pub install_hint: Option<String>,
    /// It wants to talk to a person in a terminal.
    pub needs_terminal: bool,
}

impl Program {
    /// Reads a stanza.
    pub fn of(exec: &ExecConfig) -> Self {
        let pairs = exec.env.iter().flatten().filter_map(|entry| {
            Some((entry.get("name")?.clone(), entry.get("value").cloned().unwrap_or_default()))
        });
        Self {
            command: exec.command.clone().unwrap_or_default(),
            arguments: exec.args.clone().unwrap_or_default(),
            environment: pairs.collect(),
            api_version: exec
                .api_version
                .clone()
                .unwrap_or_else(|| "client.authentication.k8s.io/v1".to_owned()),
            install_hint: exec.install_hint.clone(),
            needs_terminal: exec.interactive_mode
                == Some(kube::config::ExecInteractiveMode::Always),
        }
    }
}

/// A file that could not be read. Contexts of other files, and its own last good ones, stay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileProblem {
    /// Which file.
    pub file: PathBuf,
    /// One line.
    pub why: String,
    /// What is shown of it is of an earlier reading.
    pub shows_earlier: bool,
}

/// Which files `KUBECONFIG` names; without it the usual one of the home folder.
pub fn paths(variable: Option<&OsStr>, home: Option<&Path>) -> Vec<PathBuf> {
    let named: Vec<PathBuf> = variable
        .map(|list| {
            std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect()
        })
        .unwrap_or_default();
    if !named.is_empty() {
        return named;
    }
    home.map(|home| home.join(".kube").join("config")).into_iter().collect()
}

/// When a file was last written, and how long it is.
type Stamp = Option<(SystemTime, u64)>;

#[derive(Clone, Debug)]
struct File {
    path: PathBuf,
    /// Of what was read last.
    read: Stamp,
    /// Of the last look; a file is read when two looks agree.
    looked: Stamp,
    good: Option<Kubeconfig>,
    problem: Option<String>,
}

/// The kubeconfigs of a person, looked at again and again.
#[derive(Clone, Debug, Default)]
pub struct Kubeconfigs {
    files: Vec<File>,
    /// Certificates, keys and tokens that the files point at.
    referenced: BTreeMap<PathBuf, Stamp>,
}

impl Kubeconfigs {
    /// Reads the files. A missing one is none, as for kubectl, unless it is the only one.
    pub fn load(paths: &[PathBuf]) -> Self {
        let mut made = Self::default();
        for path in paths {
            let mut file =
                File { path: path.clone(), read: None, looked: None, good: None, problem: None };
            file.look(stamp(path));
            made.files.push(file);
        }
        if let [only] = made.files.as_mut_slice()
            && only.looked.is_none()
        {
            only.problem = Some("there is no such file".to_owned());
        }
        made.refer();
        made
    }

    /// Looks again. A file that changed is read once two looks in a row see the same, so that half a
    /// file is not taken for a whole one; call it every half second. True when contexts or what they
    /// point at changed.
    pub fn poll(&mut self) -> bool {
        let mut changed = false;
        for file in &mut self.files {
            let now = stamp(&file.path);
            if now == file.read {
                file.looked = now;
            } else if now == file.looked {
                changed |= file.look(now);
            } else {
                file.looked = now;
            }
        }
        let rotated = self.referenced.iter().any(|(path, seen)| stamp(path) != *seen);
        if changed || rotated {
            self.refer();
        }
        changed || rotated
    }

    fn refer(&mut self) {
        let users = self.files.iter().filter_map(|file| file.good.as_ref());
        let mut named = Vec::new();
        for config in users {
            for user in config.auth_infos.iter().filter_map(|user| user.auth_info.as_ref()) {
                let paths = [&user.token_file, &user.client_certificate, &user.client_key];
                named.extend(paths.into_iter().flatten().map(PathBuf::from));
            }
            let clusters = config.clusters.iter().filter_map(|cluster| cluster.cluster.as_ref());
            named.extend(
                clusters.filter_map(|one| one.certificate_authority.as_ref().map(PathBuf::from)),
            );
        }
        self.referenced = named.into_iter().map(|path| (path.clone(), stamp(&path))).collect();
    }

    /// Every context of every file, in their order.
    pub fn contexts(&self) -> Vec<Context> {
        let mut contexts = Vec::new();
        for file in &self.files {
            let Some(config) = &file.good else { continue };
            for named in &config.contexts {
                let key = ContextKey { file: file.path.clone(), name: named.name.clone() };
                if let Some(context) = self.context(config, key, named.context.as_ref()) {
                    contexts.push(context);
                }
            }
        }
        contexts
    }

    /// The context that kubectl would use: the first file that names one wins.
    pub fn current(&self) -> Option<ContextKey> {
        let mut all = self.files.iter().filter_map(|file| file.good.as_ref());
        let name =
            all.find_map(|config| config.current_context.clone().filter(|name| !name.is_empty()))?;
        self.contexts().into_iter().map(|context| context.key).find(|key| key.name == name)
    }

    /// Files that could not be read.
    pub fn problems(&self) -> Vec<FileProblem> {
        let files = self.files.iter().filter_map(|file| {
            Some(FileProblem {
                file: file.path.clone(),
                why: file.problem.clone()?,
                shows_earlier: file.good.is_some(),
            })
        });
        files.collect()
    }

    /// One configuration in which a context can be used: its own file first, then the others, as
    /// they are merged by kubectl.
    pub fn merged(&self, key: &ContextKey) -> Option<Kubeconfig> {
        let own = self.files.iter().find(|file| file.path == key.file)?.good.clone()?;
        let others = self.files.iter().filter(|file| file.path != key.file);
        let mut merged = own;
        for other in others.filter_map(|file| file.good.clone()) {
            // Files of different kinds do not merge; the context's own file is enough then.
            merged = merged.clone().merge(other).unwrap_or(merged);
        }
        Some(merged)
    }

    fn context(
        &self,
        own: &Kubeconfig,
        key: ContextKey,
        context: Option<&kube::config::Context>,
    ) -> Option<Context> {
        let context = context?;
        let user_name = context.user.clone().unwrap_or_default();
        let cluster = self.find(own, |config| {
            let named = config.clusters.iter().find(|one| one.name == context.cluster)?;
            named.cluster.clone()
        });
        let user = self.find(own, |config| {
            let named = config.auth_infos.iter().find(|one| one.name == user_name)?;
            named.auth_info.clone()
        });
        let notes = notes(cluster.as_ref(), user.as_ref(), &user_name);
        Some(Context {
            key,
            cluster: context.cluster.clone(),
            server: cluster.as_ref().and_then(|one| one.server.clone()).unwrap_or_default(),
            user: user_name,
            namespace: context.namespace.clone().filter(|name| !name.is_empty()),
            proxy: cluster.and_then(|one| one.proxy_url),
            notes,
            program: user.and_then(|user| user.exec).as_ref().map(Program::of),
        })
    }

    fn find<T>(&self, own: &Kubeconfig, find: impl Fn(&Kubeconfig) -> Option<T>) -> Option<T> {
        let others = self.files.iter().filter_map(|file| file.good.as_ref());
        find(own).or_else(|| others.into_iter().find_map(&find))
    }
}

fn notes(cluster: Option<&Cluster>, user: Option<&AuthInfo>, user_name: &str) -> Vec<Note> {
    let mut notes = Vec::new();
    let mut note = |holds: bool, note: Note| {
        if holds {
            notes.push(note);
        }
    };
    let incomplete = cluster.is_none() || user.is_none() && !user_name.is_empty();
    note(incomplete, Note::Incomplete);
    let unchecked = cluster.is_some_and(|one| one.insecure_skip_tls_verify == Some(true));
    note(unchecked, Note::NoCertificateCheck);
    let plain = cluster
        .and_then(|one| one.server.as_ref())
        .is_some_and(|server| server.to_lowercase().starts_with("http://"));
    note(plain, Note::PlainHttp);
    note(user.is_some_and(|user| user.impersonate.is_some()), Note::Impersonates);
    note(user.is_some_and(|user| user.auth_provider.is_some()), Note::AuthProvider);
    notes
}

impl File {
    /// Reads the file; whether what is known of it changed. One that cannot be read keeps its last
    /// good state; one that is gone has none.
    fn look(&mut self, now: Stamp) -> bool {
        self.read = now;
        self.looked = now;
        if now.is_none() {
            self.problem = None;
            return self.good.take().is_some();
        }
        // Never from text: only this resolves paths against the folder of the file.
        match Kubeconfig::read_from(&self.path) {
            Ok(read) => {
                let emptied = read.contexts.is_empty() && self.good.is_some();
                self.problem = emptied.then(|| "the file holds no context now".to_owned());
                if !emptied {
                    self.good = Some(read);
                }
                !emptied
            }
            Err(error) => {
                let why = super::redact::redact(&deepest(&error));
                let changed = self.problem.as_ref() != Some(&why);
                self.problem = Some(why);
                changed
            }
        }
    }
}

fn deepest(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        text = deeper.to_string();
        cause = deeper.source();
    }
    text.lines().next().unwrap_or_default().to_owned()
}

fn stamp(path: &Path) -> Stamp {
    let metadata = std::fs::metadata(path).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn config(names: &[&str]) -> String {
        let each = |line: &dyn Fn(&str) -> String| -> String {
            let lines = names.iter().map(|name| format!("- {{name: {name}, {}}}\n", line(name)));
            lines.collect::<Vec<_>>().concat()
        };
        let contexts =
            each(&|name| format!("context: {{cluster: {name}, user: {name}, namespace: shop}}"));
        let clusters = each(&|name| format!("cluster: {{server: 'https://{name}.example.com'}}"));
        let users = each(&|name| format!("user: {{token: secret-{name}}}"));
        format!("kind: Config\ncontexts:\n{contexts}clusters:\n{clusters}users:\n{users}")
    }

    fn names(configs: &Kubeconfigs) -> Vec<String> {
        configs.contexts().into_iter().map(|context| context.key.name).collect()
    }

    #[test]
    fn the_variable_names_the_files() {
        let check = |variable: Option<&str>, expect: &[&str]| {
            let found = paths(variable.map(OsStr::new), Some(Path::new("/home/anna")));
            let expect: Vec<PathBuf> = expect.iter().map(PathBuf::from).collect();
            assert_eq!(found, expect, "{variable:?}");
        };
        check(None, &["/home/anna/.kube/config"]);
        check(Some(""), &["/home/anna/.kube/config"]);
        #[cfg(unix)]
        check(Some("/a:/b::"), &["/a", "/b"]);
    }

    #[test]
    fn one_broken_file_spoils_no_other() {
        let folder = TempDir::new().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let paths = [
            file("a", &config(&["one", "two"])),
            file("b", "contexts: ["),
            file("c", &config(&["two"])),
        ];
        let configs = Kubeconfigs::load(&paths);
        assert_eq!(names(&configs), ["one", "two", "two"], "told apart by their files");
        let problems = configs.problems();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].file, paths[1]);
    }

    #[test]
    fn a_context_finds_its_cluster_in_another_file() {
        let folder = TempDir::new().unwrap();
        let clusters = folder.path().join("clusters");
        std::fs::write(&clusters, config(&["one"])).unwrap();
        let contexts = folder.path().join("contexts");
        let text = "contexts: [{name: far, context: {cluster: one, user: nobody}}]";
        std::fs::write(&contexts, text).unwrap();
        let configs = Kubeconfigs::load(&[contexts.clone(), clusters]);
        let all = configs.contexts();
        assert_eq!(all[0].server, "https://one.example.com");
        assert_eq!(all[0].notes, [Note::Incomplete], "its user is nowhere");
        let merged =
            configs.merged(&ContextKey { file: contexts, name: "far".to_owned() }).unwrap();
        assert_eq!(merged.clusters.len(), 1, "one configuration to use it with");
    }

    #[test]
    fn what_should_be_pointed_out_is() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("config");
        let text = "
contexts: [{name: a, context: {cluster: a, user: a}}]
clusters: [{name: a, cluster: {server: 'http://a', insecure-skip-tls-verify: true, proxy-url: 'http://p:1'}}]
users:
- name: a
  user:
    as: root
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: ./bin/login
      args: [get-token]
      env: [{name: PROFILE, value: shop}]
      interactiveMode: Always
";
        std::fs::write(&path, text).unwrap();
        let context = Kubeconfigs::load(&[path]).contexts().remove(0);
        let expect = [Note::NoCertificateCheck, Note::PlainHttp, Note::Impersonates];
        assert_eq!(context.notes, expect);
        assert_eq!(context.proxy.as_deref(), Some("http://p:1"));
        let program = context.program.unwrap();
        assert!(program.needs_terminal, "{program:?}");
        assert_eq!(program.environment, [("PROFILE".to_owned(), "shop".to_owned())]);
        let below = folder.path().join("bin").join("login");
        assert_eq!(Path::new(&program.command), below, "relative to its file");
    }

    #[test]
    fn a_half_written_file_keeps_the_last_good_state() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("config");
        std::fs::write(&path, config(&["one"])).unwrap();
        let mut configs = Kubeconfigs::load(std::slice::from_ref(&path));
        assert!(!configs.poll(), "nothing changed");
        let whole = config(&["one", "two"]);
        for (text, problem) in [("contexts: [", true), ("", true), (whole.as_str(), false)] {
            std::fs::write(&path, text).unwrap();
            configs.poll();
            assert!(names(&configs).contains(&"one".to_owned()), "after {text:?}");
            configs.poll();
            assert!(names(&configs).contains(&"one".to_owned()), "after {text:?}, settled");
            assert_eq!(
                !configs.problems().is_empty(),
                problem,
                "{text:?}: {:?}",
                configs.problems()
            );
        }
        assert_eq!(names(&configs), ["one", "two"], "the whole one is taken");
        std::fs::remove_file(&path).unwrap();
        configs.poll();
        configs.poll();
        assert!(names(&configs).is_empty(), "a file that is gone has no contexts");
    }

    #[test]
    fn a_rotated_token_is_noticed() {
        let folder = TempDir::new().unwrap();
        let (path, token) = (folder.path().join("config"), folder.path().join("token"));
        std::fs::write(&token, "one").unwrap();
        let text = config(&["one"]).replace("token: secret-one", "tokenFile: token");
        std::fs::write(&path, text).unwrap();
        let mut configs = Kubeconfigs::load(&[path]);
        assert!(!configs.poll(), "nothing changed");
        std::fs::write(&token, "another").unwrap();
        assert!(configs.poll(), "the file it points at did");
        assert!(!configs.poll(), "once");
    }
}
