//! The words of the command line. Help texts are the documentation comments.

mod calendar;
mod cluster;
mod forecast;
mod playbook;
pub mod retro;
pub mod skills;
pub mod sprint;
mod work;

pub use calendar::{Calendar, CalendarCommand, CalendarSet};
pub use cluster::{Access, Cluster, Kubeconfig, Map, Reach, Verify, WriterRule};
pub use forecast::Forecast;
pub use playbook::Playbook;
pub use retro::{Retro, RetroExport, SprintDocument};
pub use skills::Skills;
pub use sprint::Sprint;
pub use work::{Block, Check, ResultWord, ScopeWord, Service, ServiceEdits, ServicesCommand};

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Follow services into continuous delivery on Kubernetes.
///
/// Without a command, the desktop app opens. Exit codes: 0 done, 1 done with findings or only in
/// part, 2 refused; then nothing was changed.
#[derive(Debug, Parser)]
#[command(name = "pilotage", version, max_term_width = 100)]
pub struct Cli {
    /// For every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Heading of the options that every command has.
const EVERYWHERE: &str = "Options of every command";

/// Options of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// The programme's file.
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = EVERYWHERE,
        help = "The programme's file [env: PILOTAGE_WORKSPACE] [default: programme.pilotage in the app's data folder]"
    )]
    pub workspace: Option<PathBuf>,
    /// Who is working, this once: a name, or "Name <e-mail>"; a new name is added
    #[arg(long = "as", global = true, value_name = "PERSON", help_heading = EVERYWHERE)]
    pub acting_as: Option<String>,
    /// Print JSON: the answer on standard output, errors on standard error
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub json: bool,
    /// Where this device keeps its own notes; `PILOTAGE_DATA_FOLDER` says it too
    #[arg(long, global = true, value_name = "DIR", hide = true)]
    pub data_folder: Option<PathBuf>,
    /// Work on an invented programme that is gone afterwards
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub sample: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new programme
    Init(Init),
    /// Import services and dependencies from files
    Import(Import),
    /// List services and everything else of the inventory; add, merge and split them
    Services(Services),
    /// Show one service, or change one or several
    Service(Box<Service>),
    /// Attest, waive and list checks
    #[command(subcommand)]
    Check(Check),
    /// Show the playbook, try another one, adopt it
    #[command(subcommand)]
    Playbook(Playbook),
    /// Open, close and list blockers
    #[command(subcommand)]
    Block(Block),
    /// Plan sprints, start and end them, and change their scope
    #[command(subcommand)]
    Sprint(Sprint),
    /// Show what the team can do alone, who did what, and report an expert's hours
    Skills(Skills),
    /// Look back on a sprint: facts, notes, actions
    #[command(subcommand)]
    Retro(Retro),
    /// Take an action back; the log keeps both
    Undo(Undo),
    /// Add and list people, and say who is working here
    #[command(subcommand)]
    Person(Person),
    /// Show the programme's settings, or change them
    Settings(Settings),
    /// Show which days are worked, or change working days, holidays, pauses and capacity
    Calendar(Calendar),
    /// Say when the rest will be done, how sure that is, and whether earlier forecasts held; from
    /// counts in a file it needs no programme
    Forecast(Forecast),
    /// Look at clusters as they are now: health, workloads, writers; needs no programme, but for `map`
    #[command(subcommand)]
    Cluster(Cluster),
    /// Judge the playbook's checks on clusters, and record what has held
    Verify(Verify),
    /// Write a report
    #[command(subcommand)]
    Report(Report),
    /// Write the whole programme, with its log, as one JSON document, or tables of it as CSV
    Export(Export),
    /// Copy the programme, list and restore copies, look for damage
    #[command(subcommand)]
    Backup(Backup),
    /// Run commands from standard input, one JSON object a line
    Batch,
}

/// Whether a command may change the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// It looks only.
    Look,
    /// It may change something.
    Change,
}

impl Command {
    /// The same for commands on clusters.
    pub fn purpose_of(cluster: &Cluster) -> Purpose {
        match cluster {
            Cluster::Map(map) if map.confirm || map.to.is_some() => Purpose::Change,
            Cluster::CutOver { .. } | Cluster::Rule(_) | Cluster::Pipeline { .. } => {
                Purpose::Change
            }
            _ => Purpose::Look,
        }
    }

