//! From the request to one merged model: files in order, each with its `include` and `extends`.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::discovered::ComposeRequest;
use crate::document::{Document, Service};
use crate::environment::{Environment, Presence};
use crate::error::DiscoveryError;
use crate::merge::{merge_service, settle};
use crate::node::{At, Content, Node};
use crate::paths::{absolute, folder, is_remote};
use crate::report::Session;

/// Files that include files.
const MAX_INCLUDE_STEPS: usize = 32;

/// Every service after all merging. No directive and no `extends` is left in it.
#[derive(Default)]
pub(crate) struct Model {
    pub(crate) services: BTreeMap<String, Service>,
}

/// The setting in which a group of files is read: the project, or one `include` of it.
pub(crate) struct Scope {
    /// What relative build contexts count from, absolute.
    pub(crate) folder: PathBuf,
    environment: Rc<Environment>,
    /// Tells environments apart in the cache of documents.
    number: usize,
}

pub(crate) struct Loader {
    pub(crate) session: Session,
    documents: HashMap<(PathBuf, PathBuf, usize), Rc<Document>>,
    scopes: usize,
    /// The includes around the current file.
    including: Vec<PathBuf>,
}

/// Reads everything the request names.
pub(crate) fn load(request: &ComposeRequest) -> Result<(Model, Session), DiscoveryError> {
    let paths: Vec<PathBuf> = request.files.iter().map(|path| absolute(path)).collect();
    let Some(first) = paths.first() else {
        return Err(DiscoveryError::NoFile);
    };
    let root = folder(first);
    let mut loader = Loader {
        session: Session::new(root.clone()),
        documents: HashMap::new(),
        scopes: 0,
        including: Vec::new(),
    };
    let mut files = vec![(root.join(".env"), Presence::Optional)];
    files.extend(request.env_files.iter().map(|path| (absolute(path), Presence::Required)));
    let environment = Environment::read(&files, None, &mut loader.session)?;
    let scope = loader.scope(root, environment);
    let at = At { file: loader.session.file(first), line: 1 };
    let model = loader.model(&paths, &scope, at)?;
    Ok((model, loader.session))
}

impl Loader {
    fn scope(&mut self, folder: PathBuf, environment: Environment) -> Scope {
        self.scopes += 1;
        Scope { folder, environment: Rc::new(environment), number: self.scopes }
    }

    /// Merges files in order. `at` is what asked for them.
    fn model(&mut self, paths: &[PathBuf], scope: &Scope, at: At) -> Result<Model, DiscoveryError> {
        let mut model = Model::default();
        for path in paths {
            let document = self.document(path, &scope.folder, scope, at)?;
            self.including.push(path.clone());
            for include in &document.includes {
                self.include(include, &document, scope, &mut model)?;
            }
            self.including.pop();
            for (name, service) in &document.services {
                let node = self.extended(&document, name, scope, &model)?;
                lay(&mut model, name, service.at, node);
            }
        }
        Ok(model)
    }

    /// A document, read once per folder and environment.
    pub(crate) fn document(
        &mut self,
        path: &Path,
        folder: &Path,
        scope: &Scope,
        at: At,
    ) -> Result<Rc<Document>, DiscoveryError> {
        let key = (path.to_owned(), folder.to_owned(), scope.number);
        if let Some(document) = self.documents.get(&key) {
            return Ok(Rc::clone(document));
        }
        self.session.spend_file(at)?;
        let document =
            Rc::new(Document::read(path, folder, &scope.environment, &mut self.session)?);
        self.documents.insert(key, Rc::clone(&document));
        Ok(document)
    }

