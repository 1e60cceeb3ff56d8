//! `pilotage`, the command line: words in, one call through `pilotage_api`, text or JSON out. It
//! links no window library, so that it runs on a build server. Without a command it starts the
//! desktop app.
//!
//! What is deliberately absent: SQL, decisions about stages, and any sentence that the window
//! would have to say differently: those come from `api`.

mod backup;
mod batch;
mod blockers;
mod calendar;
mod checks;
mod cluster;
mod deployments;
mod documents;
mod forecast;
mod importing;
mod mapping;
mod people;
mod playbook;
mod print;
mod programme;
mod retro;
mod service;
mod services;
mod session;
mod skills;
mod sprints;
mod verify;
mod window;
mod writers;

use args::{Cli, Command, Global};
use clap::Parser as _;
use clap::error::ErrorKind;
use pilotage_api::{ApiError, Code};
use pilotage_cli::args;
use print::{Answer, Form};
use session::Session;
use std::process::ExitCode;

fn main() -> ExitCode {
    show_log_where_asked();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse_arguments(&error),
    };
    let form = Form::of(&cli.global);
    print::finish(form, start(&cli))
}

fn start(cli: &Cli) -> Result<Answer, ApiError> {
    let Some(command) = &cli.command else {
        return window::open(&cli.global);
    };
    // One command, then the end: a second thread would only cost time to start.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| {
        ApiError::new(Code::Internal, "The system gives this program no resources to start.")
            .with("detail", error)
    })?;
    runtime.block_on(Box::pin(run(&cli.global, command)))
}

async fn run(global: &Global, command: &Command) -> Result<Answer, ApiError> {
    if let Command::Init(new) = command {
        return programme::init(global, new).await;
    }
    if let Command::Forecast(request) = command
        && let Some(answer) = forecast::from_file(global, request)
    {
        return answer;
    }
    if let Command::Cluster(command) = command {
        return cluster::cluster(global, command).await;
    }
    if let Command::Verify(request) = command {
        return verify::verify(global, request).await;
    }
    let session = Session::open(global, command.purpose()).await?;
    let answer = Box::pin(dispatch(&session, command)).await;
    session.close().await;
    answer
}

async fn dispatch(session: &Session, command: &Command) -> Result<Answer, ApiError> {
    match command {
        Command::Init(_) | Command::Cluster(_) | Command::Verify(_) => Ok(Answer::nothing()),
        Command::Forecast(request) => forecast::of_programme(session, request).await,
        Command::Import(request) => importing::import(session, request).await,
        Command::Services(filter) => services::services(session, filter).await,
        Command::Service(request) => service::service(session, request).await,
        Command::Check(check) => checks::check(session, check).await,
        Command::Playbook(playbook) => playbook::playbook(session, playbook).await,
        Command::Block(block) => blockers::block(session, block).await,
        Command::Sprint(sprint) => sprints::sprint(session, sprint).await,
        Command::Skills(words) => skills::skills(session, words).await,
        Command::Retro(command) => retro::retro(session, command).await,
        Command::Undo(undo) => programme::undo(session, undo).await,
        Command::Person(person) => people::person(session, person).await,
        Command::Settings(settings) => programme::settings(session, settings).await,
        Command::Calendar(words) => calendar::calendar(session, words).await,
        Command::Report(report) => documents::report(session, report).await,
        Command::Export(export) => documents::export(session, export).await,
        Command::Backup(backup) => backup::backup(session, backup).await,
        Command::Batch => batch::batch(session).await,
    }
}

/// Wrong words on the command line; help and version are no error.
fn refuse_arguments(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        return print::finish(Form::Human, Ok(Answer::text(text)));
    }
    let asks_for_json =
        std::env::args_os().take_while(|word| word != "--").any(|word| word == "--json");
    if !asks_for_json {
        print::complain(&text);
        return ExitCode::from(print::WRONG_USE);
    }
    // What follows the first sentence is usage: for people.
    let sentence = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = sentence.trim_start_matches("error: ").split_whitespace().collect();
    let error = ApiError::new(Code::ArgumentsInvalid, words.join(" "));
    print::finish(Form::Json, Err(error))
}

/// Nothing but answers and errors is printed, unless somebody looks for a defect.
fn show_log_where_asked() {
    if let Ok(filter) = tracing_subscriber::EnvFilter::try_from_env("PILOTAGE_LOG") {
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    }
}
