//! The contract of connection, lists and watches.
//!
//! Most cases need faults before the server, or a clock of the test's own, and so the simulated
//! server. The cases of `any` hold for every server: they run on the simulated one, or on that which
//! `PILOTAGE_TEST_KUBECONFIG` names. What cannot run is said, with the reason, and counts as not run.

#![expect(clippy::unwrap_used, reason = "a step that fails ends the case and says why")]

/// Names the cases of a module that need the simulated server. One that is forgotten is unused code,
/// and so found by the compiler.
macro_rules! staged {
    ($($kind:ident: $($name:ident),+;)+) => {
        pub const CASES: &[crate::Declared] = &[$($(crate::Declared {
            name: concat!(module_path!(), "::", stringify!($name)),
            body: crate::Body::$kind(|| Box::pin($name())),
        },)+)+];
    };
}

/// The same for cases of any server.
macro_rules! on_any {
    ($list:ident: $($name:ident),+) => {
        pub const $list: &[crate::Declared] = &[$(crate::Declared {
            name: concat!(module_path!(), "::", stringify!($name)),
            body: crate::Body::Any(|server| Box::pin($name(server))),
        },)+];
    };
}

mod any;
mod common;
mod harness;
mod identity;
mod living;
mod server;
#[cfg(unix)]
mod signing_in;
mod watching;

use futures_util::future::LocalBoxFuture;
use harness::{Asked, Case, list, run};
use server::{NotRun, Server, Tried, VARIABLE};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::OnceLock;
use tokio::runtime::{Builder, Runtime};

/// A case and what it needs.
pub struct Declared {
    name: &'static str,
    body: Body,
}

/// What a case needs.
pub enum Body {
    /// The simulated server with faults before it, and a clock of its own.
    Paused(fn() -> LocalBoxFuture<'static, ()>),
    /// The simulated server with faults before it, by the real clock.
    Real(fn() -> LocalBoxFuture<'static, ()>),
    /// Any server.
    Any(for<'s> fn(&'s Server) -> LocalBoxFuture<'s, Tried>),
}

/// The server of a run, opened when the first case asks for it.
struct Lazy {
    named: Option<PathBuf>,
    /// Keeps what the server does by itself.
    runtime: Runtime,
    server: OnceLock<Server>,
}

impl Lazy {
    fn get(&self) -> &Server {
        self.server.get_or_init(|| self.runtime.block_on(Server::open(self.named.clone())))
    }
}

fn case<'a>(declared: &Declared, lazy: &'a Lazy) -> Case<'a> {
    let needs_faults = lazy
        .named
        .as_ref()
        .map(|_| "it needs faults before the server, which only the simulated one has".to_owned());
    let name = declared.name.split_once("::").map_or(declared.name, |(_, name)| name).to_owned();
    match declared.body {
        Body::Paused(start) => {
            let run = move || {
                let runtime = Builder::new_current_thread().enable_all().start_paused(true).build();
                runtime.expect("a runtime").block_on(start());
                Ok(())
            };
            Case { name, not_here: needs_faults, run: Box::new(run) }
        }
        Body::Real(start) => {
            let run = move || {
                Runtime::new().expect("a runtime").block_on(start());
                Ok(())
            };
            Case { name, not_here: needs_faults, run: Box::new(run) }
        }
        Body::Any(start) => {
            let run = move || {
                let server = lazy.get();
                let tried = Runtime::new().expect("a runtime").block_on(start(server));
                tried.map_err(|NotRun(why)| why)
            };
            Case { name, not_here: None, run: Box::new(run) }
        }
    }
}

fn main() -> ExitCode {
    let asked = Asked::read(std::env::args().skip(1));
    let named = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()).map(PathBuf::from);
    let lazy = Lazy { named, runtime: Runtime::new().expect("a runtime"), server: OnceLock::new() };
    let modules: &[&[Declared]] = &[
        any::CASES,
        identity::CASES,
        living::CASES,
        #[cfg(unix)]
        signing_in::CASES,
        watching::CASES,
    ];
    let declared = modules.iter().copied().flatten();
    let cases: Vec<Case<'_>> = declared.map(|one| case(one, &lazy)).collect();
    // What looks for remains comes when all else is done.
    let last: Vec<Case<'_>> = any::LAST.iter().map(|one| case(one, &lazy)).collect();
    let mut out = std::io::stdout();
    if asked.list {
        list(&cases, &asked, &mut out);
        list(&last, &asked, &mut out);
        return ExitCode::SUCCESS;
    }
    match &lazy.named {
        None => println!("on the simulated server; {VARIABLE} names another"),
        Some(path) => println!("on the server of {} ({VARIABLE})", path.display()),
    }
    let workers = std::thread::available_parallelism().map_or(1, |count| count.get().min(4));
    let counts = run(&cases, &asked, workers, &mut out) + run(&last, &asked, 1, &mut out);
    println!("\n{counts}");
    if counts.is_success(&asked) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