    /// Whether it may change the programme: only then a new `--as` becomes a person of it.
    pub fn purpose(&self) -> Purpose {
        let looks = match self {
            Self::Services(services) => services.command.is_none(),
            Self::Cluster(cluster) => return Self::purpose_of(cluster),
            Self::Forecast(_) | Self::Verify(_) | Self::Export(_) | Self::Backup(_) => true,
            Self::Report(report) => !matches!(report, Report::Freeze { .. }),
            Self::Import(import) => import.dry_run || import.other.is_some(),
            Self::Service(service) => service.edits.are_none(),
            Self::Check(check) => matches!(check, Check::List { .. } | Check::Requests),
            Self::Playbook(playbook) => !matches!(playbook, Playbook::Adopt { .. }),
            Self::Block(block) => matches!(block, Block::List),
            Self::Sprint(sprint) => matches!(sprint, Sprint::List | Sprint::Show { .. }),
            Self::Skills(skills) => skills.looks(),
            Self::Retro(retro) => retro.looks(),
            Self::Person(person) => matches!(person, Person::List),
            Self::Settings(settings) => settings.set.is_none(),
            Self::Calendar(calendar) => calendar.set.is_none(),
            Self::Init(_) | Self::Undo(_) | Self::Batch => false,
        };
        if looks { Purpose::Look } else { Purpose::Change }
    }
}

/// `init`.
#[derive(Debug, Args)]
pub struct Init {
    /// Name of the programme
    #[arg(long, default_value = "New programme")]
    pub name: String,
    /// IANA time zone, such as Europe/Berlin [default: this device's]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// JSON export to make it from: the same programme, with its whole log
    #[arg(long, value_name = "EXPORT", conflicts_with_all = ["name", "time_zone"])]
    pub from: Option<PathBuf>,
}

/// `import`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct Import {
    /// Compose files, merged in this order; Backstage catalogues; tables (CSV); Kubernetes
    /// manifests, or folders of them; or one JSON export of this programme
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What the files are [default: recognised by content]
    #[arg(long, value_name = "FORMAT", value_parser = ["compose", "backstage", "csv", "manifests", "pilotage"])]
    pub format: Option<String>,
    /// CSV: what a column holds, by its title; `COLUMN=` leaves it out. May be repeated
    #[arg(long = "map", value_name = "COLUMN=FIELD")]
    pub columns: Vec<String>,
    /// Take the file's value of a field that was edited here; `all` takes every one. May be repeated
    #[arg(long, value_name = "SERVICE.FIELD")]
    pub take: Vec<String>,
    /// File of variables, besides `.env` next to the first compose file
    #[arg(long = "env-file", value_name = "FILE")]
    pub env_files: Vec<PathBuf>,
    /// Profile to take; without any, every service is taken
    #[arg(long = "profile", value_name = "PROFILE")]
    pub profiles: Vec<String>,
    /// Say what would happen, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Something beside an import.
    #[command(subcommand)]
    pub other: Option<ImportCommand>,
}

/// Below `import`.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Print an empty table (CSV) with every column that can be imported
    Template {
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

/// `services`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Services {
    /// Only this class: service, datastore, platform, load generator, external
    #[arg(long)]
    pub class: Option<String>,
    /// Only this stage, by id or title; `none` before the first
    #[arg(long)]
    pub stage: Option<String>,
    /// Only blocked ones
    #[arg(long)]
    pub blocked: bool,
    /// Only this team
    #[arg(long)]
    pub team: Option<String>,
    /// Only this tag
    #[arg(long)]
    pub tag: Option<String>,
    /// Archived ones too
    #[arg(long)]
    pub archived: bool,
    /// Add, merge or split instead of listing.
    #[command(subcommand)]
    pub command: Option<ServicesCommand>,
}

/// `undo`.
#[derive(Debug, Args)]
pub struct Undo {
    /// Id of the action [default: the acting person's last one on this device]
    pub action: Option<String>,
}