    fn include(
        &mut self,
        include: &Node,
        document: &Document,
        scope: &Scope,
        model: &mut Model,
    ) -> Result<(), DiscoveryError> {
        let home = folder(&document.path);
        let written = match &include.content {
            Content::Map(_) => include.get("path").map(Node::texts).unwrap_or_default(),
            _ => include.texts(),
        };
        if written.is_empty() {
            let reason = "An entry of `include` must name a file: write its path.";
            self.session.reject("include", include.at, reason);
            return Ok(());
        }
        let mut paths = Vec::new();
        for (text, at) in &written {
            let path = absolute(&home.join(text.trim()));
            if let Some(problem) = self.include_problem(text, &path) {
                self.session.reject(&format!("include {text}"), *at, problem);
                return Ok(());
            }
            self.check_circle(&path, *at)?;
            paths.push(path);
        }
        self.session.spend_file(include.at)?;
        let project = match (include.text_of("project_directory"), paths.first()) {
            (Some(named), _) => absolute(&home.join(named)),
            (None, Some(first)) => folder(first),
            (None, None) => home.clone(),
        };
        let files = env_files(include, &home, &project);
        let environment = Environment::read(&files, Some(&scope.environment), &mut self.session)?;
        let inner = self.scope(project, environment);
        let included = self.model(&paths, &inner, include.at)?;
        self.take(included, include.at, model);
        Ok(())
    }

    /// Adds included services. The same service over two ways is one; two different ones of one
    /// name are a conflict, as in Compose.
    fn take(&mut self, included: Model, at: At, model: &mut Model) {
        for (name, service) in included.services {
            match model.services.get(&name) {
                None => {
                    model.services.insert(name, service);
                }
                Some(known) if known.at == service.at => {}
                Some(known) => {
                    let reason = format!(
                        "The include in {} brings a second service of this name; the one in {} is kept. Rename one of the two.",
                        self.session.words(at),
                        self.session.words(known.at)
                    );
                    self.session.reject(&name, service.at, reason);
                }
            }
        }
    }

    fn include_problem(&self, text: &str, path: &Path) -> Option<String> {
        if text.trim().is_empty() {
            return Some("The path is empty after its variables were replaced.".to_owned());
        }
        if is_remote(text) {
            return Some("The file lies on another machine and is not fetched.".to_owned());
        }
        if !path.exists() {
            return Some("The file does not exist. Check the path.".to_owned());
        }
        self.check_link(path).err()
    }

    /// A link may not lead out of the project's folder.
    pub(crate) fn check_link(&self, path: &Path) -> Result<(), String> {
        if !path.is_symlink() {
            return Ok(());
        }
        let inside = match (path.canonicalize(), self.session.root().canonicalize()) {
            (Ok(target), Ok(root)) => target.starts_with(root),
            _ => false,
        };
        if inside {
            return Ok(());
        }
        Err("The file is a link that leads out of the project's folder; it is not followed."
            .to_owned())
    }

    fn check_circle(&mut self, path: &Path, at: At) -> Result<(), DiscoveryError> {
        if let Some(start) = self.including.iter().position(|earlier| earlier == path) {
            let mut circle = Vec::new();
            for step in
                self.including.clone().iter().skip(start).map(PathBuf::as_path).chain([path])
            {
                let id = self.session.file(step);
                circle.push(self.session.shown(id).to_owned());
            }
            return Err(DiscoveryError::IncludeCycle {
                file: self.session.shown(at.file).to_owned(),
                line: at.line,
                circle: circle.join(" → "),
            });
        }
        if self.including.len() >= MAX_INCLUDE_STEPS {
            let limit = format!("`include` runs over more than {MAX_INCLUDE_STEPS} steps");
            return Err(self.session.limit(at, limit));
        }
        Ok(())
    }
}

/// Lays one file's version of a service on what the model has.
fn lay(model: &mut Model, name: &str, at: At, node: Option<Node>) {
    let earlier = model.services.remove(name);
    let merged = match (earlier, node) {
        (_, None) => None,
        (None, Some(node)) => Some(Service { at, node: settle(node) }),
        (Some(earlier), Some(node)) => {
            merge_service(earlier.node, node).map(|node| Service { at: earlier.at, node })
        }
    };
    if let Some(service) = merged {
        model.services.insert(name.to_owned(), service);
    }
}

fn env_files(include: &Node, home: &Path, project: &Path) -> Vec<(PathBuf, Presence)> {
    match include.get("env_file").filter(|named| !named.is_null()) {
        None => vec![(project.join(".env"), Presence::Optional)],
        Some(named) => named
            .texts()
            .into_iter()
            .map(|(text, _)| text.trim())
            // The usual way to say "no env file".
            .filter(|text| !text.is_empty() && *text != "/dev/null")
            .map(|text| (absolute(&home.join(text)), Presence::Optional))
            .collect(),
    }
}
