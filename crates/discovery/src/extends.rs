//! `extends`: a service that begins as a copy of another, in this file or another one.

use std::path::PathBuf;
use std::rc::Rc;

use crate::document::{Document, Service};
use crate::error::DiscoveryError;
use crate::load::{Loader, Model, Scope};
use crate::merge::{merge_service, settle};
use crate::names::shown;
use crate::node::{At, Content, Directive, Node, Weight};
use crate::paths::{absolute, folder, is_remote};

/// Steps from one service to the one it finally comes from.
const MAX_STEPS: usize = 64;

/// What is being resolved: the path from the first service to the current one.
type Chain = Vec<(PathBuf, String)>;

impl Loader {
    /// A service of a document with everything it inherits and without directives; nothing if the
    /// document removes it. `model` holds what earlier files and includes say.
    pub(crate) fn extended(
        &mut self,
        document: &Rc<Document>,
        name: &str,
        scope: &Scope,
        model: &Model,
    ) -> Result<Option<Node>, DiscoveryError> {
        let Some(service) = document.services.get(name) else {
            return Ok(None);
        };
        let mut chain = vec![(document.path.clone(), name.to_owned())];
        self.resolve(document, name, service, scope, model, &mut chain)
    }

    fn resolve(
        &mut self,
        document: &Rc<Document>,
        name: &str,
        service: &Service,
        scope: &Scope,
        model: &Model,
        chain: &mut Chain,
    ) -> Result<Option<Node>, DiscoveryError> {
        if service.node.directive == Directive::Reset {
            return Ok(None);
        }
        let mut own = service.node.clone();
        let Some(extends) = take_extends(&mut own) else {
            return Ok(Some(own));
        };
        self.session.spend_nodes(Weight::of(&own).nodes, service.at)?;
        let Some(base_name) = extends.text().or_else(|| extends.text_of("service")) else {
            let reason = "`extends` must name a service. The service is listed without what it would inherit.";
            self.session.reject(&format!("{name} extends ?"), extends.at, reason);
            return Ok(Some(own));
        };
        let base_name = base_name.trim();
        let file = extends.text_of("file");
        let base = match self.base(document, base_name, file, scope, model, extends.at, chain) {
            Ok(base) => base,
            Err(Failure::Whole(error)) => return Err(error),
            Err(Failure::Entry(problem)) => {
                let subject = format!("{name} extends {base_name}");
                let reason =
                    format!("{problem} The service is listed without what it would inherit.");
                self.session.reject(&subject, extends.at, reason);
                return Ok(Some(own));
            }
        };
        self.session.spend_nodes(Weight::of(&base).nodes, extends.at)?;
        // The service's own directives are settled here; its merge with earlier files starts clean.
        Ok(merge_service(base, own))
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one step of a recursion; a struct would only rename the arguments"
    )]
    fn base(
        &mut self,
        document: &Rc<Document>,
        name: &str,
        file: Option<&str>,
        scope: &Scope,
        model: &Model,
        at: At,
        chain: &mut Chain,
    ) -> Result<Node, Failure> {
        let document = match file {
            None => Rc::clone(document),
            Some(file) => self.base_document(document, file, scope, at)?,
        };
        let step = (document.path.clone(), name.to_owned());
        if let Some(start) = chain.iter().position(|earlier| *earlier == step) {
            let mut names: Vec<_> = chain.iter().skip(start).map(|(_, name)| shown(name)).collect();
            names.push(shown(name));
            return Err(Failure::Whole(DiscoveryError::ExtendsCycle {
                file: self.session.shown(at.file).to_owned(),
                line: at.line,
                circle: names.join(" → "),
            }));
        }
        if chain.len() >= MAX_STEPS {
            let limit = format!("`extends` runs over more than {MAX_STEPS} steps");
            return Err(Failure::Whole(self.session.limit(at, limit)));
        }
        let Some(service) = document.services.get(name) else {
            let known = model.services.get(name).filter(|_| file.is_none());
            return known.map(|service| service.node.clone()).ok_or_else(|| {
                Failure::Entry(format!("There is no service {} to inherit from.", shown(name)))
            });
        };
        chain.push(step);
        let base = self.resolve(&document, name, service, scope, model, chain)?;
        chain.pop();
        base.map(settle).ok_or_else(|| {
            Failure::Entry(format!("The service {} is removed by `!reset`.", shown(name)))
        })
    }

    fn base_document(
        &mut self,
        document: &Rc<Document>,
        file: &str,
        scope: &Scope,
        at: At,
    ) -> Result<Rc<Document>, Failure> {
        if is_remote(file) {
            let problem = "The file lies on another machine and is not fetched.";
            return Err(Failure::Entry(problem.to_owned()));
        }
        let path = absolute(&folder(&document.path).join(file));
        if path == document.path {
            return Ok(Rc::clone(document));
        }
        self.check_link(&path).map_err(Failure::Entry)?;
        match self.document(&path, &folder(&path), scope, at) {
            Err(DiscoveryError::FileMissing { file }) => {
                Err(Failure::Entry(format!("{file} does not exist.")))
            }
            other => Ok(other?),
        }
    }
}

enum Failure {
    /// Spoils this entry only.
    Entry(String),
    Whole(DiscoveryError),
}

impl From<DiscoveryError> for Failure {
    fn from(error: DiscoveryError) -> Self {
        Self::Whole(error)
    }
}

fn take_extends(service: &mut Node) -> Option<Node> {
    let Content::Map(entries) = &mut service.content else {
        return None;
    };
    let position = entries.iter().position(|entry| entry.key == "extends")?;
    let extends = entries.remove(position).value;
    (!extends.is_null() && extends.directive != Directive::Reset).then_some(extends)
}