/// `person`.
#[derive(Debug, Subcommand)]
pub enum Person {
    /// Add a person
    Add {
        /// Name; unique, without regard to case
        name: String,
        /// E-mail
        #[arg(long)]
        email: Option<String>,
    },
    /// List people
    List,
    /// Say how a person stands to the team
    Set(PersonSet),
    /// Say who is working on this device from now on
    ActAs {
        /// Name or id of a person of the programme
        name: String,
    },
}

/// `person set`.
#[derive(Debug, Args)]
pub struct PersonSet {
    /// Name or id of a person of the programme
    pub name: String,
    /// An expert from outside the team: guides by declaration, and reports hours
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    pub outside: Option<bool>,
    /// Wants to lead sprints
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    pub willing: Option<bool>,
    /// Others may see the person's own assessment; each says it for himself
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    pub open_assessment: Option<bool>,
}

fn yes_or_no(entered: &str) -> Result<bool, String> {
    match entered {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err("must be yes or no".to_owned()),
    }
}

/// `backup`.
#[derive(Debug, Subcommand)]
pub enum Backup {
    /// List the backups, newest first
    List,
    /// Make a backup now
    Create,
    /// Put a backup in the place of the programme, which is backed up before
    Restore {
        /// Name of the backup, as listed
        name: String,
    },
    /// Look at the whole file for damage
    Check,
}

/// `settings`.
#[derive(Debug, Args)]
pub struct Settings {
    /// Change instead of show.
    #[command(subcommand)]
    pub set: Option<SettingsCommand>,
}

/// Below `settings`.
#[derive(Debug, Subcommand)]
pub enum SettingsCommand {
    /// Change settings
    Set(SettingsSet),
}

/// `settings set`.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub struct SettingsSet {
    /// New name of the programme
    #[arg(long)]
    pub name: Option<String>,
    /// New IANA time zone
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Day by which the programme wants to be done, or `none`
    #[arg(long, value_name = "DAY")]
    pub deadline: Option<String>,
    /// Id of the stage that counts as done
    #[arg(long, value_name = "STAGE")]
    pub done_stage: Option<String>,
    /// Whether the CTO's page may name people
    #[arg(long, value_name = "YES|NO", value_parser = yes_or_no)]
    pub names_on_progress: Option<bool>,
}

/// `report`.
#[derive(Debug, Subcommand)]
pub enum Report {
    /// Where the programme stands
    Progress {
        /// Form of the report [default: by the ending of FILE, else md]
        #[arg(long)]
        format: Option<FormatWord>,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
        /// As it stood at the end of a past day, by what is known today
        #[arg(long, value_name = "DAY")]
        at: Option<String>,
        /// Only by what had been recorded by the end of that day
        #[arg(long, requires = "at")]
        as_known: bool,
    },
    /// A sprint: its services, its scope, its days
    Sprint(SprintDocument),
    /// The retrospective of a sprint
    Retro(RetroExport),
    /// Freeze the progress report as it is now, and keep its forecast
    Freeze {
        /// What there is to say
        #[arg(long)]
        note: Option<String>,
    },
    /// List frozen reports, or render one again from the log as it was
    Frozen {
        /// Id of a frozen report, or its beginning
        id: Option<String>,
        /// Form of the report [default: by the ending of FILE, else md]
        #[arg(long, requires = "id")]
        format: Option<FormatWord>,
        /// Write to this file instead of standard output
        #[arg(long, value_name = "FILE", requires = "id")]
        output: Option<PathBuf>,
    },
}

/// Form of a report.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum FormatWord {
    /// Markdown
    Md,
    /// One self-contained page
    Html,
    /// JSON
    Json,
    /// A spreadsheet's rows
    Csv,
}

/// `export`.
#[derive(Debug, Args)]
pub struct Export {
    /// json: everything, with the log; it can be imported again. csv: one table [default: by what is
    /// asked for or the ending of FILE, else json]
    #[arg(long)]
    pub format: Option<ExportFormatWord>,
    /// Which table, for csv [default: services]
    #[arg(long)]
    pub what: Option<TableWord>,
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Form of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormatWord {
    /// JSON
    Json,
    /// A spreadsheet's rows
    Csv,
}

/// A table of an export.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum TableWord {
    /// Services: every field, stage, progress, blockers, scope
    Services,
    /// Dependencies with their evidence
    Dependencies,
    /// Every check of every service
    Checks,
    /// Every write of the log
    Log,
}
