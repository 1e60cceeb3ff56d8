// Generated from the command table in crates/api/src/commands.rs by `cargo xtask types`.
// Do not edit: change the table.

/**
 * An action.
 */
export type ActionView = { 
/**
 * Id.
 */
id: string, 
/**
 * What is to be done.
 */
text: string, 
/**
 * Who does it; none where he left.
 */
owner: PersonRef | null, 
/**
 * Name of the sprint in which it is due; none: the one after.
 */
due_sprint: PersonRef | null, 
/**
 * How the team will see that it worked.
 */
seen_by: string, 
/**
 * The metric that shall move.
 */
metric: MetricRef | null, 
/**
 * Where it shall go.
 */
direction: string | null, 
/**
 * `team`, `playbook`, `tool` or `outside`.
 */
target: string, 
/**
 * Notes it comes from.
 */
notes: Array<string>, 
/**
 * The insight it comes from.
 */
insight: string | null, 
/**
 * The action whose place it took.
 */
supersedes: string | null, 
/**
 * `open`, `done`, `dropped` or `superseded`.
 */
state: string, 
/**
 * Why it was dropped, or how it was done.
 */
reason: string, 
/**
 * How often it was carried on.
 */
carried: number, 
/**
 * Days since it was agreed on, up to when it was settled.
 */
age_days: number, 
/**
 * What this retrospective decided: `done`, `kept`, `dropped`, `superseded` or `undecided`.
 */
outcome: string, 
/**
 * The sprint whose retrospective agreed on it.
 */
from: string, };

/**
 * Adds an environment.
 */
export type AddEnvironment = { 
/**
 * Name, such as `staging`.
 */
name: string, };

/**
 * Adds a person.
 */
export type AddPerson = { 
/**
 * Name; unique in the programme, without regard to case.
 */
name: string, 
/**
 * E-mail.
 */
email: string | null, };

/**
 * Adds a service, or another node, by hand.
 */
export type AddService = { 
/**
 * Name; unique in the programme, without regard to case and separators.
 */
name: string, 
/**
 * Class; a service without one.
 */
class: string | null, };

/**
 * Adds a target to an environment.
 */
export type AddTarget = { 
/**
 * Environment id.
 */
environment: string, 
/**
 * Name of the kubeconfig context.
 */
context: string, 
/**
 * Namespaces; none means all.
 */
namespaces: Array<string>, };

/**
 * Adopts a playbook.
 */
export type AdoptPlaybook = { 
/**
 * The text.
 */
text: string, 
/**
 * The adoption that was on screen; another one since is refused.
 */
seen: string | null, 
/**
 * Ids of actions of retrospectives that this version is the answer to: open, with the playbook
 * as their target. They are done with it, and open again where it is undone.
 */
closes?: Array<string>, };

/**
 * A playbook as it was adopted.
 */
export type AdoptedText = { 
/**
 * The adoption.
 */
adoption: AdoptionView, 
/**
 * The text of then.
 */
text: string, };

/**
 * Which adoption.
 */
export type AdoptionRequest = { 
/**
 * Its id, as the history lists it.
 */
adoption: string, };

/**
 * One adoption.
 */
export type AdoptionView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Name of the playbook.
 */
name: string, 
/**
 * Version of the playbook.
 */
version: number, 
/**
 * When.
 */
at: string, 
/**
 * By whom.
 */
by: string, 
/**
 * Counted checks.
 */
counted: number, };

/**
 * A service that the playbook would move or mark.
 */
export type AffectedService = { 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Title of its stage now.
 */
from: string, 
/**
 * Title of its stage then.
 */
to: string, 
/**
 * True where it would climb, false where it would fall; nothing where it stays.
 */
up: boolean | null, 
/**
 * It would be re-proving and is not now.
 */
reproving: boolean, 
/**
 * Counted checks that pass, now and then.
 */
passed: [number, number], 
/**
 * Counted checks that apply, now and then.
 */
counted: [number, number], 
/**
 * Checks that make the difference, each with a sentence.
 */
why: Array<string>, };

/**
 * Agrees on an action.
 */
export type AgreeAction = { 
/**
 * Id or name of the sprint whose retrospective agrees on it.
 */
sprint: string, 
/**
 * What is to be done, beginning with a verb.
 */
text: string, 
/**
 * Who does it, by id or name.
 */
owner: string, 
/**
 * How the team will see that it worked.
 */
seen_by: string, 
/**
 * Id or name of the sprint in which it is due; without it, the one after.
 */
due_sprint?: string, 
/**
 * A metric that shall move.
 */
metric?: string, 
/**
 * `up` or `down`.
 */
direction?: string, 
/**
 * `team`, `playbook`, `tool` or `outside`.
 */
target?: string, 
/**
 * Notes it comes from.
 */
notes?: Array<string>, 
/**
 * The insight it comes from.
 */
insight?: string, 
/**
 * A new action that is dropped for it, where there are three already.
 */
instead_of?: string, 
/**
 * An action from before that is rewritten, smaller.
 */
supersedes?: string, };

/**
 * Agrees that a program brings the credentials of a context.
 */
export type AgreeToPlugin = { 
/**
 * The context.
 */
context: string, 
/**
 * The key that was shown: what changed since is not agreed to.
 */
consent: string, };

/**
 * Answers a request for a waiver.
 */
export type AnswerWaiver = { 
/**
 * Id of the request.
 */
request: string, 
/**
 * True to grant it.
 */
grant: boolean, 
/**
 * Why not.
 */
note: string | null, };

/**
 * An error as the window and the command line see it.
 */
export type ApiError = { 
/**
 * What kind.
 */
code: Code, 
/**
 * What happened, what is unharmed, what to do.
 */
message: string, 
/**
 * Named details.
 */
params: { [key in string]: string }, };

/**
 * Saves a previewed import.
 */
export type ApplyImport = { 
/**
 * From the preview.
 */
token: string, 
/**
 * Differing fields whose value is taken from the file.
 */
take: Array<TakeField>, };

/**
 * The acting person assesses himself.
 */
export type AssessSelf = { 
/**
 * Skill id.
 */
skill: string, 
/**
 * 0 to 5, or nothing to take it back.
 */
level: number | null, };

/**
 * Puts a person on a service, or takes him off it.
 */
export type Assign = { 
/**
 * Id, name or alias.
 */
service: string, 
/**
 * Person id or name.
 */
person: string, 
/**
 * True to put on, false to take off.
 */
assigned: boolean, };

/**
 * Attests a check.
 */
export type Attest = { 
/**
 * Id, name or alias.
 */
service: string, 
/**
 * Check id.
 */
check: string, 
/**
 * What the person found.
 */
result: AttestedResult, 
/**
 * What was seen.
 */
note: string | null, 
/**
 * https link to evidence.
 */
link: string | null, 
/**
 * Who did it. Left out, a check that passes was done by the acting person alone; an approval,
 * a failure and what does not apply are nobody's step.
 */
done_by?: DoneBy, };

/**
 * A person's finding.
 */
export type AttestedResult = "pass" | "fail" | "not_applicable";

/**
 * A copy.
 */
export type BackupView = { 
/**
 * Its file name; give it to `restore_backup`.
 */
name: string, 
/**
 * When it was made.
 */
made_at: string, 
/**
 * Why: `daily`, `migration`, `restore`, `import`, `asked`.
 */
reason: string, 
/**
 * Its size in KiB, rounded up.
 */
kib: number, };

/**
 * What a forecast was made from.
 */
export type BasisView = { 
/**
 * `independent` or `expert-led`: only days of that mode count.
 */
mode: string, 
/**
 * The days that count, oldest first, zeros included.
 */
sample: Array<SampleDayView>, 
/**
 * Services that regressed within them.
 */
regressions: number, 
/**
 * Services added to the scope within them.
 */
additions: number, 
/**
 * How the days scatter, `φ`.
 */
dispersion: number, 
/**
 * How far the pace may drift, `σ`.
 */
sigma: number, 
/**
 * The seed, in 16 hexadecimal digits.
 */
seed: string, 
/**
 * Version of the engine.
 */
engine_version: number, };

/**
 * An open blocker.
 */
export type BlockedRow = { 
/**
 * Id of the blocker.
 */
blocker: string, 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Why.
 */
reason: string, 
/**
 * For whom or what it waits.
 */
waiting_for: string, 
/**
 * Since when.
 */
since: string, 
/**
 * Whole days since then, in the programme's time zone.
 */
days: number, 
/**
 * Who opened it.
 */
opened_by: string, };

/**
 * A blocker, open or closed.
 */
export type BlockerView = { 
/**
 * Id; give it to `close_blocker`.
 */
id: string, 
/**
 * Why.
 */
reason: string, 
/**
 * For whom or what it waits.
 */
waiting_for: string, 
/**
 * Since when.
 */
since: string, 
/**
 * Whole days, until now or until it was closed.
 */
days: number, 
/**
 * Who opened it.
 */
opened_by: string, 
/**
 * When it was closed.
 */
closed_at: string | null, };

/**
 * One day of the burn-up, at its close.
 */
export type BurnDay = { 
/**
 * The day.
 */
date: string, 
/**
 * Services in scope.
 */
scope: number, 
/**
 * Of them, done.
 */
done: number, };

/**
 * Scope and result of a sprint at the end of a day.
 */
export type BurnUpDay = { 
/**
 * The day.
 */
date: string, 
/**
 * Services in scope.
 */
scope: number, 
/**
 * How many of them stood at their target stage or beyond.
 */
reached: number, };

/**
 * Names one thing by its id (or, for people, name).
 */
export type ById = { 
/**
 * The id.
 */
id: string, };

/**
 * Which days are worked.
 */
export type CalendarView = { 
/**
 * Weekdays that are worked, as three small letters each, Monday first.
 */
working_days: Array<string>, 
/**
 * Local time at which a working day is over: `18:00`.
 */
day_ends: string, 
/**
 * Days that are not worked though their weekday is, by date.
 */
holidays: Array<HolidayWords>, 
/**
 * Times without work, by their first day.
 */
pauses: Array<PauseWords>, 
/**
 * Person-days of a working day from each date on.
 */
capacity: Array<CapacityWords>, };

/**
 * How right were we?
 */
export type CalibrationView = { 
/**
 * In a sentence, at 85 %.
 */
words: string, 
/**
 * How often each level held, of dates and of counts, of the forecasts at the start of sprints.
 */
coverage: Array<CoverageView>, 
/**
 * Forecasts that were kept, the latest first.
 */
forecasts: Array<IssuedView>, };

/**
 * What is planned to be worked.
 */
export type CapacityWords = { 
/**
 * From this day on.
 */
from: string, 
/**
 * Person-days of a working day, from 0 to 1,000.
 */
person_days: number, };

/**
 * An open check of a service that the person is not assigned to.
 */
export type CheckElsewhere = { 
/**
 * The service.
 */
service: NodeRef, 
/**
 * The check.
 */
check: CheckView, };

/**
 * A check, by id and title.
 */
export type CheckRef = { 
/**
 * Check id.
 */
id: string, 
/**
 * Title.
 */
title: string, };

/**
 * One check of one service.
 */
export type CheckView = { 
/**
 * Check id.
 */
id: string, 
/**
 * Title.
 */
title: string, 
/**
 * Stage it is judged with.
 */
stage: string, 
/**
 * `auto`, `manual` or `approval`.
 */
kind: string, 
/**
 * `draft`, `visible` or `counted`.
 */
state: string, 
/**
 * Weight: 5 blocker, 3 major, 1 minor, 0 information.
 */
weight: number, 
/**
 * Skills it needs, as titles.
 */
skills: Array<string>, 
/**
 * What must be true.
 */
what: string, 
/**
 * Why it matters.
 */
why: string, 
/**
 * How to get there.
 */
steps: Array<string>, 
/**
 * A script to copy.
 */
script: string | null, 
/**
 * Where to read more.
 */
fix_link: string | null, 
/**
 * `pass`, `fail`, `unknown`, `not_applicable` or `waived`.
 */
result: string, 
/**
 * Why the result is what it is, where it is not simply what was seen: `never_seen`, `stale`,
 * `retracted`, `older_version`, `waiver_ended`, `archetype`.
 */
reason: string | null, 
/**
 * Passes on a person's word while a verifier could prove it.
 */
claimed: boolean, 
/**
 * Went from pass to fail on a reached stage.
 */
regressed: boolean, 
/**
 * New or stricter since the stage was reached.
 */
reproving: boolean, 
/**
 * The current finding.
 */
finding: FindingView | null, 
/**
 * The waiver in force.
 */
waiver: WaiverView | null, 
/**
 * The newest request for a waiver that nobody answered.
 */
request: WaiverView | null, 
/**
 * Day by which it should pass.
 */
due: string | null, 
/**
 * Who takes care of it.
 */
doing: PersonRef | null, 
/**
 * Why a person cannot attest it now, as advice; nothing where he can.
 */
advice: string | null, };

/**
 * Whose checklist.
 */
export type ChecklistRequest = { 
/**
 * Person id; without it, the acting person.
 */
person: string | null, };

/**
 * One service of the checklist, with the open checks of its next stage.
 */
export type ChecklistService = { 
/**
 * The service.
 */
row: ServiceRow, 
/**
 * Title of the next stage, or nothing when it has climbed all.
 */
next_stage: string | null, 
/**
 * Open counted checks of the next stage.
 */
open: Array<CheckView>, 
/**
 * How many checks of the next stage are done.
 */
done: number, 
/**
 * Open blockers.
 */
blockers: Array<BlockerView>, };

/**
 * The next steps of one person across services.
 */
export type ChecklistView = { 
/**
 * Whose list.
 */
person: PersonRef | null, 
/**
 * Services assigned to that person, most urgent first.
 */
services: Array<ChecklistService>, 
/**
 * Open checks that the person takes care of on services of others, earliest day first.
 */
elsewhere: Array<CheckElsewhere>, 
/**
 * Services in scope that nobody works on.
 */
unassigned: Array<NodeRef>, };

/**
 * Services of one class of difficulty.
 */
export type ClassRow = { 
/**
 * `easy`, `moderate`, `hard`, or none where nobody said.
 */
class: string | null, 
/**
 * Services in scope.
 */
total: number, 
/**
 * Of them, done.
 */
done: number, 
/**
 * The one that has stood longest where it stands, of those that are begun and not done.
 */
oldest: NodeRef | null, 
/**
 * For how many days.
 */
oldest_days: number, };

/**
 * Closes a blocker.
 */
export type CloseBlocker = { 
/**
 * Id of the blocker.
 */
blocker: string, 
/**
 * How it was solved.
 */
note: string | null, };

/**
 * The Cluster page.
 */
export type ClusterView = { 
/**
 * Whether this host watches clusters.
 */
available: boolean, 
/**
 * The clusters are simulated and the sample's; nothing real is contacted.
 */
simulated: boolean, 
/**
 * Every context, switched on or not.
 */
contexts: Array<ContextView>, 
/**
 * How many contexts may be on at once.
 */
most: number, 
/**
 * Kubeconfigs that cannot be read, a sentence each.
 */
problems: Array<string>, 
/**
 * Nodes of the contexts that are on.
 */
nodes: Array<NodeView>, 
/**
 * Namespaces that hold workloads.
 */
namespaces: Array<NamespaceView>, 
/**
 * Workloads of the contexts that are on.
 */
workloads: Array<WorkloadView>, 
/**
 * Changes that were seen and have not held long enough to be findings.
 */
suspected: Array<SuspectedView>, 
/**
 * Checks that so many services began to fail at once that the cluster is the likelier cause.
 */
held_back: Array<string>, };

/**
 * The closed set of codes.
 */
export type Code = "arguments_invalid" | "command_unknown" | "file_rejected" | "import_expired" | "name_ambiguous" | "name_taken" | "not_found" | "not_possible" | "workspace_damaged" | "workspace_exists" | "workspace_foreign" | "workspace_missing" | "workspace_newer" | "workspace_read_only" | "workspace_busy" | "workspace_open" | "workspace_place" | "who_unknown" | "disk_failed" | "disk_full" | "internal";

/**
 * A column of notes.
 */
export type ColumnView = { 
/**
 * Id.
 */
id: string, 
/**
 * Title.
 */
title: string, 
/**
 * What it asks for.
 */
prompt: string, };

/**
 * One value of a field in conflict.
 */
export type ConflictChoice = { 
/**
 * The value for people.
 */
shown: string, 
/**
 * The value as JSON; give it to `settle_conflict`.
 */
value: string, 
/**
 * Names the value's version; give all that were shown to `settle_conflict`.
 */
version: string, 
/**
 * Who set it.
 */
by: string, 
/**
 * When.
 */
at: string, };

/**
 * A field in conflict.
 */
export type ConflictRow = { 
/**
 * Id of the thing.
 */
entity: string, 
/**
 * What it is: `service`, `person`, `dependency` and so on.
 */
kind: string, 
/**
 * Its name, where it has one.
 */
name: string, 
/**
 * The field.
 */
field: string, 
/**
 * Its values; the first is in force.
 */
values: Array<ConflictChoice>, };

/**
 * One side of a conflict.
 */
export type ConflictValue = { 
/**
 * The value, as text.
 */
value: string, 
/**
 * Who wrote it.
 */
by: string, 
/**
 * When.
 */
at: string, };

/**
 * Two values, neither of which saw the other.
 */
export type ConflictView = { 
/**
 * Which field.
 */
field: string, 
/**
 * The values, winner first.
 */
values: Array<ConflictValue>, };

/**
 * What is in conflict.
 */
export type ConflictsView = { 
/**
 * Fields with two or more values that nobody chose between.
 */
conflicts: Array<ConflictRow>, };

/**
 * What a person agrees to, once.
 */
export type ConsentView = { 
/**
 * The key of this very stanza; any change of it asks again.
 */
consent: string, 
/**
 * The program, as it was found.
 */
path: string, 
/**
 * Its arguments, in order.
 */
arguments: Array<string>, 
/**
 * Names of the variables that it is given; values stay in the kubeconfig.
 */
variables: Array<VariableView>, 
/**
 * The version of the exchange.
 */
api_version: string, 
/**
 * A program and arguments as its vendor documents them.
 */
known: boolean, };

/**
 * A doubt about an execution.
 */
export type ContestView = { 
/**
 * Id.
 */
id: string, 
/**
 * Who doubts it.
 */
by: string, 
/**
 * When.
 */
at: string, 
/**
 * What is doubted.
 */
note: string, 
/**
 * How it was settled, and by whom.
 */
settled: string | null, };

/**
 * A workload that several services claim.
 */
export type ContestedView = { 
/**
 * The workload.
 */
workload: WorkloadRef, 
/**
 * Who claims it.
 */
services: Array<NodeRef>, };

/**
 * Which context.
 */
export type ContextRequest = { 
/**
 * Its name.
 */
context: string, };

/**
 * A context.
 */
export type ContextView = { 
/**
 * Its name.
 */
name: string, 
/**
 * The address of its server; empty within the process.
 */
server: string, 
/**
 * Its user's name.
 */
user: string, 
/**
 * The kubeconfig that defines it.
 */
file: string, 
/**
 * What should be pointed out about it, a sentence each.
 */
notes: Array<string>, 
/**
 * Environments whose targets name it.
 */
environments: Array<string>, 
/**
 * The person switched it on, on this device.
 */
on: boolean, 
/**
 * `off`, `connecting`, `live`, `stale`, `forbidden`, `expired`, `unreachable`, `needs_person`.
 */
state: string, 
/**
 * Since when it is stale.
 */
since: string | null, 
/**
 * One line that says more about the state.
 */
why: string, 
/**
 * What gets one out of the state.
 */
way_out: string, 
/**
 * What may not or could not be read.
 */
missing: Array<UnreadView>, 
/**
 * Whether everything that health needs was read.
 */
complete: boolean, 
/**
 * A program that has to be agreed to before it brings credentials.
 */
consent: ConsentView | null, 
/**
 * Workloads by verdict, from good to bad; those that there are none of are left out.
 */
workloads: Array<CountView>, 
/**
 * Pods by kubectl's status words.
 */
pods: Array<CountView>, };

/**
 * How many of something.
 */
export type CountView = { 
/**
 * Of what.
 */
word: string, 
/**
 * How many.
 */
count: number, };

/**
 * How often one level held.
 */
export type CoverageView = { 
/**
 * `when` or `how_many`.
 */
question: string, 
/**
 * In percent.
 */
level: number, 
/**
 * Forecasts that held.
 */
held: number, 
/**
 * Forecasts that are resolved.
 */
resolved: number, 
/**
 * The plausible shares: Wilson's interval of 90 %.
 */
low: number | null, 
/**
 * Its upper end.
 */
high: number | null, 
/**
 * In a sentence.
 */
words: string, };

/**
 * How a deadline stands.
 */
export type DeadlineView = { 
/**
 * The day.
 */
date: string, 
/**
 * Working days from day 1 until then.
 */
workdays: number, 
/**
 * It lies before day 1.
 */
passed: boolean, 
/**
 * Share of the trials that meet it; none without a forecast.
 */
likelihood: number | null, 
/**
 * The same, as it is said.
 */
words: string | null, 
/**
 * Services a working day that would meet it; none where no working day is left.
 */
pace_needed: number | null, };

/**
 * Decides on an action.
 */
export type DecideAction = { 
/**
 * Id of the action, or its beginning.
 */
action: string, 
/**
 * What becomes of it.
 */
decision: Decision, 
/**
 * The sprint whose retrospective decides; without it, somebody does on his own.
 */
sprint?: string, 
/**
 * Why, or how.
 */
reason?: string, 
/**
 * Who does it from now on, by id or name.
 */
owner?: string, };

/**
 * What becomes of an action.
 */
export type Decision = "done" | "keep" | "drop";

/**
 * A delivery figure.
 */
export type DeliveryFigure = { 
/**
 * What it is.
 */
title: string, 
/**
 * `measured`, `proxy` or `self-reported`.
 */
tag: string, 
/**
 * Over the weeks that are told; none where nothing is known, which is no zero.
 */
value: string | null, 
/**
 * How many rollouts it covers, of how many.
 */
covers: string, 
/**
 * Before the move.
 */
before: string | null, 
/**
 * After it.
 */
after: string | null, };

/**
 * Delivery figures of a service, as dora.dev defines them.
 */
export type DeliveryView = { 
/**
 * The figures.
 */
figures: Array<DeliveryFigure>, 
/**
 * Whether they stand beside each other for times of one length before and after the move.
 */
compared: boolean, 
/**
 * Why not, where the service has moved.
 */
not_compared: string | null, };

/**
 * One dependency, seen from one of its ends.
 */
export type DependencyView = { 
/**
 * Id.
 */
id: string, 
/**
 * Name of the caller.
 */
from: string, 
/**
 * Name of the callee.
 */
to: string, 
/**
 * The node at the other end.
 */
node: NodeRef, 
/**
 * Its class.
 */
class: string, 
/**
 * Its stage, for services.
 */
stage: string | null, 
/**
 * `start_order`, …
 */
kind: string, 
/**
 * From 0 to 1.
 */
confidence: number, 
/**
 * Where it was read.
 */
evidence: Array<EvidenceView>, };

/**
 * Deployments of a week, Monday first.
 */
export type DeployedWeek = { 
/**
 * Its Monday.
 */
week: string, 
/**
 * Somebody looked in it, or what it left was still there to be seen. If not, it is a gap and
 * its numbers are none.
 */
observed: boolean, 
/**
 * By a person.
 */
manual: number, 
/**
 * By whom cannot be told.
 */
ambiguous: number, 
/**
 * By a controller of the cluster.
 */
controller: number, 
/**
 * By a pipeline.
 */
pipeline: number, 
/**
 * By a reconciler of a repository.
 */
gitops: number, };

/**
 * A deployment.
 */
export type DeploymentRow = { 
/**
 * Monday of its week.
 */
week: string, 
/**
 * When it happened, or was first seen.
 */
at: string, 
/**
 * Somebody looked last before it at this moment, where the time is that of the first look.
 */
unseen_since: string | null, 
/**
 * The service that ran as the workload.
 */
service: NodeRef | null, 
/**
 * Id of the fact.
 */
id: string, 
/**
 * Name of the environment.
 */
environment: string, 
/**
 * Namespace, kind and name of the workload.
 */
workload: string, 
/**
 * Number of the revision.
 */
revision: number, 
/**
 * What it changed: `image`, `config`, `rollback` or `first`; `delivery` where that is not known,
 * since the history of a delivery controller alone tells of it. Then it has no revision either,
 * and its number is 0.
 */
change: string, 
/**
 * Images, each with its container.
 */
images: Array<string>, 
/**
 * Class of the writer.
 */
class: string, 
/**
 * The name he gave; empty where none is known.
 */
manager: string, 
/**
 * Run or commit, where it names one.
 */
trace: string | null, 
/**
 * What delivered it, where the history of a delivery controller tells.
 */
source: SourceView | null, };

/**
 * Rollouts of one week, Monday first.
 */
export type DeploymentWeek = { 
/**
 * Its Monday.
 */
week: string, 
/**
 * By hand.
 */
manual: number, 
/**
 * By a pipeline or a reconciler.
 */
automated: number, 
/**
 * By a controller, or by whom cannot be told.
 */
other: number, 
/**
 * Somebody looked in this week; if not, it is a gap and no zero.
 */
observed: boolean, };

/**
 * Which deployments.
 */
export type DeploymentsRequest = { 
/**
 * Those of one service: id, name or alias. Without it, of all.
 */
service?: string, 
/**
 * Weeks that are told, this one included; 26 without it.
 */
weeks?: number, 
/**
 * Of every environment, and not of production alone.
 */
everywhere?: boolean, 
/**
 * Lists those of this week alone, by its Monday; the numbers stay those of all.
 */
week?: string, 
/**
 * Lists those of this class of writers alone.
 */
class?: string, };

/**
 * What was deployed by whom. Classes of writers are never mixed into one number.
 */
export type DeploymentsView = { 
/**
 * The service, where one was asked for.
 */
service: NodeRef | null, 
/**
 * Weeks without a hole, oldest first; none where nothing was ever seen.
 */
weeks: Array<DeployedWeek>, 
/**
 * Whole days since the last deployment by hand; none where none was seen.
 */
days_since_manual: number | null, 
/**
 * When that was.
 */
last_manual: string | null, 
/**
 * Deployments since then, or since the first look, of which nobody can tell who wrote them.
 */
ambiguous_since: number, 
/**
 * When somebody first looked at what these deployments ran on.
 */
watched_since: string | null, 
/**
 * Services that were deployed within 15 minutes of each other, the most frequent first.
 */
together: Array<TogetherRow>, 
/**
 * Delivery figures, of one service alone.
 */
delivery: DeliveryView | null, 
/**
 * Deployments of these weeks that are asked for, newest first.
 */
deployments: Array<DeploymentRow>, 
/**
 * How many there are; the list may be shorter.
 */
total: number, };

/**
 * Says how a person stands to the team; what is left out stays.
 */
export type DescribePerson = { 
/**
 * Person id or name.
 */
person: string, 
/**
 * An expert from outside the team.
 */
outside?: boolean, 
/**
 * Wants to lead sprints.
 */
willing?: boolean, 
/**
 * Others may see the person's own assessment. Only the person says so.
 */
open_assessment?: boolean, };

/**
 * Who did a step.
 */
export type DoneBy = { "who": "nobody" } | { "who": "people", 
/**
 * Each once, and at least one who did it.
 */
people: Array<TookPart>, 
/**
 * A script did it, and the doer ran the script.
 */
by_script: boolean, 
/**
 * A rollback, or a cut-over that failed.
 */
exceptional: boolean, };

/**
 * Doubts a fact.
 */
export type DoubtFact = { 
/**
 * Id of the figure.
 */
figure: string, 
/**
 * What is wrong with it; empty takes the doubt back.
 */
comment: string, };

/**
 * A doubt about a fact.
 */
export type DoubtView = { 
/**
 * Id of the figure.
 */
figure: string, 
/**
 * What is wrong with it.
 */
comment: string, 
/**
 * Who says so.
 */
by: PersonRef, };

/**
 * A private note, which lies on this device only.
 */
export type Draft = { 
/**
 * Id; the note keeps it when it is revealed.
 */
id: string, 
/**
 * The sprint it is about.
 */
sprint: string, 
/**
 * What it says.
 */
text: string, 
/**
 * Id of its column; empty where none is chosen yet.
 */
column: string, 
/**
 * Who wrote it.
 */
author: PersonRef | null, 
/**
 * When.
 */
written_at: string, 
/**
 * The service it is about.
 */
service: NodeRef | null, 
/**
 * The check it is about.
 */
check: string | null, 
/**
 * Facts it speaks of.
 */
facts: Array<string>, };

/**
 * A check to be added to the playbook as a draft.
 */
export type DraftCheck = { 
/**
 * Title.
 */
title: string, 
/**
 * Stage it is judged with.
 */
stage: string, 
/**
 * What must be true.
 */
what: string, 
/**
 * Why it matters.
 */
why: string, 
/**
 * The service on which it came up; it is named in the text.
 */
service: string | null, 
/**
 * A text that is being edited, to be added to; without it, the playbook in force.
 */
text: string | null, };

/**
 * A text with a new check in it, not adopted yet.
 */
export type DraftedPlaybook = { 
/**
 * The text.
 */
text: string, 
/**
 * Id that the check was given.
 */
check: string, 
/**
 * Line at which it begins.
 */
line: number, };

/**
 * Changes the calendar. What is not named stays; all that is named is one action.
 */
export type EditCalendar = { 
/**
 * All weekdays that are worked.
 */
working_days?: Array<string>, 
/**
 * Local time at which a working day is over.
 */
day_ends?: string, 
/**
 * Holidays to enter, or to name anew.
 */
holidays?: Array<HolidayWords>, 
/**
 * Holidays to take away, by date.
 */
no_holidays?: Array<string>, 
/**
 * Pauses to enter, or to change.
 */
pauses?: Array<PauseWords>, 
/**
 * Pauses to take away, by their first day.
 */
no_pauses?: Array<string>, 
/**
 * Capacities to enter, or to change.
 */
capacity?: Array<CapacityWords>, 
/**
 * Capacities to take away, by their day.
 */
no_capacity?: Array<string>, };

/**
 * Changes a person.
 */
export type EditPerson = { 
/**
 * Person id.
 */
person: string, 
/**
 * New name.
 */
name: string, 
/**
 * New e-mail.
 */
email: string | null, };

/**
 * Names under which a service's own pipeline writes, all of them.
 */
export type EditPipeline = { 
/**
 * The service: id, name or alias.
 */
service: string, 
/**
 * The names; none where it has no pipeline of its own.
 */
managers: Array<string>, };

/**
 * Changes the programme. Absent fields stay.
 */
export type EditProgramme = { 
/**
 * New name.
 */
name: string | null, 
/**
 * New IANA time zone.
 */
time_zone: string | null, 
/**
 * New deadline; the empty text removes it.
 */
deadline: string | null, 
/**
 * New done stage.
 */
done_stage: string | null, 
/**
 * Whether the CTO's page may name people.
 */
names_shown?: boolean, };

/**
 * Changes a retrospective, and opens it where nobody has. What is left out stays.
 */
export type EditRetro = { 
/**
 * Id or name of the sprint.
 */
sprint: string, 
/**
 * Id of a format; only before notes are revealed.
 */
format?: string, 
/**
 * `named`, `initials` or `unattributed`; only before notes are revealed.
 */
authors?: string, 
/**
 * `tallies` or `individual`; only while nobody has voted.
 */
voting?: string, 
/**
 * All who are there, by id or name.
 */
present?: Array<string>, 
/**
 * Where the room goes.
 */
step?: string, 
/**
 * Goes on though open actions wait; recorded with the acting person's name.
 */
skip?: boolean, 
/**
 * A fact that is doubted.
 */
doubt?: DoubtFact, 
/**
 * How many said that it was worth its time, from 1 to 5.
 */
return_on_time?: Array<number>, 
/**
 * How many trust the next sprint, from 1 to 5.
 */
confidence?: Array<number>, 
/**
 * Who leads the next sprint, by id or name; empty for nobody.
 */
next_leader?: ProposePerson, 
/**
 * Who works with whom: all pairs.
 */
pairs?: Array<ProposePair>, 
/**
 * Thanks to add.
 */
kudos?: ProposePerson, };

/**
 * Changes one field of a service.
 */
export type EditService = { 
/**
 * Id, name or alias.
 */
service: string, 
/**
 * The change.
 */
edit: ServiceEdit, };

/**
 * Changes several services in one action. Nothing is changed unless everything can be.
 */
export type EditServices = { 
/**
 * Ids, names or aliases; at most 5,000.
 */
services: Array<string>, 
/**
 * The changes, each made to every service. A name cannot be given to several.
 */
edits: Array<ServiceEdit>, };

/**
 * Changes a sprint's words. What is left out stays.
 */
export type EditSprint = { 
/**
 * Id or name.
 */
sprint: string, 
/**
 * Name.
 */
name?: string, 
/**
 * Goal.
 */
goal?: string, 
/**
 * Kind.
 */
kind?: string, 
/**
 * First day.
 */
first?: string, 
/**
 * Last day.
 */
last?: string, 
/**
 * Leader, by id or name; empty for nobody.
 */
leader?: string, 
/**
 * All who take part, by id or name.
 */
members?: Array<string>, };

/**
 * A rule that is made, changed, or tried.
 */
export type EditWriterRule = { 
/**
 * The rule that is changed; a new one without it, tried after all others.
 */
id?: string, 
/**
 * Whom it is about; without it, the rule is taken away.
 */
is?: WriterIs, 
/**
 * What he is.
 */
class?: string, 
/**
 * Why.
 */
note?: string, };

/**
 * A metric before and after an action. No cause is claimed.
 */
export type EffectView = { 
/**
 * The action.
 */
action: string, 
/**
 * What it was.
 */
text: string, 
/**
 * The metric.
 */
metric: MetricRef, 
/**
 * Where it shall go: `up` or `down`.
 */
direction: string, 
/**
 * The sprint before it, with what was counted.
 */
before: Measured, 
/**
 * This sprint.
 */
after: Measured, 
/**
 * `as hoped`, `not as hoped`, `unchanged` or `not observed`.
 */
moved: string, };

/**
 * An environment of the programme.
 */
export type EnvironmentView = { 
/**
 * Id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * Where it lives.
 */
targets: Array<TargetView>, };

/**
 * One event of a timeline.
 */
export type EventView = { 
/**
 * Id of the action it came with; give it to `undo`.
 */
batch: string, 
/**
 * When it happened.
 */
occurred_at: string, 
/**
 * When it was recorded; differs for late entries.
 */
recorded_at: string, 
/**
 * Who recorded it.
 */
actor: string, 
/**
 * The device it was recorded on, shortened.
 */
device: string, 
/**
 * The service it is about.
 */
service: NodeRef | null, 
/**
 * What kind of event: `stage`, `finding`, `blocker`, `waiver`, `scope`, `field`, `import`,
 * `playbook`, `undo`, `other`.
 */
kind: string, 
/**
 * One sentence.
 */
summary: string, 
/**
 * Note that was left with it.
 */
note: string | null, 
/**
 * Link that was left with it.
 */
link: string | null, };

/**
 * What stands behind one cell.
 */
export type EvidencePanel = { 
/**
 * The service.
 */
service: NodeRef, 
/**
 * The check and its current finding.
 */
check: CheckView, 
/**
 * Every finding about it, newest first; the current one among them.
 */
history: Array<PastFinding>, };

/**
 * One cell.
 */
export type EvidenceRequest = { 
/**
 * Id, name or alias of the service.
 */
service: string, 
/**
 * Check id.
 */
check: string, };

/**
 * A place in a file.
 */
export type EvidenceView = { 
/**
 * File, relative to the import.
 */
file: string, 
/**
 * Line, from 1.
 */
line: number, 
/**
 * What stands there.
 */
text: string, };

/**
 * A step that somebody did.
 */
export type ExecutionView = { 
/**
 * Id.
 */
id: string, 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Check id.
 */
check: string, 
/**
 * Title of the check.
 */
check_title: string, 
/**
 * Titles of the skills that the check needs.
 */
skills: Array<string>, 
/**
 * The local day.
 */
on: string, 
/**
 * When it happened.
 */
at: string, 
/**
 * Who recorded it.
 */
by: string, 
/**
 * Who took part.
 */
people: Array<ParticipantView>, 
/**
 * A script did it.
 */
by_script: boolean, 
/**
 * A rollback, a failed cut-over, or a hard service.
 */
exceptional: boolean, 
/**
 * It comes from another programme: counts up to L2.
 */
imported: boolean, 
/**
 * It was done on an earlier version of the check.
 */
older_version: boolean, 
/**
 * What was said.
 */
note: string | null, 
/**
 * Who confirmed it; nobody yet: it raises no level above L2.
 */
confirmed_by: string | null, 
/**
 * Doubts, oldest first.
 */
contests: Array<ContestView>, 
/**
 * Why the acting person cannot confirm it; nothing where he can.
 */
confirm_advice: string | null, };

/**
 * Which executions are asked for; what is left out is not looked at.
 */
export type ExecutionsRequest = { 
/**
 * Id, name or alias of the service.
 */
service?: string, 
/**
 * Check id.
 */
check?: string, 
/**
 * Person id or name: took part.
 */
person?: string, 
/**
 * Skill id.
 */
skill?: string, 
/**
 * Sprint id or name: while it ran.
 */
sprint?: string, 
/**
 * Only those that nobody confirmed.
 */
unconfirmed?: boolean, };

/**
 * Executions, the latest first.
 */
export type ExecutionsView = { 
/**
 * At most 500.
 */
executions: Array<ExecutionView>, 
/**
 * How many there are.
 */
total: number, };

/**
 * What is exported.
 */
export type ExportKind = "everything" | "services" | "dependencies" | "checks" | "log";

/**
 * A figure and the list behind it.
 */
export type FactFigure = { 
/**
 * Id, which stays the same for the same sprint: `2.1/done`.
 */
id: string, 
/**
 * What it tells.
 */
label: string, 
/**
 * The number, with its unit.
 */
value: string, 
/**
 * What it counts.
 */
items: Array<FactItem>, };

/**
 * One thing behind a figure.
 */
export type FactItem = { 
/**
 * In words.
 */
text: string, 
/**
 * The service it is about.
 */
service: NodeRef | null, 
/**
 * The check it is about.
 */
check: string | null, 
/**
 * The local day of it.
 */
day: string | null, };

/**
 * A section of the facts.
 */
export type FactSection = { 
/**
 * Its number: `2.1`.
 */
number: string, 
/**
 * Title.
 */
title: string, 
/**
 * What was asked of the log.
 */
query: string, 
/**
 * `measured`, `proxy`, `self-reported` or `assumption`.
 */
tag: string, 
/**
 * Why it was not observed, where it was not.
 */
not_observed: string | null, 
/**
 * The figures.
 */
figures: Array<FactFigure>, };

/**
 * The facts of a sprint.
 */
export type FactsView = { 
/**
 * Sections 2.1 to 2.9.
 */
sections: Array<FactSection>, 
/**
 * Fewer than three services: lists say more than charts.
 */
small: boolean, 
/**
 * Scope and result at the end of each day.
 */
burn_up: Array<BurnUpDay>, 
/**
 * What became of metrics that actions are bound to.
 */
effects: Array<EffectView>, };

/**
 * How many are done by a day to come.
 */
export type FanPoint = { 
/**
 * The day.
 */
date: string, 
/**
 * Done by then, at least, at 50, 70, 85 and 95 %.
 */
done: Array<number>, 
/**
 * The same if scope keeps growing; empty where that is not told.
 */
growing: Array<number>, };

/**
 * A finding and its evidence.
 */
export type FindingView = { 
/**
 * Id; give it to `retract`.
 */
id: string, 
/**
 * Check id.
 */
check: string, 
/**
 * `pass`, `fail`, `unknown`, `not_applicable` or `waived`.
 */
result: string, 
/**
 * `person`, `cluster`, `repository` or `delivery`.
 */
source: string, 
/**
 * Name of the person or verifier.
 */
by: string, 
/**
 * Counts on a person's word while a verifier could prove it.
 */
claimed: boolean, 
/**
 * What was seen, or the note.
 */
observed: string, 
/**
 * Link to evidence.
 */
link: string | null, 
/**
 * When it was seen.
 */
seen_at: string, 
/**
 * When it goes stale.
 */
stale_after: string | null, };

/**
 * What a new programme has already; the window leads to what is missing.
 */
export type FirstSteps = { 
/**
 * Somebody has said who is working.
 */
person: boolean, 
/**
 * There are services.
 */
services: boolean, 
/**
 * Somebody works on a service.
 */
assigned: boolean, 
/**
 * A check was attested or verified.
 */
looked: boolean, };

/**
 * Cumulative flow.
 */
export type Flow = { 
/**
 * Stage ids in climbing order, `none` first.
 */
stages: Array<string>, 
/**
 * One row a day, oldest first.
 */
days: Array<FlowDay>, 
/**
 * Days on which the playbook or the scope changed.
 */
marks: Array<FlowMark>, };

/**
 * One day of the cumulative flow.
 */
export type FlowDay = { 
/**
 * The day.
 */
date: string, 
/**
 * Services whose stage is exactly `stages[i]` at the end of the day.
 */
here: Array<number>, };

/**
 * A remark on a day.
 */
export type FlowMark = { 
/**
 * The day.
 */
date: string, 
/**
 * The remark.
 */
label: string, };

/**
 * How actions of all retrospectives up to this one fared.
 */
export type FollowThrough = { 
/**
 * Agreed on.
 */
agreed: number, 
/**
 * Done.
 */
done: number, 
/**
 * Median age of those that are open, in days.
 */
open_age: number | null, 
/**
 * Carried on at least once.
 */
carried: number, };

/**
 * A set of columns.
 */
export type FormatView = { 
/**
 * Id.
 */
id: string, 
/**
 * Title.
 */
title: string, 
/**
 * The columns.
 */
columns: Array<ColumnView>, };

/**
 * Formats as a team edits them.
 */
export type FormatsText = { 
/**
 * A JSON list; see docs/retrospectives.md.
 */
text: string, 
/**
 * The team keeps its own; else they are those of the product.
 */
own: boolean, };

/**
 * Freezes the progress report as it is now.
 */
export type FreezeReport = { 
/**
 * What there is to say.
 */
note?: string, };

/**
 * Asks for a frozen report.
 */
export type FrozenRequest = { 
/**
 * Its id, or the beginning of it.
 */
id: string, 
/**
 * Its form.
 */
format: ReportFormat, };

/**
 * A frozen report, rendered again.
 */
export type FrozenText = { 
/**
 * Suggested file name.
 */
file_name: string, 
/**
 * Content.
 */
text: string, 
/**
 * SHA-256 of the content as it was frozen.
 */
hash: string, 
/**
 * The content is, byte for byte, what was frozen.
 */
identical: boolean, };

/**
 * A report that was frozen.
 */
export type FrozenView = { 
/**
 * Its id.
 */
id: string, 
/**
 * The moment of its numbers.
 */
at: string, 
/**
 * Who froze it.
 */
by: string, 
/**
 * What there is to say.
 */
note: string, 
/**
 * SHA-256 of its JSON, in hexadecimal.
 */
hash: string, 
/**
 * Version of the program that rendered it.
 */
version: string, };

/**
 * Puts notes into a group, names it, votes on it.
 */
export type GroupNotes = { 
/**
 * Id or name of the sprint.
 */
sprint: string, 
/**
 * Notes that come into the group.
 */
notes?: Array<string>, 
/**
 * Id of the group; without it a new one is made, and `none` takes the notes out of theirs.
 */
group?: string, 
/**
 * Its name.
 */
name?: string, 
/**
 * Votes on it: of the room, or of the acting person where people vote each for himself.
 */
votes?: number, };

/**
 * A group of notes.
 */
export type GroupView = { 
/**
 * Id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * All votes; none while people still vote each for himself.
 */
votes: number | null, 
/**
 * Votes by who cast them, `room` or a person's id; empty while people still vote.
 */
cast: { [key in string]: number }, };

/**
 * How services fare once they are done.
 */
export type HealthView = { 
/**
 * Falls from *done* because a check failed, since the start.
 */
regressions: number, 
/**
 * Services that are regressed.
 */
open: number, 
/**
 * Median days from a fall to the return; none without one.
 */
recovery_days: number | null, };

/**
 * One check.
 */
export type HeatColumn = { 
/**
 * Check id.
 */
id: string, 
/**
 * Title.
 */
title: string, 
/**
 * Id of the stage that judges it.
 */
stage: string, 
/**
 * Title of that stage.
 */
stage_title: string, 
/**
 * `auto`, `manual` or `approval`.
 */
kind: string, 
/**
 * True where it decides the stage; else it is only visible.
 */
counted: boolean, 
/**
 * 5 blocker, 3 major, 1 minor, 0 information.
 */
weight: number, };

/**
 * Services × checks.
 */
export type HeatMapView = { 
/**
 * The columns, in climbing order.
 */
checks: Array<HeatColumn>, 
/**
 * The rows, by name: nodes of class service that are in scope.
 */
rows: Array<HeatRow>, };

/**
 * One service.
 */
export type HeatRow = { 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Team.
 */
team: string | null, 
/**
 * Owner.
 */
owner: string | null, 
/**
 * Archetype.
 */
archetype: string | null, 
/**
 * Difficulty class.
 */
difficulty: string | null, 
/**
 * Tags.
 */
tags: Array<string>, 
/**
 * Position of its stage on the ladder: 0 is "not started".
 */
stage_index: number, 
/**
 * One letter a check, in the order of the columns: `p` pass, `c` claimed pass, `f` fail,
 * `r` regressed, `s` stale, `v` re-proving, `u` unknown, `w` waived, `n` not applicable.
 */
cells: string, 
/**
 * Counted checks that pass.
 */
passed: number, 
/**
 * Counted checks that apply and are not waived.
 */
counted: number, };

/**
 * A skill and how many hold it.
 */
export type HeldSkill = { 
/**
 * Id.
 */
skill: string, 
/**
 * Title.
 */
title: string, 
/**
 * How many people; 0 is orphaned.
 */
held_by: number, 
/**
 * Who, where the programme says that names may stand here.
 */
names: Array<string>, };

/**
 * A holiday.
 */
export type HolidayWords = { 
/**
 * The day.
 */
date: string, 
/**
 * What it is called.
 */
name: string, };

/**
 * One report of hours.
 */
export type HoursEntry = { 
/**
 * Id; give it to `retract_execution`.
 */
id: string, 
/**
 * Who.
 */
person: string, 
/**
 * When.
 */
on: string, 
/**
 * Hundredths of an hour.
 */
hundredths: number, };

/**
 * A container and its image.
 */
export type ImageView = { 
/**
 * The container.
 */
container: string, 
/**
 * The image.
 */
image: string, };

/**
 * One column of a table.
 */
export type ImportColumn = { 
/**
 * Its title, unique in the file.
 */
title: string, 
/**
 * What it was taken for; nothing where it is left out.
 */
field: string | null, 
/**
 * Its first cells that are not empty, three at most.
 */
samples: Array<string>, };

/**
 * One field of one node.
 */
export type ImportField = { 
/**
 * Name of the field.
 */
field: string, 
/**
 * What the programme says.
 */
here: string | null, 
/**
 * What the file says.
 */
file: string | null, 
/**
 * Somebody edited it here: it stays unless it is taken.
 */
differs: boolean, };

/**
 * What an import would do, or did.
 */
export type ImportReport = { 
/**
 * Give it to `apply_import`; absent once applied.
 */
token: string | null, 
/**
 * `compose`, `backstage`, `csv`, `manifests` or `pilotage`.
 */
format: string, 
/**
 * Columns of a table, in order.
 */
columns: Array<ImportColumn>, 
/**
 * Words that `map_import` takes for a column of a table.
 */
fields: Array<string>, 
/**
 * Files that were named, by name.
 */
files: Array<string>, 
/**
 * True once it is saved.
 */
applied: boolean, 
/**
 * Nodes that are new.
 */
created: number, 
/**
 * Nodes that change.
 */
updated: number, 
/**
 * Nodes that stay as they are.
 */
unchanged: number, 
/**
 * Nodes with a field that somebody edited here and the file says otherwise.
 */
differs: number, 
/**
 * Entries that cannot be taken.
 */
rejected: number, 
/**
 * One row a node or rejected entry.
 */
rows: Array<ImportRow>, 
/**
 * Declared dependencies.
 */
dependencies: ImportedDependencies, 
/**
 * Things to know that stop nothing.
 */
warnings: Array<ImportWarning>, 
/**
 * What an export of Pilotage adds to the log; only then.
 */
log: ImportedLog | null, 
/**
 * Id of the action, for `undo`.
 */
batch: string | null, };

/**
 * Takes an export of another programme in.
 */
export type ImportRetro = { 
/**
 * The export, as JSON.
 */
text: string, };

/**
 * What happens to one node or entry.
 */
export type ImportRow = { 
/**
 * `created`, `updated`, `unchanged`, `differs` or `rejected`.
 */
outcome: string, 
/**
 * Name of the node, or of the rejected entry.
 */
name: string, 
/**
 * Class, for nodes.
 */
class: string | null, 
/**
 * Why that class.
 */
class_reason: string | null, 
/**
 * File it stands in.
 */
file: string, 
/**
 * Line, from 1.
 */
line: number, 
/**
 * Why it is rejected, or nothing.
 */
reason: string | null, 
/**
 * Fields that change or differ.
 */
fields: Array<ImportField>, };

/**
 * Something to know.
 */
export type ImportWarning = { 
/**
 * File.
 */
file: string, 
/**
 * Line, from 1.
 */
line: number, 
/**
 * What.
 */
text: string, };

/**
 * Dependencies of an import.
 */
export type ImportedDependencies = { 
/**
 * New ones.
 */
created: number, 
/**
 * Ones with new evidence.
 */
updated: number, 
/**
 * Ones that stay.
 */
unchanged: number, 
/**
 * All of them.
 */
rows: Array<ImportedDependency>, };

/**
 * One declared dependency.
 */
export type ImportedDependency = { 
/**
 * `created`, `updated` or `unchanged`.
 */
outcome: string, 
/**
 * Caller.
 */
from: string, 
/**
 * Callee.
 */
to: string, 
/**
 * `start_order`, `declared` or `interface`.
 */
kind: string, 
/**
 * Where it stands.
 */
evidence: Array<EvidenceView>, };

/**
 * What an export of Pilotage adds to the log.
 */
export type ImportedLog = { 
/**
 * Devices that wrote it.
 */
devices: number, 
/**
 * Actions that are new here.
 */
new: number, 
/**
 * Actions that are here already.
 */
known: number, 
/**
 * Lines of later versions, or that break a rule of the log: kept, not counted.
 */
set_aside: number, };

/**
 * An action of a retrospective that would be taken in.
 */
export type IncomingAction = { 
/**
 * What is to be done.
 */
text: string, 
/**
 * Who does it; none where nobody is named.
 */
owner: string | null, 
/**
 * `open`, `done`, `dropped` or `superseded`.
 */
state: string, 
/**
 * It is in this programme already and stays as it is.
 */
is_here: boolean, };

/**
 * Executions alone among those that the team did.
 */
export type IndependenceRatio = { 
/**
 * Confirmed ones that were done alone.
 */
alone: number, 
/**
 * Confirmed ones.
 */
all: number, 
/**
 * Done alone, unconfirmed included.
 */
alone_with_unconfirmed: number, 
/**
 * All, unconfirmed included.
 */
all_with_unconfirmed: number, };

/**
 * How far the team goes alone.
 */
export type IndependenceView = { 
/**
 * Entries into *done* while an expert led.
 */
led: number, 
/**
 * Entries into *done* otherwise.
 */
unled: number, 
/**
 * Sprints that were started, oldest first.
 */
sprints: Array<SprintDone>, 
/**
 * From what is recorded of who did what; where there is any, it takes the place of the rest.
 */
transfer?: TransferView, };

/**
 * An insight.
 */
export type InsightView = { 
/**
 * Id.
 */
id: string, 
/**
 * What it says.
 */
statement: string, 
/**
 * Notes that led to it.
 */
notes: Array<string>, 
/**
 * Facts that led to it.
 */
facts: Array<string>, };

/**
 * A forecast that was kept.
 */
export type IssuedView = { 
/**
 * Its fact.
 */
id: string, 
/**
 * When it was made.
 */
as_of: string, 
/**
 * `sprint_start`, `sprint_end` or `report`.
 */
occasion: string, 
/**
 * Services that remained.
 */
remaining: number, 
/**
 * The dates at 50, 70, 85 and 95 %.
 */
dates: Array<string | null>, 
/**
 * The counts of the next working days, at the same levels.
 */
how_many: Array<number>, 
/**
 * Working days of the counts.
 */
horizon: number, 
/**
 * What became of its date, and of its count: `open`, `missed`, `held`, `void`, at 85 %.
 */
date_at_85: string, 
/**
 * What became of its count.
 */
count_at_85: string, };

/**
 * Keeps formats of the team's own.
 */
export type KeepFormats = { 
/**
 * The whole text; empty: those of the product again.
 */
text: string, };

/**
 * Keeps an address of the window under a name, for everyone; without an address the name goes.
 */
export type KeepView = { 
/**
 * The name.
 */
name: string, 
/**
 * Page, filters and sorting, as the address says them, starting with `#/`.
 */
address: string | null, };

/**
 * An address of the window, kept under a name.
 */
export type KeptView = { 
/**
 * The name.
 */
name: string, 
/**
 * Page, filters and sorting, starting with `#/`.
 */
address: string, };

/**
 * Thanks.
 */
export type KudosView = { 
/**
 * Id.
 */
id: string, 
/**
 * To whom.
 */
to: PersonRef, 
/**
 * For what.
 */
text: string, };

/**
 * Somebody and the skills he lacks.
 */
export type LackRow = { 
/**
 * Who.
 */
person: PersonRef, 
/**
 * Ids of the skills.
 */
skills: Array<string>, };

/**
 * One rung.
 */
export type LadderStage = { 
/**
 * Stage id.
 */
stage: string, 
/**
 * Title.
 */
title: string, 
/**
 * What being here means.
 */
meaning: string, 
/**
 * `reached`, `current`, `next`, `ahead` or `not_applicable`.
 */
state: string, 
/**
 * The day the service first got here.
 */
first_reached: string | null, 
/**
 * Its checks.
 */
checks: Array<CheckView>, };

/**
 * The parts of a score: `2 · high + guided + fresh − 2 · led the last sprint`.
 */
export type LeaderRow = { 
/**
 * Who.
 */
person: PersonRef, 
/**
 * Mandatory skills at L4 or L5.
 */
high: number, 
/**
 * People guided to L3.
 */
guided: number, 
/**
 * Share of the mandatory skills that were used alone within 60 days.
 */
fresh: number, 
/**
 * Led the last sprint.
 */
led_last_sprint: boolean, 
/**
 * The score.
 */
total: number, };

/**
 * Who leads next.
 */
export type LeaderView = { 
/**
 * Who.
 */
person: PersonRef, 
/**
 * Why.
 */
reason: string, };

/**
 * Where a person stands in a skill.
 */
export type LevelCell = { 
/**
 * Person id.
 */
person: string, 
/**
 * Skill id.
 */
skill: string, 
/**
 * 0 to 5.
 */
level: number, 
/**
 * As shown: `L3`, `L3?`.
 */
words: string, 
/**
 * A regression was traced to it, until one more execution alone passes.
 */
reopened: boolean, 
/**
 * Last used more than 60 days ago, or only on earlier versions of the checks.
 */
faded: boolean, 
/**
 * Last used, alone or as a guide.
 */
last_use: string | null, 
/**
 * The day on which L3 was first reached.
 */
since: string | null, 
/**
 * Executions behind it.
 */
executions: number, 
/**
 * Of them, those that nobody confirmed.
 */
unconfirmed: number, 
/**
 * What the person says of himself; told to himself, and to others where he agrees.
 */
assessed: number | null, };

/**
 * The answer at one level of confidence.
 */
export type LevelView = { 
/**
 * In percent.
 */
level: number, 
/**
 * The working day, day 1 included, by which nothing remains; none beyond five years.
 */
working_days: number | null, 
/**
 * The same as a date.
 */
date: string | null, 
/**
 * How many are done at least within the horizon, of those that remain.
 */
how_many: number, };

/**
 * A link of a service.
 */
export type LinkView = { 
/**
 * https address.
 */
address: string, 
/**
 * What it leads to.
 */
title: string, };

/**
 * A look at a service's health around its cut-over.
 */
export type LookView = { 
/**
 * `before`, `hour`, `day`, `week`.
 */
look: string, 
/**
 * `later`, `now`, `done`, `not_observed`.
 */
due: string, 
/**
 * The verdict, where it was taken.
 */
verdict: string | null, 
/**
 * What was seen.
 */
observed: string, };

/**
 * Says that the notices up to a moment were looked at.
 */
export type LookedAt = { 
/**
 * The newest moment that was on screen.
 */
until: string, };

/**
 * What one column of a table holds.
 */
export type MapColumn = { 
/**
 * Its title.
 */
title: string, 
/**
 * One of the report's `fields`; nothing leaves the column out.
 */
field: string | null, };

/**
 * Previews the same files again, with other columns.
 */
export type MapImport = { 
/**
 * From the preview, which it replaces.
 */
token: string, 
/**
 * What the columns hold; columns that are not named are recognised by their titles.
 */
columns: Array<MapColumn>, };

/**
 * One service and one workload.
 */
export type MapWorkload = { 
/**
 * The workload.
 */
workload: WorkloadRef, 
/**
 * Id, name or alias of the service.
 */
service: string, 
/**
 * The service is new: it was born on the new platform, and is added under that name.
 */
born: boolean, };

/**
 * Says of services and workloads that they belong together, or that they do not, in one action.
 */
export type MapWorkloads = { 
/**
 * Pairs; at most 5,000.
 */
pairs: Array<MapWorkload>, 
/**
 * What is said of all of them.
 */
word: MappingWord, };

/**
 * A service and the workload it runs as.
 */
export type MappedView = { 
/**
 * The workload.
 */
workload: WorkloadRef, 
/**
 * The service.
 */
service: NodeRef, };

/**
 * Which service runs as which workload, for every target.
 */
export type MappingView = { 
/**
 * Targets, production last.
 */
targets: Array<TargetMapping>, };

/**
 * What a person says about a service and a workload.
 */
export type MappingWord = "confirmed" | "rejected" | "open";

/**
 * A metric of a sprint.
 */
export type Measured = { 
/**
 * The sprint.
 */
sprint: string, 
/**
 * The value; none where there was nothing to measure.
 */
value: number | null, 
/**
 * From how many.
 */
n: number, };

/**
 * Says that two nodes are one thing. Facts, names and dependencies of the one count for the other
 * from then on; `split_service` takes it back.
 */
export type MergeServices = { 
/**
 * The node that goes: id, name or alias.
 */
service: string, 
/**
 * The node that stays.
 */
into: string, };

/**
 * A metric.
 */
export type MetricRef = { 
/**
 * Id.
 */
id: string, 
/**
 * What it counts, and in which unit.
 */
title: string, };

/**
 * Actions of one device that could not be read.
 */
export type MissingView = { 
/**
 * The device, shortened.
 */
device: string, 
/**
 * How many actions.
 */
actions: number, 
/**
 * Number of the first.
 */
first: number, 
/**
 * Number of the last.
 */
last: number, 
/**
 * When the first was made, where that is known.
 */
from: string | null, 
/**
 * When the last was made, where that is known.
 */
to: string | null, };

/**
 * A service that moved.
 */
export type MovedRow = { 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Title of the stage before.
 */
from: string, 
/**
 * Title of the stage now.
 */
to: string, 
/**
 * True for a climb.
 */
up: boolean, };

/**
 * A service then and now.
 */
export type MoverRow = { 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Where it stood; none where it arrived since.
 */
from: Stand | null, 
/**
 * Where it stands.
 */
to: Stand, 
/**
 * Passed checks now less passed checks then.
 */
passed_difference: number, };

/**
 * Asks what moved.
 */
export type MoversRequest = { 
/**
 * A past day (`YYYY-MM-DD`): today is compared with its end.
 */
since: string, };

/**
 * Services that stand otherwise now than at the end of a day, as it was by what is known today.
 */
export type MoversView = { 
/**
 * The day.
 */
since: string, 
/**
 * Every service whose stage, scope, blocker or number of passed checks is another one, by
 * name.
 */
movers: Array<MoverRow>, 
/**
 * Those of them in scope that pass more checks now, most improved first, at most 10.
 */
improved: Array<MoverRow>, 
/**
 * Those of them in scope that pass fewer checks now, worst drop first, at most 10.
 */
dropped: Array<MoverRow>, };

/**
 * A namespace with its workloads by verdict.
 */
export type NamespaceView = { 
/**
 * Its context.
 */
context: string, 
/**
 * Name.
 */
name: string, 
/**
 * Workloads by verdict, from good to bad.
 */
workloads: Array<CountView>, };

/**
 * A decision that somebody waits for.
 */
export type NeedRow = { 
/**
 * What is to be decided or done.
 */
what: string, 
/**
 * Who can.
 */
owner: string, 
/**
 * The services that wait.
 */
services: Array<NodeRef>, 
/**
 * For how many days already.
 */
days: number, 
/**
 * By when it is needed: the first target day of the services, else the deadline.
 */
needed_by: string | null, 
/**
 * The cost of waiting: working days by which the 85 % date would be nearer without them.
 */
cost_days: number | null, };

/**
 * A node of the inventory, by id and name.
 */
export type NodeRef = { 
/**
 * Id.
 */
id: string, 
/**
 * Name.
 */
name: string, };

/**
 * A node of a cluster.
 */
export type NodeView = { 
/**
 * Its context.
 */
context: string, 
/**
 * Name.
 */
name: string, 
/**
 * What kubectl would print.
 */
status: string, 
/**
 * How it fares.
 */
verdict: string, 
/**
 * Why.
 */
reason: string, 
/**
 * Since when.
 */
since: string | null, 
/**
 * Version of its kubelet.
 */
version: string, 
/**
 * Marks that keep pods away.
 */
taints: Array<string>, };

/**
 * A note.
 */
export type NoteView = { 
/**
 * Id.
 */
id: string, 
/**
 * Id of its column.
 */
column: string, 
/**
 * What it says.
 */
text: string, 
/**
 * Name or initials of its author; none where notes are unattributed.
 */
author: string | null, 
/**
 * The service it is about.
 */
service: NodeRef | null, 
/**
 * The check it is about.
 */
check: string | null, 
/**
 * Facts it speaks of.
 */
facts: Array<string>, 
/**
 * The group it is in.
 */
group: string | null, 
/**
 * Earlier notes and actions on the same service or check.
 */
before: Array<string>, };

/**
 * No arguments.
 */
export type Nothing = Record<symbol, never>;

/**
 * One thing to look at.
 */
export type NoticeView = { 
/**
 * `regressed`, `waiver_requested`, `approval`, `overdue`, `blocked`, `waiver_ending`,
 * `conflict`.
 */
kind: string, 
/**
 * The service.
 */
service: NodeRef | null, 
/**
 * Check id, where it is about one.
 */
check: string | null, 
/**
 * One sentence.
 */
text: string, 
/**
 * Since when.
 */
at: string, 
/**
 * Newer than the last look.
 */
unseen: boolean, 
/**
 * Id of the request, for `answer_waiver`.
 */
request: string | null, };

/**
 * What needs the acting person, most urgent first.
 */
export type NoticesView = { 
/**
 * The notices, at most 200.
 */
notices: Array<NoticeView>, 
/**
 * How many of them are newer than the last look.
 */
unseen: number, };

/**
 * Opens a blocker.
 */
export type OpenBlocker = { 
/**
 * Id, name or alias.
 */
service: string, 
/**
 * Why; required.
 */
reason: string, 
/**
 * For whom or what it waits; required.
 */
waiting_for: string, };

/**
 * Opens a link in the person's browser.
 */
export type OpenLink = { 
/**
 * https address.
 */
url: string, };

/**
 * Which day's forecast.
 */
export type OutlookRequest = { 
/**
 * A past day, as for Progress.
 */
at?: string, 
/**
 * As that day was known then.
 */
as_known?: boolean, };

/**
 * What may be expected at a moment. Without a forecast it says why, and what pace is needed.
 */
export type OutlookView = { 
/**
 * What the forecast says, in sentences.
 */
sentence: string, 
/**
 * By the likelihood at the deadline: On course, Likely, At risk, Off course, or Unknown.
 */
status: string, 
/**
 * Why there is no forecast.
 */
reason: string | null, 
/**
 * Services in scope.
 */
scope: number, 
/**
 * Of them, not done at the close of the last working day.
 */
remaining: number, 
/**
 * Day 1 of the forecast; none while work rests without a planned end.
 */
day_one: string | null, 
/**
 * The answers with today's scope; empty without a forecast.
 */
levels: Array<LevelView>, 
/**
 * Working days of the counts in `levels`.
 */
horizon: number, 
/**
 * The answers if scope keeps growing as seen.
 */
growing: Array<LevelView>, 
/**
 * Why these are not told.
 */
growing_reason: string | null, 
/**
 * Share of the trials with today's scope that end beyond five years.
 */
beyond: number | null, 
/**
 * How the deadline stands.
 */
deadline: DeadlineView | null, 
/**
 * Why the date moved since the last forecast that was kept.
 */
slip: SlipView | null, 
/**
 * What earlier forecasts changed in the levels.
 */
adjusted: string | null, 
/**
 * What it was made from.
 */
basis: BasisView, 
/**
 * Scope and done at the close of each day.
 */
burn_up: Array<BurnDay>, 
/**
 * How many will be done, by working days to come.
 */
fan: Array<FanPoint>, 
/**
 * Whether earlier forecasts held.
 */
calibration: CalibrationView, };

/**
 * Two people, or three in a team of odd size.
 */
export type PairGroup = { 
/**
 * Who.
 */
people: Array<PersonRef>, 
/**
 * Its score.
 */
score: number, 
/**
 * Ids of at most two skills that would move somebody towards independence.
 */
moves: Array<string>, 
/**
 * What the group lacks, and who stands by.
 */
support: Array<SupportRow>, };

/**
 * Everybody in a group.
 */
export type PairPlan = { 
/**
 * The sum over its groups.
 */
score: number, 
/**
 * The groups.
 */
groups: Array<PairGroup>, };

/**
 * Who works together.
 */
export type PairView = { 
/**
 * Who.
 */
people: Array<PersonRef>, 
/**
 * Why.
 */
reason: string, };

/**
 * Who could work with whom.
 */
export type PairsView = { 
/**
 * The suggested plan.
 */
best: PairPlan, 
/**
 * The second best.
 */
runner_up: PairPlan | null, 
/**
 * With more than ten people not every plan is tried.
 */
greedy: boolean, };

/**
 * Somebody who took part.
 */
export type ParticipantView = { 
/**
 * 0 to 4.
 */
help: number, 
/**
 * The same in words, as told after a name.
 */
words: string, 
/**
 * An expert from outside: a guide by declaration.
 */
outside: boolean, 
/**
 * Id.
 */
id: string, 
/**
 * Name, for people.
 */
name: string, };

/**
 * A finding of the past.
 */
export type PastFinding = { 
/**
 * The finding.
 */
finding: FindingView, 
/**
 * Version of the check that was judged.
 */
check_version: number, 
/**
 * It was taken back.
 */
retracted: boolean, };

/**
 * A time without work.
 */
export type PauseWords = { 
/**
 * The first day without.
 */
from: string, 
/**
 * The first day with work again; none where nobody has planned it.
 */
resumes: string | null, 
/**
 * Why.
 */
reason: string, };

/**
 * A person of the programme, by id and name.
 */
export type PersonRef = { 
/**
 * Id.
 */
id: string, 
/**
 * Name, for people.
 */
name: string, };

/**
 * A person.
 */
export type PersonView = { 
/**
 * E-mail.
 */
email: string | null, 
/**
 * How many services the person works on.
 */
services: number, 
/**
 * Id.
 */
id: string, 
/**
 * Name, for people.
 */
name: string, };

/**
 * Names under which a service's own pipeline writes.
 */
export type PipelineView = { 
/**
 * The service.
 */
service: NodeRef, 
/**
 * The names.
 */
managers: Array<string>, };

/**
 * Plans a sprint.
 */
export type PlanSprint = { 
/**
 * Name, which no other sprint has.
 */
name: string, 
/**
 * What shall be true at its end.
 */
goal?: string, 
/**
 * `expert-led`, `internal` or `regular`.
 */
kind: string, 
/**
 * First day.
 */
first: string, 
/**
 * Last day.
 */
last: string, 
/**
 * Who leads it, by id or name.
 */
leader?: string, 
/**
 * Who takes part, by id or name.
 */
members?: Array<string>, 
/**
 * Services of its scope, by id, name or alias.
 */
services?: Array<string>, 
/**
 * The stage they shall reach; without it, the stage that counts as done.
 */
target_stage?: string, };

/**
 * One difference between two playbooks.
 */
export type PlaybookDifference = { 
/**
 * `check` or `stage`.
 */
of: string, 
/**
 * Id of the check or stage.
 */
id: string, 
/**
 * `added`, `removed`, `stricter` (a higher version), `counts`, `counts_no_more`, `moved`,
 * `reworded`.
 */
kind: string, 
/**
 * One sentence.
 */
text: string, };

/**
 * A fault of a playbook.
 */
export type PlaybookFault = { 
/**
 * Line of the text, from 1, where it is known.
 */
line: number | null, 
/**
 * What is wrong.
 */
text: string, 
/**
 * The version of the playbook that would mend it, where it is no more than that.
 */
raise_to: number | null, };

/**
 * A check of the playbook.
 */
export type PlaybookRow = { 
/**
 * Check id.
 */
id: string, 
/**
 * Title.
 */
title: string, 
/**
 * Version of the check.
 */
version: number, 
/**
 * `auto`, `manual` or `approval`.
 */
kind: string, 
/**
 * `draft`, `visible` or `counted`.
 */
state: string, 
/**
 * First day on which it counts, where that is later than the adoption.
 */
counted_from: string | null, 
/**
 * 5 blocker, 3 major, 1 minor, 0 information.
 */
weight: number, 
/**
 * Kinds of service it is for; none means all.
 */
archetypes: Array<string>, 
/**
 * Line of the text at which it begins.
 */
line: number, 
/**
 * Services in scope that pass it.
 */
passed: number, 
/**
 * Services in scope to which it applies.
 */
applies: number, 
/**
 * What must be true.
 */
what: string, 
/**
 * Why it matters.
 */
why: string, 
/**
 * How to get there.
 */
steps: Array<string>, 
/**
 * A script to copy.
 */
script: string | null, 
/**
 * Where to read more.
 */
fix_link: string | null, 
/**
 * Skills it needs, as titles.
 */
skills: Array<string>, 
/**
 * Days until an attestation must be renewed.
 */
stale_after_days: number | null, };

/**
 * A stage of the playbook.
 */
export type PlaybookStage = { 
/**
 * Stage id.
 */
id: string, 
/**
 * Title.
 */
title: string, 
/**
 * What being here means.
 */
meaning: string, 
/**
 * Its checks, drafts too, in the order of the text.
 */
checks: Array<PlaybookRow>, };

/**
 * The playbook in numbers.
 */
export type PlaybookSummary = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: number, 
/**
 * When the programme adopted it.
 */
adopted_at: string, 
/**
 * All checks.
 */
checks: number, 
/**
 * Those that count.
 */
counted: number, };

/**
 * What is wrong with a playbook, or what adopting it would change.
 */
export type PlaybookTrial = { 
/**
 * Faults; while there are any, it cannot be adopted.
 */
faults: Array<PlaybookFault>, 
/**
 * Its version.
 */
version: number, 
/**
 * How its checks and stages differ from the playbook in force.
 */
differences: Array<PlaybookDifference>, 
/**
 * Services that would stand elsewhere or be marked.
 */
affected: Array<AffectedService>, 
/**
 * Services in scope that were looked at.
 */
services: number, };

/**
 * The playbook in force.
 */
export type PlaybookView = { 
/**
 * Its name.
 */
name: string, 
/**
 * Its version.
 */
version: number, 
/**
 * Title.
 */
title: string, 
/**
 * When it was adopted; nothing where the programme has the one that comes with the product.
 */
adopted_at: string | null, 
/**
 * Give it to `adopt_playbook`: it says which version was on screen.
 */
adoption: string | null, 
/**
 * The text, as a team edits it.
 */
text: string, 
/**
 * `anyone` or `second_person`.
 */
waivers: string, 
/**
 * Stages in climbing order, with their checks.
 */
stages: Array<PlaybookStage>, 
/**
 * Kinds of service that the checks or the services name.
 */
archetypes: Array<string>, 
/**
 * Every adoption, newest first.
 */
history: Array<AdoptionView>, };

/**
 * A pod.
 */
export type PodView = { 
/**
 * Name.
 */
name: string, 
/**
 * The node it runs on.
 */
node: string, 
/**
 * kubectl's status word.
 */
status: string, 
/**
 * Ready containers.
 */
ready: number, 
/**
 * Containers.
 */
containers: number, 
/**
 * Restarts.
 */
restarts: number, 
/**
 * How it fares.
 */
verdict: string, 
/**
 * Why.
 */
reason: string, 
/**
 * The scheduler's or the node's own words.
 */
message: string, 
/**
 * When it was made.
 */
created: string | null, };

/**
 * Pods in numbers.
 */
export type PodsView = { 
/**
 * Wanted.
 */
wanted: number, 
/**
 * Ready.
 */
ready: number, 
/**
 * Restarts of all that are there.
 */
restarts: number, 
/**
 * By kubectl's status words.
 */
by_status: Array<CountView>, };

/**
 * Partial progress of one service.
 */
export type ProgressCounts = { 
/**
 * Counted checks that pass.
 */
passed: number, 
/**
 * Counted checks that apply and are not waived.
 */
counted: number, 
/**
 * Passed checks that are proved: by a verifier, or, for a manual check, by a signature.
 */
proved: number, 
/**
 * Counted checks that are waived.
 */
waived: number, 
/**
 * Counted checks that do not apply.
 */
not_applicable: number, };

/**
 * What to show beside today's numbers.
 */
export type ProgressRequest = { 
/**
 * Changes since this moment are listed; without it, since the last visit.
 */
since: string | null, 
/**
 * A past day (`YYYY-MM-DD`): the programme is shown as it stood at its end, under the playbook
 * of that day. Without it, or with today, as it stands now.
 */
at?: string, 
/**
 * Shows the past day as it was known then: only what had been recorded by its end. Otherwise
 * as it was, by what is known today.
 */
as_known?: boolean, };

/**
 * The CTO's page.
 */
export type ProgressView = { 
/**
 * Name of the programme.
 */
programme: string, 
/**
 * IANA name of the programme's time zone.
 */
time_zone: string, 
/**
 * Day by which the programme wants to be done.
 */
deadline: string | null, 
/**
 * Id of the stage that counts as done.
 */
done_stage: string, 
/**
 * The moment of these numbers: now, or the end of the day that is shown.
 */
as_of: string, 
/**
 * The past day that is shown; none where it is now.
 */
at: string | null, 
/**
 * Whether it is shown as it was known then.
 */
as_known: boolean, 
/**
 * What may be expected.
 */
outlook: OutlookView, 
/**
 * What else stands on the CTO's page.
 */
sheet: SheetView, 
/**
 * One sentence that says where the programme stands.
 */
sentence: string, 
/**
 * The programme's numbers.
 */
totals: Totals, 
/**
 * One row a stage in climbing order, the first being "not started" (id `none`).
 */
stages: Array<StageCount>, 
/**
 * How many services stood at each stage at the end of each day.
 */
flow: Flow, 
/**
 * Open blockers, oldest first.
 */
blocked: Array<BlockedRow>, 
/**
 * Regressed services.
 */
regressed: Array<RegressedRow>, 
/**
 * Start of the list of changes.
 */
since: string | null, 
/**
 * What changed since then, newest first, at most 200.
 */
changes: Array<EventView>, 
/**
 * How many changes there were in all.
 */
changes_total: number, 
/**
 * Services that entered a stage since then.
 */
moved: Array<MovedRow>, };

/**
 * A proposal with its reason.
 */
export type ProposalView = { 
/**
 * The workload.
 */
workload: WorkloadRef, 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Why, in a few words.
 */
reason: string, };

/**
 * People who work together, and why.
 */
export type ProposePair = { 
/**
 * Who, by id or name.
 */
people: Array<string>, 
/**
 * Why.
 */
reason: string, };

/**
 * A person, and why.
 */
export type ProposePerson = { 
/**
 * Who, by id or name.
 */
person: string, 
/**
 * Why.
 */
reason: string, };

/**
 * Reads an export back.
 */
export type ReadRetro = { 
/**
 * The export, as JSON.
 */
text: string, 
/**
 * In which form it is told.
 */
format: ReportFormat, };

/**
 * A service that changed.
 */
export type RecentRow = { 
/**
 * The service.
 */
service: NodeRef, 
/**
 * When it changed.
 */
changed_at: string, 
/**
 * What happened, where it can be told.
 */
event: EventView | null, };

/**
 * What changed last.
 */
export type RecentView = { 
/**
 * Services, the last changed first, at most 30.
 */
services: Array<RecentRow>, };

/**
 * Records that users were moved over to the new platform now.
 */
export type RecordCutOver = { 
/**
 * Id, name or alias of the service.
 */
service: string, 
/**
 * What there is to say about it.
 */
note: string | null, };

/**
 * Records who did a step, without attesting the check.
 */
export type RecordExecution = { 
/**
 * Id, name or alias.
 */
service: string, 
/**
 * Check id.
 */
check: string, 
/**
 * Each once, and at least one who did it.
 */
people: Array<TookPart>, 
/**
 * A script did it, and the doer ran the script.
 */
by_script: boolean, 
/**
 * A rollback, or a cut-over that failed.
 */
exceptional: boolean, 
/**
 * It was done in another programme, and counts up to L2.
 */
imported: boolean, 
/**
 * What there is to say.
 */
note?: string, 
/**
 * The day on which it was done; without it, now. Not in the future.
 */
on?: string, };

/**
 * What came back after damage, and what did not.
 */
export type RecoveryView = { 
/**
 * When.
 */
at: string, 
/**
 * What was wrong, as the database says it.
 */
damage: string, 
/**
 * The folder with the damaged files.
 */
aside: string, 
/**
 * When the copy was made that was restored; nothing where no good one was there.
 */
backup_made_at: string | null, 
/**
 * Name of that copy.
 */
backup: string | null, 
/**
 * Newer copies that were damaged too.
 */
bad_backups: Array<string>, 
/**
 * Actions that the copy did not have and the damaged files still gave.
 */
salvaged: number, 
/**
 * Actions that wait for others of their device.
 */
waiting: number, 
/**
 * Actions that are lost here, by device.
 */
missing: Array<MissingView>, 
/**
 * All of that in sentences.
 */
summary: string, };

/**
 * A service that lost a stage.
 */
export type RegressedRow = { 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Title of the stage it stood at.
 */
from: string, 
/**
 * Title of the stage it stands at now.
 */
to: string, 
/**
 * The check that fails.
 */
check: string, 
/**
 * Its title.
 */
check_title: string, 
/**
 * What was seen.
 */
observed: string, 
/**
 * Who or what saw it.
 */
source: string, 
/**
 * When.
 */
at: string, };

/**
 * Which form of the report.
 */
export type ReportFormat = "md" | "html" | "json" | "csv";

/**
 * An expert reports hours.
 */
export type ReportHours = { 
/**
 * Id, name or alias of the service.
 */
service: string, 
/**
 * Hundredths of an hour, 1 to 2,400.
 */
hundredths: number, 
/**
 * Who spent them; without it, the acting person. An expert from outside the team.
 */
person?: string, 
/**
 * On which day; without it, today. Not in the future.
 */
on?: string, 
/**
 * What there is to say.
 */
note?: string, };

/**
 * Asks for the progress report.
 */
export type ReportRequest = { 
/**
 * Its form.
 */
format: ReportFormat, 
/**
 * A past day, as for Progress.
 */
at?: string, 
/**
 * As that day was known then.
 */
as_known?: boolean, };

/**
 * A rendered report.
 */
export type ReportText = { 
/**
 * Suggested file name.
 */
file_name: string, 
/**
 * Content.
 */
text: string, };

/**
 * Restores a copy.
 */
export type RestoreBackup = { 
/**
 * File name of the copy.
 */
name: string, };

/**
 * Takes an attestation back.
 */
export type Retract = { 
/**
 * Id of the finding.
 */
finding: string, 
/**
 * Why.
 */
note: string | null, };

/**
 * A retrospective, whole: the same content in every form it is exported in.
 */
export type RetroDocument = { 
/**
 * Version of this form.
 */
schema_version: number, 
/**
 * Id.
 */
id: string, 
/**
 * The programme.
 */
programme: string, 
/**
 * The sprint.
 */
sprint: RetroSprint, 
/**
 * Who led it.
 */
leader: PersonRef | null, 
/**
 * Who is there.
 */
present: Array<PersonRef>, 
/**
 * The moment of its facts.
 */
as_of: string, 
/**
 * Whether the facts are frozen.
 */
frozen: boolean, 
/**
 * Where the log stood: the last sequence of every device.
 */
position: Record<string, number>, 
/**
 * Facts about the sprint that were recorded after that.
 */
later_corrections: number, 
/**
 * The columns.
 */
format: FormatView, 
/**
 * `named`, `initials` or `unattributed`.
 */
authors: string, 
/**
 * `tallies` or `individual`.
 */
voting: string, 
/**
 * Where the room is.
 */
step: string, 
/**
 * Who decided to go on without looking at all open actions.
 */
skipped_by: PersonRef | null, 
/**
 * Whether its notes are revealed.
 */
revealed: boolean, 
/**
 * Whether it is closed.
 */
closed: boolean, 
/**
 * Closings and reopenings, oldest first.
 */
revisions: Array<RevisionView>, 
/**
 * Open actions from before, those without an owner first, then the oldest.
 */
open_actions: Array<ActionView>, 
/**
 * The facts of the sprint.
 */
facts: FactsView, 
/**
 * Facts that somebody doubts.
 */
doubts: Array<DoubtView>, 
/**
 * Notes, by column.
 */
notes: Array<NoteView>, 
/**
 * Notes that speak about people and were left out of this document.
 */
notes_left_out?: number, 
/**
 * Groups, most votes first.
 */
groups: Array<GroupView>, 
/**
 * Insights.
 */
insights: Array<InsightView>, 
/**
 * Actions that it agreed on.
 */
actions: Array<ActionView>, 
/**
 * How actions of all retrospectives fared.
 */
follow_through: FollowThrough, 
/**
 * How many said so, from 1 to 5.
 */
return_on_time: Array<number>, 
/**
 * How many said so, from 1 to 5.
 */
confidence: Array<number>, 
/**
 * Who leads the next sprint.
 */
next_leader: LeaderView | null, 
/**
 * Who works with whom.
 */
pairs: Array<PairView>, 
/**
 * Thanks.
 */
kudos: Array<KudosView>, };

/**
 * A retrospective, by its sprint.
 */
export type RetroOf = { 
/**
 * Id or name of the sprint.
 */
sprint: string, };

/**
 * What the export of a retrospective would bring into this programme. Nothing is changed yet.
 */
export type RetroPreview = { 
/**
 * Name of the file.
 */
file_name: string, 
/**
 * The export itself, to be taken in.
 */
text: string, 
/**
 * The programme that held it.
 */
programme: string, 
/**
 * The sprint that it looked back on, as it goes by here.
 */
sprint: RetroSprint, 
/**
 * The sprint is in this programme already.
 */
sprint_is_here: boolean, 
/**
 * Its notes.
 */
notes: number, 
/**
 * Notes that speak about people and were left out when it was exported.
 */
notes_left_out: number, 
/**
 * Services that its notes are about and that go by no such name here.
 */
unknown_services: Array<string>, 
/**
 * Its actions.
 */
actions: Array<IncomingAction>, 
/**
 * People who become known here with it.
 */
people: Array<string>, };

/**
 * Asks for the document of a sprint's retrospective.
 */
export type RetroReport = { 
/**
 * Id or name of the sprint. Without it, the one that runs or rests; else the last that ended.
 */
sprint?: string, 
/**
 * Which form.
 */
format: ReportFormat, 
/**
 * As it stood at the end of a past day.
 */
at?: string, 
/**
 * With the notes that speak about people; without it they are left out and counted.
 */
with_people?: boolean, };

/**
 * Which sprint's.
 */
export type RetroRequest = { 
/**
 * Id or name of the sprint. Without it, the one that runs or rests; else the last that ended.
 */
sprint?: string, };

/**
 * The sprint that it looks back on.
 */
export type RetroSprint = { 
/**
 * Id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * Goal.
 */
goal: string, 
/**
 * `expert-led`, `internal` or `regular`.
 */
kind: string, 
/**
 * `planned`, `running`, `paused` or `ended`.
 */
state: string, 
/**
 * First day.
 */
first: string, 
/**
 * Last day.
 */
last: string, };

/**
 * The document of a retrospective as text.
 */
export type RetroText = { 
/**
 * A name for a file of it.
 */
file_name: string, 
/**
 * The whole text.
 */
text: string, 
/**
 * Notes that speak about people and are not in it.
 */
notes_left_out: number, };

/**
 * The page.
 */
export type RetroView = { 
/**
 * What is agreed, and would be exported.
 */
document: RetroDocument, 
/**
 * Somebody opened it; before, there is nothing to close or to revise.
 */
opened: boolean, 
/**
 * Notes of this device that nobody else sees, oldest first.
 */
drafts: Array<Draft>, 
/**
 * Private notes whose files cannot be read; they are kept as they are.
 */
unreadable: number, 
/**
 * Why notes may not be revealed yet, where they may not.
 */
waits: string | null, 
/**
 * Formats to choose from, the default first.
 */
formats: Array<FormatView>, 
/**
 * The steps in order.
 */
steps: Array<StepView>, 
/**
 * Metrics that an action can be bound to; a check is bound as `check:<id>`.
 */
metrics: Array<MetricRef>, 
/**
 * People of the programme.
 */
people: Array<PersonRef>, 
/**
 * Ids of notes that speak of a person of the programme by name: the team's own, and nothing to
 * share outside it unasked.
 */
about_people: Array<string>, 
/**
 * Sprints that have started, the latest first.
 */
sprints: Array<RetroSprint>, };

/**
 * A closing or a reopening.
 */
export type RevisionView = { 
/**
 * Closed, or opened again.
 */
closed: boolean, 
/**
 * When.
 */
at: string, 
/**
 * By whom.
 */
by: PersonRef, 
/**
 * Why it was opened again.
 */
reason: string, };

/**
 * Ends a waiver early.
 */
export type RevokeWaiver = { 
/**
 * Id of the waiver.
 */
waiver: string, };

/**
 * A rollout.
 */
export type RolloutView = { 
/**
 * Number of the revision.
 */
revision: number, 
/**
 * When.
 */
at: string, 
/**
 * How its time was found: `created`, `condition`, `history`, `observed`.
 */
time: string, 
/**
 * Where nobody looked when it happened: since when nobody had.
 */
unseen_since: string | null, 
/**
 * `image`, `config`, `restart`, `rollback`, `first`.
 */
change: string, 
/**
 * Container and image.
 */
images: Array<ImageView>, 
/**
 * Who wrote it.
 */
class: string, 
/**
 * The name that was given; empty where nobody looked.
 */
manager: string, 
/**
 * Run or commit, where it names one.
 */
trace: string | null, 
/**
 * It is recorded in the programme.
 */
recorded: boolean, 
/**
 * What delivered it, where the history of a delivery controller tells.
 */
source: SourceView | null, };

/**
 * One closed working day.
 */
export type SampleDayView = { 
/**
 * The day.
 */
date: string, 
/**
 * Entries into *done*.
 */
done: number, };

/**
 * Saves an export where the person chooses.
 */
export type SaveExport = { 
/**
 * What.
 */
what: ExportKind, };

/**
 * Answer to every write.
 */
export type Saved = { 
/**
 * Id of the action; give it to `undo`. Absent where nothing had to change.
 */
batch: string | null, 
/**
 * One sentence: what is saved.
 */
summary: string, 
/**
 * The id of the thing that was made, where one was.
 */
id: string | null, };

/**
 * Says something about an execution, or about a doubt: needed words.
 */
export type SayOf = { 
/**
 * Id of the execution or of the doubt.
 */
id: string, 
/**
 * What there is to say.
 */
note: string, };

/**
 * Whether a service takes part.
 */
export type ScopeChoice = "in" | "retire" | "retain" | "archived";

/**
 * Changes the scope of a sprint.
 */
export type ScopeSprint = { 
/**
 * Id or name.
 */
sprint: string, 
/**
 * Services, by id, name or alias.
 */
services: Array<string>, 
/**
 * Whether they come in or go out.
 */
change: SprintScopeChange, 
/**
 * The stage they shall reach; without it, the stage that counts as done.
 */
target_stage?: string, 
/**
 * Why. Needed once the sprint has started.
 */
reason?: string, };

/**
 * One text that holds the words.
 */
export type SearchHit = { 
/**
 * Where: `person`, `name`, `alias`, `tag`, `field`, `blocker`, `check`.
 */
place: string, 
/**
 * The service, but for people.
 */
service: NodeRef | null, 
/**
 * Id of the person, the blocker or the check, or the field.
 */
reference: string, 
/**
 * Title of the check, where it is one's note.
 */
title: string | null, 
/**
 * The text.
 */
text: string, };

/**
 * Asks for what holds some words.
 */
export type SearchRequest = { 
/**
 * Words; all of them must be in one text, in any order, without regard to case.
 */
query: string, };

/**
 * What was found.
 */
export type SearchView = { 
/**
 * People first, then names of services, then what is said of them; at most 100.
 */
hits: Array<SearchHit>, 
/**
 * How many there are in all.
 */
total: number, };

/**
 * One field of a service.
 */
export type ServiceEdit = { "field": "name", "value": string } | { "field": "class", "value": string } | { "field": "target_date", "value": string | null } | { "field": "owner", "value": string | null } | { "field": "team", "value": string | null } | { "field": "repository", "value": string | null } | { "field": "criticality", "value": number | null } | { "field": "effort", "value": string | null } | { "field": "archetype", "value": string | null } | { "field": "difficulty", "value": string | null } | { "field": "notes", "value": string | null } | { "field": "tag", "value": { 
/**
 * The tag.
 */
tag: string, 
/**
 * True to put on.
 */
present: boolean, } } | { "field": "alias", "value": { 
/**
 * The name.
 */
alias: string, 
/**
 * True to add.
 */
present: boolean, } } | { "field": "link", "value": { 
/**
 * https address.
 */
address: string, 
/**
 * What it leads to.
 */
title: string | null, } } | { "field": "assignee", "value": { 
/**
 * Person id or name.
 */
person: string, 
/**
 * True to put on.
 */
assigned: boolean, } } | { "field": "scope", "value": { 
/**
 * The choice.
 */
scope: ScopeChoice, 
/**
 * Why; required.
 */
reason: string, } } | { "field": "due", "value": { 
/**
 * Check id.
 */
check: string, 
/**
 * The day.
 */
day: string | null, } } | { "field": "doing", "value": { 
/**
 * Check id.
 */
check: string, 
/**
 * Person id or name.
 */
person: string | null, } };

/**
 * An expert's hours on a service.
 */
export type ServiceHours = { 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Hundredths of an hour; self-reported.
 */
hundredths: number, 
/**
 * Each entry, oldest first.
 */
entries: Array<HoursEntry>, };

/**
 * Which service.
 */
export type ServiceRequest = { 
/**
 * Id, name or alias.
 */
service: string, };

/**
 * One row of the Services table.
 */
export type ServiceRow = { 
/**
 * Id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * Class: service, datastore, platform, load generator, external.
 */
class: string, 
/**
 * `in`, `retire` or `retain`.
 */
scope: string, 
/**
 * Stage id, or nothing before the first stage (and for nodes that are no services).
 */
stage: string | null, 
/**
 * Position of the stage on the ladder: 0 is "not started".
 */
stage_index: number, 
/**
 * Has an open blocker.
 */
blocked: boolean, 
/**
 * Since when it is blocked.
 */
blocked_since: string | null, 
/**
 * Lost a stage because a check went from pass to fail.
 */
regressed: boolean, 
/**
 * Keeps its stage while a new or stricter check is open.
 */
reproving: boolean, 
/**
 * Keeps its stage on a pass that went stale, since then.
 */
unproven_since: string | null, 
/**
 * Partial progress.
 */
progress: ProgressCounts, 
/**
 * Who works on it.
 */
assignees: Array<PersonRef>, 
/**
 * Day by which it should be done.
 */
target_date: string | null, 
/**
 * The next open counted check.
 */
next_check: CheckRef | null, 
/**
 * How many nodes it calls.
 */
calls: number, 
/**
 * How many nodes call it.
 */
called_by: number, 
/**
 * When its stage last changed.
 */
stage_since: string | null, 
/**
 * When anything about it last changed.
 */
changed_at: string, 
/**
 * Who answers for it.
 */
owner: string | null, 
/**
 * Team.
 */
team: string | null, 
/**
 * From 1 (hardly noticed) to 5 (the company stops).
 */
criticality: number | null, 
/**
 * `S`, `M`, `L` or `XL`.
 */
effort: string | null, 
/**
 * Kind of service.
 */
archetype: string | null, 
/**
 * `easy`, `moderate` or `hard`.
 */
difficulty: string | null, 
/**
 * Tags, in order.
 */
tags: Array<string>, 
/**
 * Other names it is known by.
 */
known_as: Array<string>, 
/**
 * The first day on which one of its open checks is due.
 */
next_due: string | null, };

/**
 * One service, whole.
 */
export type ServiceView = { 
/**
 * Why it has its class.
 */
class_reason: string | null, 
/**
 * Image, as imported.
 */
image: string | null, 
/**
 * Source directory, as imported.
 */
source_directory: string | null, 
/**
 * https address of its repository.
 */
repository: string | null, 
/**
 * Notes, Markdown.
 */
notes: string | null, 
/**
 * Links.
 */
links: Array<LinkView>, 
/**
 * Nodes that turned out to be this one.
 */
merged: Array<NodeRef>, 
/**
 * Other names it is known by.
 */
aliases: Array<string>, 
/**
 * Why it is out of scope, and who decided.
 */
scope_reason: string | null, 
/**
 * The ladder with its checks.
 */
ladder: Array<LadderStage>, 
/**
 * Blockers, open first.
 */
blockers: Array<BlockerView>, 
/**
 * What it calls.
 */
dependencies: Array<DependencyView>, 
/**
 * What calls it.
 */
dependents: Array<DependencyView>, 
/**
 * Current finding of every check that has one.
 */
findings: Array<FindingView>, 
/**
 * What happened, newest first.
 */
timeline: Array<EventView>, 
/**
 * Fields that two people changed without seeing each other.
 */
conflicts: Array<ConflictView>, 
/**
 * Id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * Class: service, datastore, platform, load generator, external.
 */
class: string, 
/**
 * `in`, `retire` or `retain`.
 */
scope: string, 
/**
 * Stage id, or nothing before the first stage (and for nodes that are no services).
 */
stage: string | null, 
/**
 * Position of the stage on the ladder: 0 is "not started".
 */
stage_index: number, 
/**
 * Has an open blocker.
 */
blocked: boolean, 
/**
 * Since when it is blocked.
 */
blocked_since: string | null, 
/**
 * Lost a stage because a check went from pass to fail.
 */
regressed: boolean, 
/**
 * Keeps its stage while a new or stricter check is open.
 */
reproving: boolean, 
/**
 * Keeps its stage on a pass that went stale, since then.
 */
unproven_since: string | null, 
/**
 * Partial progress.
 */
progress: ProgressCounts, 
/**
 * Who works on it.
 */
assignees: Array<PersonRef>, 
/**
 * Day by which it should be done.
 */
target_date: string | null, 
/**
 * The next open counted check.
 */
next_check: CheckRef | null, 
/**
 * How many nodes it calls.
 */
calls: number, 
/**
 * How many nodes call it.
 */
called_by: number, 
/**
 * When its stage last changed.
 */
stage_since: string | null, 
/**
 * When anything about it last changed.
 */
changed_at: string, 
/**
 * Who answers for it.
 */
owner: string | null, 
/**
 * Team.
 */
team: string | null, 
/**
 * From 1 (hardly noticed) to 5 (the company stops).
 */
criticality: number | null, 
/**
 * `S`, `M`, `L` or `XL`.
 */
effort: string | null, 
/**
 * Kind of service.
 */
archetype: string | null, 
/**
 * `easy`, `moderate` or `hard`.
 */
difficulty: string | null, 
/**
 * Tags, in order.
 */
tags: Array<string>, 
/**
 * Other names it is known by.
 */
known_as: Array<string>, 
/**
 * The first day on which one of its open checks is due.
 */
next_due: string | null, };

/**
 * All rows, and the ladder they stand on.
 */
export type ServicesView = { 
/**
 * Every node of the inventory, by name.
 */
rows: Array<ServiceRow>, 
/**
 * The ladder.
 */
stages: Array<StageRef>, };

/**
 * The frame around every page.
 */
export type SessionView = { 
/**
 * Name of the programme.
 */
programme: string, 
/**
 * File name of the workspace, without its folder.
 */
workspace: string, 
/**
 * Version of the app.
 */
version: string, 
/**
 * Who is working, or nobody yet: then the window asks.
 */
acting_as: PersonRef | null, 
/**
 * A name the operating system suggests for the first person.
 */
suggested_name: string | null, 
/**
 * E-mail that goes with the suggested name.
 */
suggested_email: string | null, 
/**
 * Everyone who may act.
 */
people: Array<PersonRef>, 
/**
 * Today in the programme's time zone.
 */
today: string, 
/**
 * When this device last had the programme open, before this session.
 */
last_visit: string | null, 
/**
 * The action that "undo" would take back, if the acting person has one.
 */
undo: UndoView | null, 
/**
 * Why nothing can be written, or nothing.
 */
read_only: string | null, 
/**
 * True for the invented sample programme, which says so on every page.
 */
sample: boolean, 
/**
 * Number of nodes in the inventory; 0 leads to the import.
 */
nodes: number, 
/**
 * Addresses of the window that were kept under a name, by name.
 */
views: Array<KeptView>, 
/**
 * How far a new programme has come.
 */
first_steps: FirstSteps, };

/**
 * Takes a service into scope or out of it.
 */
export type SetScope = { 
/**
 * Id, name or alias.
 */
service: string, 
/**
 * The choice.
 */
scope: ScopeChoice, 
/**
 * Why; required.
 */
reason: string, };

/**
 * The Settings page.
 */
export type SettingsView = { 
/**
 * Name of the programme.
 */
name: string, 
/**
 * IANA time zone.
 */
time_zone: string, 
/**
 * Zones that can be chosen.
 */
time_zones: Array<string>, 
/**
 * Day by which the programme wants to be done.
 */
deadline: string | null, 
/**
 * Stage that counts as done.
 */
done_stage: string, 
/**
 * Whether the CTO's page may name people.
 */
names_shown: boolean, 
/**
 * The ladder.
 */
stages: Array<StageRef>, 
/**
 * Which days are worked.
 */
calendar: CalendarView, 
/**
 * People, by name.
 */
people: Array<PersonView>, 
/**
 * Environments, in order.
 */
environments: Array<EnvironmentView>, 
/**
 * The playbook in force.
 */
playbook: PlaybookSummary, 
/**
 * Where the workspace lies and how much it holds.
 */
workspace: WorkspaceFacts, 
/**
 * Whether this device's desktop is told of regressions.
 */
tells_desktop: boolean, };

/**
 * Settles a conflict.
 */
export type SettleConflict = { 
/**
 * Id of the thing.
 */
entity: string, 
/**
 * The field.
 */
field: string, 
/**
 * The value that stays, as JSON: one of those in conflict, or a new one of their kind.
 */
value: string, 
/**
 * The versions that were shown; without them, all there are now. What came since stays in
 * conflict.
 */
seen?: Array<string>, };

/**
 * What else the CTO's page shows.
 */
export type SheetView = { 
/**
 * By class of difficulty, easy first; those without a class last.
 */
classes: Array<ClassRow>, 
/**
 * At most three decisions, the dearest first.
 */
needs: Array<NeedRow>, 
/**
 * Rollouts seen in clusters, by week; empty where none was.
 */
deployments: Array<DeploymentWeek>, 
/**
 * From when on rollouts were seen.
 */
deployments_since: string | null, 
/**
 * Services done without an expert leading.
 */
independence: IndependenceView, 
/**
 * Regressions of done services.
 */
health: HealthView, 
/**
 * What the numbers stand on.
 */
trust: TrustView, };

/**
 * A skill.
 */
export type SkillRow = { 
/**
 * Id.
 */
id: string, 
/**
 * Title.
 */
title: string, 
/**
 * The team cannot do without it.
 */
mandatory: boolean, 
/**
 * People of the team with L3 or more; "L3?" is not among them. The target is 2.
 */
holders: Array<PersonRef>, 
/**
 * Working days from the first evidence to L3, median; told from 3 people on.
 */
median_days: number | null, 
/**
 * The same, by person.
 */
times: Array<TimeRow>, };

/**
 * A person as the Skills page knows him.
 */
export type SkilledPerson = { 
/**
 * An expert from outside the team.
 */
outside: boolean, 
/**
 * Wants to lead sprints.
 */
willing: boolean, 
/**
 * Others may see the person's own assessment.
 */
open_assessment: boolean, 
/**
 * Id.
 */
id: string, 
/**
 * Name, for people.
 */
name: string, };

/**
 * The Skills page.
 */
export type SkillsView = { 
/**
 * The day of the numbers.
 */
as_of: string, 
/**
 * Skills in the playbook's order.
 */
skills: Array<SkillRow>, 
/**
 * Everybody, by name.
 */
people: Array<SkilledPerson>, 
/**
 * Where somebody has evidence in a skill, or assessed himself.
 */
levels: Array<LevelCell>, 
/**
 * Executions that are known.
 */
executions: number, 
/**
 * Of them, those that nobody confirmed.
 */
unconfirmed: number, 
/**
 * Of them, those that are in doubt.
 */
contested: number, 
/**
 * The smallest number of people whose absence leaves a mandatory skill with nobody.
 */
truck_factor: number | null, 
/**
 * Ids of the skills that so few hold.
 */
weakest: Array<string>, 
/**
 * Ids of mandatory skills that nobody holds.
 */
orphaned: Array<string>, 
/**
 * The fewest people whose absence leaves fewer than half of the mandatory skills with anybody.
 */
half_lost: number | null, 
/**
 * Over all executions.
 */
independence: IndependenceRatio, 
/**
 * Services that are done, whose every execution was done alone by the team.
 */
unaided: Array<NodeRef>, 
/**
 * Of them, those that are regressed: the number that keeps the other one honest.
 */
unaided_regressed: Array<NodeRef>, 
/**
 * Sprints that were started, oldest first.
 */
sprints: Array<SprintTransfer>, 
/**
 * An expert's hours, by service.
 */
hours: Array<ServiceHours>, 
/**
 * Who could lead and who could work with whom in the next sprint, or the one that runs.
 */
suggestion: Suggestion, };

/**
 * Why the 85 % date moved, in working days; later is positive. The parts add up.
 */
export type SlipView = { 
/**
 * When the forecast was kept that it moved from.
 */
since: string, 
/**
 * The date it said.
 */
from: string, 
/**
 * All of it.
 */
total: number, 
/**
 * Services added and removed.
 */
scope: number, 
/**
 * Regressions.
 */
regressions: number, 
/**
 * Calendar and capacity.
 */
calendar: number, 
/**
 * The pace.
 */
pace: number, 
/**
 * Noise of the simulation.
 */
noise: number, };

/**
 * An entry in the history of a delivery controller.
 */
export type SourceView = { 
/**
 * `Argo CD`, `Flux` or `Flux Helm`.
 */
tool: string, 
/**
 * Kind of the object that bears the history.
 */
kind: string, 
/**
 * Its namespace and name.
 */
object: string, 
/**
 * Commit or version of a chart, as short as people write it.
 */
short_revision: string | null, 
/**
 * The same in full.
 */
revision: string | null, 
/**
 * `automated`; `requested` where somebody asked for it, who may be a person or a pipeline's
 * account; `untold` where the history does not say.
 */
start: string, };

/**
 * Makes two of one: a node that was merged comes back as it was, or an alias becomes a service of
 * its own, without findings.
 */
export type SplitService = { 
/**
 * The service that stays.
 */
service: string, 
/**
 * Name of the merged node, or the alias.
 */
name: string, };

/**
 * What a sprint brought.
 */
export type SprintDone = { 
/**
 * Its name.
 */
name: string, 
/**
 * `expert-led`, `internal` or `regular`.
 */
kind: string, 
/**
 * Services in its scope.
 */
planned: number, 
/**
 * Of them, at their target.
 */
reached: number, };

/**
 * Asks for the report of a sprint.
 */
export type SprintReport = { 
/**
 * Id or name of the sprint. Without it, the one that runs or rests; else the last that ended.
 */
sprint?: string, 
/**
 * Which form.
 */
format: ReportFormat, 
/**
 * As it stood at the end of a past day.
 */
at?: string, };

/**
 * Which sprint.
 */
export type SprintRequest = { 
/**
 * Id or name. Without it the one that runs; else the next that is planned; else the last.
 */
sprint?: string, };

/**
 * A sprint in a list.
 */
export type SprintRow = { 
/**
 * Id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * What shall be true at its end.
 */
goal: string, 
/**
 * `expert-led`, `internal` or `regular`.
 */
kind: string, 
/**
 * `planned`, `running`, `paused` or `ended`.
 */
state: string, 
/**
 * First day.
 */
first: string, 
/**
 * Last day.
 */
last: string, 
/**
 * Working days from the first to the last.
 */
working_days: number, 
/**
 * Which of them today is; none before it, after it, and on days that are not worked.
 */
day: number | null, 
/**
 * Who leads it.
 */
leader: PersonRef | null, 
/**
 * Who takes part.
 */
members: Array<PersonRef>, 
/**
 * Services in its scope: now, or at its end.
 */
planned: number, 
/**
 * How many of them stand at their target stage or beyond: now, or at its end.
 */
reached: number, };

/**
 * Into a scope or out of it.
 */
export type SprintScopeChange = "in" | "out";

/**
 * One change of a sprint's scope.
 */
export type SprintScopeStep = { 
/**
 * When.
 */
at: string, 
/**
 * The local day of it, in the programme's time zone.
 */
day: string, 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Title of the stage it shall reach; none where it was taken out.
 */
target_title: string | null, 
/**
 * Why.
 */
reason: string, 
/**
 * Who decided.
 */
by: string, };

/**
 * A service of a sprint.
 */
export type SprintService = { 
/**
 * The service as the table has it, now.
 */
service: ServiceRow, 
/**
 * The stage it shall reach.
 */
target_stage: string, 
/**
 * That stage's title.
 */
target_title: string, 
/**
 * It stands there or beyond: now, or at the end of the sprint.
 */
reached: boolean, 
/**
 * It came in after the sprint was started.
 */
added: boolean, 
/**
 * Why it is in scope.
 */
reason: string, };

/**
 * What a sprint did for the team's independence.
 */
export type SprintTold = { 
/**
 * Name.
 */
name: string, 
/**
 * `expert-led`, `internal` or `regular`.
 */
kind: string, 
/**
 * Executions while it ran.
 */
independence: IndependenceRatio, 
/**
 * Services that became done while it ran.
 */
done: number, 
/**
 * Of them, those that the team did unaided.
 */
unaided: number, 
/**
 * An expert's hours for each service of its scope, in hundredths; self-reported.
 */
hours_per_service: number | null, };

/**
 * What a sprint did for the team's independence.
 */
export type SprintTransfer = { 
/**
 * Id.
 */
id: string, 
/**
 * Name.
 */
name: string, 
/**
 * `expert-led`, `internal` or `regular`.
 */
kind: string, 
/**
 * Executions while it ran.
 */
independence: IndependenceRatio, 
/**
 * Services that became done while it ran.
 */
done: number, 
/**
 * Of them, those that the team did unaided.
 */
unaided: Array<NodeRef>, 
/**
 * An expert's hours, in hundredths; self-reported.
 */
hours: number, 
/**
 * Services in its scope.
 */
services: number, 
/**
 * Hours for each service of its scope, in hundredths; nothing without any.
 */
hours_per_service: number | null, };

/**
 * A turn of a sprint.
 */
export type SprintTurn = "start" | "pause" | "resume" | "end";

/**
 * One sprint.
 */
export type SprintView = { 
/**
 * The sprint.
 */
sprint: SprintRow, 
/**
 * When it was started, where it was.
 */
started_at: string | null, 
/**
 * When it was ended, where it was.
 */
ended_at: string | null, 
/**
 * Its scope, by name.
 */
services: Array<SprintService>, 
/**
 * Changes of its scope after it was started, oldest first.
 */
scope_changes: Array<SprintScopeStep>, 
/**
 * Scope and result at the end of each day, up to today or to the day it ended.
 */
burn_up: Array<BurnUpDay>, 
/**
 * What happened to its services while it ran, latest first.
 */
log: Array<EventView>, 
/**
 * The ladder, for the board.
 */
stages: Array<StageRef>, };

/**
 * All sprints, the latest first.
 */
export type SprintsView = { 
/**
 * The sprints.
 */
sprints: Array<SprintRow>, };

/**
 * One stage of the ladder and who stands there.
 */
export type StageCount = { 
/**
 * Stage id, or `none`.
 */
stage: string, 
/**
 * Title.
 */
title: string, 
/**
 * What being here means.
 */
meaning: string, 
/**
 * Services whose stage is exactly this one.
 */
here: number, 
/**
 * Services at this stage or beyond.
 */
reached: number, 
/**
 * The services that stand exactly here.
 */
services: Array<NodeRef>, 
/**
 * False where the programme has no such environment.
 */
applicable: boolean, };

/**
 * A stage, by id and title.
 */
export type StageRef = { 
/**
 * Stage id.
 */
id: string, 
/**
 * Title.
 */
title: string, 
/**
 * False where the programme has no such environment.
 */
applicable: boolean, };

/**
 * Where a service stands, in short.
 */
export type Stand = { 
/**
 * Stage id, none before the first.
 */
stage: string | null, 
/**
 * Title of the stage.
 */
title: string, 
/**
 * Number of the stage on the ladder of its day; 0 before the first.
 */
number: number, 
/**
 * Scope.
 */
scope: string, 
/**
 * Has an open blocker.
 */
blocked: boolean, 
/**
 * Counted checks that pass.
 */
passed: number, 
/**
 * Counted checks that apply.
 */
counted: number, };

/**
 * A step and how long it takes.
 */
export type StepView = { 
/**
 * Its word.
 */
step: string, 
/**
 * Advice, in minutes.
 */
minutes: number, };

/**
 * Something that needs attention, with what to do.
 */
export type StorageAdvice = { 
/**
 * What kind: `place`, `damaged`, `behind` (until `dismiss_recovery`), `backup_old`, `log_large`,
 * `disk_nearly_full`.
 */
kind: string, 
/**
 * One or two sentences.
 */
text: string, };

/**
 * The Backups section of Settings, and the notices above every page.
 */
export type StorageView = { 
/**
 * The folder with the copies.
 */
folder: string, 
/**
 * The copies, newest first.
 */
backups: Array<BackupView>, 
/**
 * Size of all copies together, in KiB, rounded up.
 */
total_kib: number, 
/**
 * Whether a copy is made each day: not of the sample programme.
 */
daily: boolean, 
/**
 * What needs attention.
 */
advice: Array<StorageAdvice>, 
/**
 * What the last recovery brought back, until somebody has read it.
 */
recovery: RecoveryView | null, };

/**
 * Who could lead.
 */
export type SuggestedLeader = { 
/**
 * Who holds every mandatory skill and is willing: the suggested one, the runner-up, the rest.
 */
eligible: Array<LeaderRow>, 
/**
 * Who lacks one skill, and which.
 */
one_step_away: Array<LackRow>, 
/**
 * Where nobody is eligible, the two nearest: with the expert in support.
 */
nearest: Array<LackRow>, };

/**
 * A suggestion, never a decision.
 */
export type Suggestion = { 
/**
 * For which sprint; nothing where none is planned or running: then for every mandatory skill.
 */
sprint: string | null, 
/**
 * Its state.
 */
state: string | null, 
/**
 * Ids of the skills that its planned checks need.
 */
needed: Array<string>, 
/**
 * Of them, the mandatory ones.
 */
mandatory: Array<string>, 
/**
 * Who could lead.
 */
leader: SuggestedLeader, 
/**
 * Who could work with whom; nothing where there are fewer than two people, and where what is
 * wished leaves no plan.
 */
pairs: PairsView | null, 
/**
 * What people said of pairs; hard constraints of every plan.
 */
wishes: Array<WishedPair>, 
/**
 * What is to be known about it.
 */
note: string | null, };

/**
 * A mandatory skill that a group lacks.
 */
export type SupportRow = { 
/**
 * Skill id.
 */
skill: string, 
/**
 * Who holds it and stands by; nobody where it is missing altogether.
 */
person: PersonRef | null, };

/**
 * A change that has not held yet.
 */
export type SuspectedView = { 
/**
 * The service.
 */
service: string, 
/**
 * The target.
 */
target: string, 
/**
 * The check.
 */
check: string, 
/**
 * The finding as it stands.
 */
result: string, 
/**
 * What it may become.
 */
suspected: string, 
/**
 * What was seen.
 */
observed: string, 
/**
 * Who wrote it, where that matters.
 */
writer: string | null, };

/**
 * Switches a context on or off, on this device.
 */
export type SwitchContext = { 
/**
 * Its name.
 */
context: string, 
/**
 * Whether it is watched from now on.
 */
on: boolean, };

/**
 * What a view shows and a write can make old.
 */
export type Tag = "session" | "services" | "programme" | "storage" | "cluster";

/**
 * A field of one node.
 */
export type TakeField = { 
/**
 * Name of the node's row.
 */
name: string, 
/**
 * Name of the field, as in the row.
 */
field: string, };

/**
 * Services and workloads of one target.
 */
export type TargetMapping = { 
/**
 * Id of the target.
 */
target: string, 
/**
 * Name of its environment.
 */
environment: string, 
/**
 * Name of its context.
 */
context: string, 
/**
 * Its namespaces; none means all.
 */
namespaces: Array<string>, 
/**
 * Whether all of it was looked at: only then what is absent is absent.
 */
seen: boolean, 
/**
 * What a person confirmed, and is there.
 */
confirmed: Array<MappedView>, 
/**
 * What a person confirmed, and is not there.
 */
missing: Array<MappedView>, 
/**
 * What is proposed.
 */
proposed: Array<ProposalView>, 
/**
 * What several services claim.
 */
contested: Array<ContestedView>, 
/**
 * Workloads that nobody is: perhaps born here.
 */
unmapped: Array<UnmappedView>, 
/**
 * Services that have nothing here.
 */
unmatched: Array<NodeRef>, };

/**
 * A context and its namespaces.
 */
export type TargetView = { 
/**
 * Id.
 */
id: string, 
/**
 * Name of the kubeconfig context.
 */
context: string, 
/**
 * Namespaces; none means all.
 */
namespaces: Array<string>, };

/**
 * Says whether the desktop is told of regressions, on this device.
 */
export type TellDesktop = { 
/**
 * Whether it is.
 */
on: boolean, };

/**
 * How long somebody took to hold a skill.
 */
export type TimeRow = { 
/**
 * Who.
 */
person: PersonRef, 
/**
 * Working days from the first evidence to L3, both included.
 */
working_days: number, 
/**
 * Services worked on until then.
 */
services: number, };

/**
 * Two services that were deployed together.
 */
export type TogetherRow = { 
/**
 * One of them; the service that was asked for.
 */
first: NodeRef, 
/**
 * The other one.
 */
second: NodeRef, 
/**
 * Deployments of the first with one of the second beside them.
 */
times: number, 
/**
 * Deployments of the first.
 */
of_first: number, 
/**
 * Deployments of the second.
 */
of_second: number, };

/**
 * Somebody who took part in a step.
 */
export type TookPart = { 
/**
 * Person id or name.
 */
person: string, 
/**
 * 0 watched, 1 did it while being told how, 2 did it and asked for help, 3 did it alone,
 * 4 guided the one who did it.
 */
help: number, };

/**
 * Numbers over all services in scope.
 */
export type Totals = { 
/**
 * Nodes of class service that are in scope.
 */
in_scope: number, 
/**
 * Nodes of class service that were taken out of scope.
 */
out_of_scope: number, 
/**
 * Services at the done stage or beyond.
 */
done: number, 
/**
 * Services with an open blocker.
 */
blocked: number, 
/**
 * Services that lost a stage because a check went from pass to fail.
 */
regressed: number, 
/**
 * Services that keep a stage while a new or stricter check is open.
 */
reproving: number, 
/**
 * Services that keep a stage on a pass that went stale.
 */
unproven: number, 
/**
 * Counted checks that pass, over all services in scope.
 */
passed: number, 
/**
 * Counted checks that apply, over all services in scope.
 */
counted: number, 
/**
 * Passed checks that are proved, not claimed.
 */
proved: number, 
/**
 * Passed checks that are claimed.
 */
claimed: number, 
/**
 * Checks waived.
 */
waived: number, 
/**
 * Checks that do not apply.
 */
not_applicable: number, };

/**
 * Says which check a service's regression comes from.
 */
export type TraceRegression = { 
/**
 * Id, name or alias of the service; it has regressed.
 */
service: string, 
/**
 * The check that is the cause.
 */
check: string, 
/**
 * What there is to say.
 */
note?: string, };

/**
 * How knowledge moves to the team, in counts and skills.
 */
export type TransferView = { 
/**
 * Over all executions.
 */
independence: IndependenceRatio, 
/**
 * Services that are done, whose every execution was done alone by the team.
 */
unaided: number, 
/**
 * The smallest number of people whose absence leaves a mandatory skill with nobody.
 */
truck_factor: number | null, 
/**
 * Mandatory skills that fewer than two people hold.
 */
thin: Array<HeldSkill>, 
/**
 * Sprints that were started, oldest first.
 */
sprints: Array<SprintTold>, };

/**
 * A workload that would be read otherwise.
 */
export type TriedWriter = { 
/**
 * Context, namespace, kind and name.
 */
workload: string, 
/**
 * The service that runs as it.
 */
service: NodeRef | null, 
/**
 * The name the writer gave.
 */
manager: string, 
/**
 * Class as it is read now.
 */
from: string, 
/**
 * Class as it would be read.
 */
to: string, };

/**
 * What the numbers stand on.
 */
export type TrustView = { 
/**
 * The oldest of the targets' last complete looks; none where a target was never looked at.
 */
last_look: string | null, 
/**
 * Targets that were never looked at.
 */
never_looked: number, 
/**
 * Entries that were recorded more than a day after they happened.
 */
late_entries: number, 
/**
 * Counted checks that nobody knows or that do not pass.
 */
open_checks: number, };

/**
 * A playbook to look at before it is adopted.
 */
export type TryPlaybook = { 
/**
 * The text.
 */
text: string, };

/**
 * Closes a retrospective, or opens it again.
 */
export type TurnRetro = { 
/**
 * Id or name of the sprint.
 */
sprint: string, 
/**
 * Closed, or open again.
 */
closed: boolean, 
/**
 * Why it is opened again.
 */
reason?: string, };

/**
 * Starts, pauses, resumes or ends a sprint.
 */
export type TurnSprint = { 
/**
 * Id or name.
 */
sprint: string, 
/**
 * Which turn.
 */
turn: SprintTurn, 
/**
 * Why, or what there is to say.
 */
note?: string, 
/**
 * Where it ends: the sprint that takes over the services which did not reach their stage.
 */
carry_over_to?: string, };

/**
 * Takes an action back.
 */
export type Undo = { 
/**
 * Id of the action.
 */
batch: string, };

/**
 * An action that can be taken back.
 */
export type UndoView = { 
/**
 * Id of the action.
 */
batch: string, 
/**
 * One sentence: what it did.
 */
summary: string, };

/**
 * A workload that no service is.
 */
export type UnmappedView = { 
/**
 * The workload.
 */
workload: WorkloadRef, 
/**
 * The name that a new service would get.
 */
name: string, 
/**
 * Its images.
 */
images: Array<string>, };

/**
 * What may not or could not be read.
 */
export type UnreadView = { 
/**
 * What, such as `pods`.
 */
resource: string, 
/**
 * Where; empty for the whole cluster.
 */
namespace: string, 
/**
 * `forbidden`, `api_absent`, `not_synced`, `stale`.
 */
reason: string, };

/**
 * A variable of a program.
 */
export type VariableView = { 
/**
 * Its name.
 */
name: string, 
/**
 * It changes what programs do, such as `PATH`.
 */
delicate: boolean, };

/**
 * Waives a check.
 */
export type Waive = { 
/**
 * Id, name or alias.
 */
service: string, 
/**
 * Check id.
 */
check: string, 
/**
 * Why; required.
 */
reason: string, 
/**
 * Last day on which it holds; not in the past, at most a year ahead.
 */
expires_on: string, };

/**
 * A waiver that somebody asked for and nobody answered.
 */
export type WaiverRequestView = { 
/**
 * Id; give it to `answer_waiver`.
 */
request: string, 
/**
 * The service.
 */
service: NodeRef, 
/**
 * Check id.
 */
check: string, 
/**
 * Title of the check.
 */
title: string, 
/**
 * Why it is asked for.
 */
reason: string, 
/**
 * Who asks.
 */
by: string, 
/**
 * Since when.
 */
since: string, 
/**
 * Last day on which the waiver would hold; after it the request lapses.
 */
expires_on: string, };

/**
 * A waiver in force.
 */
export type WaiverView = { 
/**
 * Id; give it to `revoke_waiver`.
 */
id: string, 
/**
 * Why.
 */
reason: string, 
/**
 * Who granted it.
 */
by: string, 
/**
 * Last day on which it holds.
 */
expires_on: string, };

/**
 * A warning of the cluster.
 */
export type WarningView = { 
/**
 * When last.
 */
at: string | null, 
/**
 * Why, in one word.
 */
reason: string, 
/**
 * What, in a sentence.
 */
message: string, 
/**
 * What it is about.
 */
about: string, 
/**
 * How often.
 */
count: number, };

/**
 * Asks what would be if.
 */
export type WhatIf = { 
/**
 * Services that wait for nothing, or are left out, by id or name.
 */
without?: Array<string>, 
/**
 * Services more, or fewer.
 */
scope?: number, 
/**
 * First day of a pause.
 */
pause_from?: string, 
/**
 * First day with work after it.
 */
pause_until?: string, 
/**
 * Capacity of all days to come, in percent of what is planned; 100 without it.
 */
capacity?: number, };

/**
 * What would be.
 */
export type WhatIfView = { 
/**
 * Why there is no forecast.
 */
reason: string | null, 
/**
 * As planned.
 */
now: Array<LevelView>, 
/**
 * As supposed.
 */
supposed: Array<LevelView>, 
/**
 * How the deadline stands as supposed.
 */
deadline: DeadlineView | null, 
/**
 * Status as supposed.
 */
status: string, 
/**
 * Working days by which the 85 % date moves; later is positive.
 */
moved: number | null, };

/**
 * What people say of two who could work together.
 */
export type Wish = "locked" | "forbidden" | "free";

/**
 * Says whether two people work together, whatever the scores say.
 */
export type WishPair = { 
/**
 * Person id or name.
 */
person: string, 
/**
 * Another one's.
 */
with: string, 
/**
 * What is wished.
 */
wish: Wish, };

/**
 * A wish that holds.
 */
export type WishedPair = { 
/**
 * The two, by name.
 */
people: Array<PersonRef>, 
/**
 * `Locked` or `Forbidden`.
 */
wish: Wish, };

/**
 * An opened workload.
 */
export type WorkloadDetail = { 
/**
 * Its row.
 */
workload: WorkloadView, 
/**
 * Its pods; nothing where they may not be read.
 */
pods: Array<PodView> | null, 
/**
 * Rollouts that were recorded or are still told by the cluster, newest first.
 */
rollouts: Array<RolloutView>, 
/**
 * Since when somebody watches: what happened before has no writer.
 */
watched_since: string | null, 
/**
 * Warnings, newest first; nothing where they may not be read.
 */
warnings: Array<WarningView> | null, 
/**
 * Health around the service's cut-over; empty where there was none.
 */
cut_over: Array<LookView>, 
/**
 * It fares worse after the cut-over than before.
 */
worse: boolean, };

/**
 * A workload within a target.
 */
export type WorkloadRef = { 
/**
 * Id of the target.
 */
target: string, 
/**
 * Namespace.
 */
namespace: string, 
/**
 * Kind, such as `Deployment`.
 */
kind: string, 
/**
 * Name.
 */
name: string, };

/**
 * Which workload.
 */
export type WorkloadRequest = { 
/**
 * Its context.
 */
context: string, 
/**
 * Namespace.
 */
namespace: string, 
/**
 * Kind.
 */
kind: string, 
/**
 * Name.
 */
name: string, };

/**
 * A workload.
 */
export type WorkloadView = { 
/**
 * Its context.
 */
context: string, 
/**
 * Namespace.
 */
namespace: string, 
/**
 * Kind.
 */
kind: string, 
/**
 * Name.
 */
name: string, 
/**
 * `healthy`, `suspended`, `progressing`, `missing`, `degraded`, `unknown`.
 */
verdict: string, 
/**
 * Why, as a code.
 */
reason: string, 
/**
 * What decided, with its value.
 */
deciding_field: string, 
/**
 * Since when.
 */
since: string | null, 
/**
 * Whether users still get answers: `none` is missing, `reduced`, `outage`, `unknown`.
 */
impact: string, 
/**
 * What stands beside it.
 */
note: string, 
/**
 * The service that runs as it.
 */
service: NodeRef | null, 
/**
 * Who last wrote its images.
 */
writer: WriterView, 
/**
 * Its pods; nothing where they may not be read.
 */
pods: PodsView | null, 
/**
 * Why a pod of it has no place, in the scheduler's words.
 */
pending: string | null, };

/**
 * What a look at the whole file says.
 */
export type WorkspaceCheck = { 
/**
 * What is wrong; nothing in a sound file.
 */
problems: Array<string>, 
/**
 * One sentence.
 */
summary: string, };

/**
 * Facts of the workspace file.
 */
export type WorkspaceFacts = { 
/**
 * Its id.
 */
id: string, 
/**
 * This device, shortened.
 */
device: string, 
/**
 * Actions in the log.
 */
batches: number, 
/**
 * Register writes in the log.
 */
writes: number, 
/**
 * Batches kept but not folded, because they break a rule of the log.
 */
quarantined: number, 
/**
 * Fields in conflict.
 */
conflicts: number, };

/**
 * Adds or changes an insight; an empty statement removes it.
 */
export type WriteInsight = { 
/**
 * Id or name of the sprint.
 */
sprint: string, 
/**
 * Id of one to change.
 */
id?: string, 
/**
 * What it says.
 */
statement: string, 
/**
 * Notes that led to it.
 */
notes?: Array<string>, 
/**
 * Facts that led to it.
 */
facts?: Array<string>, };

/**
 * Writes a note for the retrospective. It stays on this device until it is revealed.
 */
export type WriteNote = { 
/**
 * Id or name of the sprint. Without it, the one that runs or rests; else the last that ended.
 */
sprint?: string, 
/**
 * Id of a note to change.
 */
id?: string, 
/**
 * What it says.
 */
text: string, 
/**
 * Id of its column.
 */
column?: string, 
/**
 * The service it is about, by id, name or alias.
 */
service?: string, 
/**
 * The check it is about.
 */
check?: string, 
/**
 * Facts it speaks of.
 */
facts?: Array<string>, };

/**
 * By what a writer is recognised; what is absent does not matter.
 */
export type WriterIs = { 
/**
 * The name, exactly.
 */
manager?: string, 
/**
 * How the name begins.
 */
manager_prefix?: string, 
/**
 * `Apply` or `Update`.
 */
operation?: string, 
/**
 * Namespace, with `*` for anything.
 */
namespace?: string, 
/**
 * Context as the programme's targets name it.
 */
cluster?: string, 
/**
 * Kind of the workload.
 */
kind?: string, 
/**
 * An annotation that must belong to this very rollout.
 */
marker?: string, };

/**
 * A rule of the programme.
 */
export type WriterRuleView = { 
/**
 * Its id.
 */
id: string, 
/**
 * Whom it is about.
 */
is: WriterIs, 
/**
 * The same in words.
 */
words: string, 
/**
 * `manual`, `pipeline`, `gitops`, `controller` or `ambiguous`.
 */
class: string, 
/**
 * Why.
 */
note: string, 
/**
 * Who said so last.
 */
by: string, 
/**
 * When, RFC 3339.
 */
at: string, 
/**
 * The day of that in the programme's zone.
 */
on: string, };

/**
 * What a rule would change of what is seen now.
 */
export type WriterTrial = { 
/**
 * Workloads whose writer would be another one's.
 */
changed: Array<TriedWriter>, 
/**
 * Workloads that were looked at: those of the contexts that are on.
 */
looked_at: number, };

/**
 * Who last wrote the images of a workload.
 */
export type WriterView = { 
/**
 * `manual`, `ambiguous`, `controller`, `pipeline`, `gitops`.
 */
class: string, 
/**
 * The name that was given.
 */
manager: string, 
/**
 * Not later than.
 */
at: string | null, 
/**
 * Why it has its class, as a code.
 */
reason: string, 
/**
 * What would settle it, where it is not settled.
 */
help: string | null, };

/**
 * Rules on writers, and the pipelines of single services.
 */
export type WritersView = { 
/**
 * Rules of the programme, in the order in which they are tried; the first that fits counts.
 */
rules: Array<WriterRuleView>, 
/**
 * Services whose own pipeline writes under names of its own.
 */
pipelines: Array<PipelineView>, };

/** Every command: its argument and its answer. */
export interface Commands {
  /** The frame: programme, who is working, undo. */
  session: { argument: Nothing; answer: SessionView };
  /** The Progress page. */
  progress: { argument: ProgressRequest; answer: ProgressView };
  /** The Services table. */
  services: { argument: Nothing; answer: ServicesView };
  /** One service. */
  service: { argument: ServiceRequest; answer: ServiceView };
  /** A person's checklist. */
  checklist: { argument: ChecklistRequest; answer: ChecklistView };
  /** The Settings page. */
  settings: { argument: Nothing; answer: SettingsView };
  /** Services × checks. */
  heat_map: { argument: Nothing; answer: HeatMapView };
  /** What stands behind one check of one service. */
  evidence: { argument: EvidenceRequest; answer: EvidencePanel };
  /** What needs the acting person. */
  notices: { argument: Nothing; answer: NoticesView };
  /** The playbook in force, as text and in parts. */
  playbook: { argument: Nothing; answer: PlaybookView };
  /** The text of an earlier adoption. */
  adopted_text: { argument: AdoptionRequest; answer: AdoptedText };
  /** What is wrong with a playbook, or what adopting it would change. Nothing is changed. */
  try_playbook: { argument: TryPlaybook; answer: PlaybookTrial };
  /** The playbook in force with a new draft in it. Nothing is changed. */
  draft_check: { argument: DraftCheck; answer: DraftedPlaybook };
  /** Waivers that were asked for and not answered, oldest first. */
  waiver_requests: { argument: Nothing; answer: Array<WaiverRequestView> };
  /** The progress report as text. */
  report: { argument: ReportRequest; answer: ReportText };
  /** When the rest will be done, how sure that is, and whether earlier forecasts held. */
  outlook: { argument: OutlookRequest; answer: OutlookView };
  /** What the dates would be if. Nothing is changed. */
  what_if: { argument: WhatIf; answer: WhatIfView };
  /** Reports that were frozen, the latest first. */
  frozen_reports: { argument: Nothing; answer: Array<FrozenView> };
  /** A frozen report, rendered again from the log as it was. */
  frozen_report: { argument: FrozenRequest; answer: FrozenText };
  /** Services that stand otherwise than at the end of a day. */
  movers: { argument: MoversRequest; answer: MoversView };
  /** Fields that two devices set differently without knowing of each other. */
  conflicts: { argument: Nothing; answer: ConflictsView };
  /** Services by their last change. */
  recent: { argument: Nothing; answer: RecentView };
  /** Finds services, notes of checks, blockers, people and tags by words in them. */
  search: { argument: SearchRequest; answer: SearchView };
  /** All sprints. */
  sprints: { argument: Nothing; answer: SprintsView };
  /** One sprint; nothing where there is none. */
  sprint: { argument: SprintRequest; answer: SprintView | null };
  /** The Skills page: levels, coverage, independence, suggestions. */
  skills: { argument: Nothing; answer: SkillsView };
  /** Who did what: the list behind a number. */
  executions: { argument: ExecutionsRequest; answer: ExecutionsView };
  /** Records who did a step. */
  record_execution: { argument: RecordExecution; answer: Saved };
  /** Confirms what another person did. */
  confirm_execution: { argument: ById; answer: Saved };
  /** Doubts an execution; the doubt shows until it is settled. */
  contest_execution: { argument: SayOf; answer: Saved };
  /** Settles a doubt. */
  settle_contest: { argument: SayOf; answer: Saved };
  /** Takes an execution, hours of an expert or the cause of a regression back. */
  retract_execution: { argument: SayOf; answer: Saved };
  /** Reports an expert's hours on a service. */
  report_hours: { argument: ReportHours; answer: Saved };
  /** Says which check a regression comes from. */
  trace_regression: { argument: TraceRegression; answer: Saved };
  /** Says whether a person is from outside, wants to lead, and shows his own assessment. */
  describe_person: { argument: DescribePerson; answer: Saved };
  /** Says whether two people work together, whatever the scores say. */
  wish_pair: { argument: WishPair; answer: Saved };
  /** The acting person assesses himself in a skill. */
  assess_self: { argument: AssessSelf; answer: Saved };
  /** The retrospective of a sprint; nothing where no sprint has started. */
  retro: { argument: RetroRequest; answer: RetroView | null };
  /** Actions of retrospectives that are open. */
  open_actions: { argument: Nothing; answer: Array<ActionView> };
  /** A retrospective as text. */
  retro_report: { argument: RetroReport; answer: RetroText };
  /** A sprint as text. */
  sprint_report: { argument: SprintReport; answer: ReportText };
  /** An export of a retrospective, read back and told in a form. */
  read_retro: { argument: ReadRetro; answer: ReportText };
  /** Lets the person choose where a retrospective is saved; answers the file name. */
  save_retro: { argument: RetroReport; answer: string | null };
  /** Lets the person choose the export of a retrospective; answers what it would bring in. */
  choose_retro: { argument: Nothing; answer: RetroPreview | null };
  /** Takes the export of a retrospective in: the same document, its sprint and its actions. */
  import_retro: { argument: ImportRetro; answer: Saved };
  /** The formats of retrospectives, as a team edits them. */
  retro_formats: { argument: Nothing; answer: FormatsText };
  /** Keeps formats of the team's own, or goes back to those of the product. */
  keep_formats: { argument: KeepFormats; answer: Saved };
  /** Changes a retrospective, and opens it where nobody has. */
  edit_retro: { argument: EditRetro; answer: Saved };
  /** Closes a retrospective, or opens it again with a reason. */
  turn_retro: { argument: TurnRetro; answer: Saved };
  /** Keeps a note for a retrospective on this device until it is revealed. */
  write_note: { argument: WriteNote; answer: Saved };
  /** Throws a note away. */
  discard_note: { argument: ById; answer: Saved };
  /** Reveals the private notes of this device. */
  reveal_notes: { argument: RetroOf; answer: Saved };
  /** Groups notes, names groups, votes on them. */
  group_notes: { argument: GroupNotes; answer: Saved };
  /** Adds, changes or removes an insight. */
  write_insight: { argument: WriteInsight; answer: Saved };
  /** Agrees on an action. */
  agree_action: { argument: AgreeAction; answer: Saved };
  /** Marks an action done, carries it on, or drops it. */
  decide_action: { argument: DecideAction; answer: Saved };
  /** Attests a check. */
  attest: { argument: Attest; answer: Saved };
  /** Takes an attestation back. */
  retract: { argument: Retract; answer: Saved };
  /** Waives a check with reason and expiry. */
  waive: { argument: Waive; answer: Saved };
  /** Asks that another person waive a check. */
  request_waiver: { argument: Waive; answer: Saved };
  /** Grants or declines a waiver that another person asked for. */
  answer_waiver: { argument: AnswerWaiver; answer: Saved };
  /** Ends a waiver early. */
  revoke_waiver: { argument: RevokeWaiver; answer: Saved };
  /** Opens a blocker. */
  open_blocker: { argument: OpenBlocker; answer: Saved };
  /** Closes a blocker. */
  close_blocker: { argument: CloseBlocker; answer: Saved };
  /** Takes a service into scope or out of it. */
  set_scope: { argument: SetScope; answer: Saved };
  /** Puts a person on a service or takes him off it. */
  assign: { argument: Assign; answer: Saved };
  /** Adds a service by hand. */
  add_service: { argument: AddService; answer: Saved };
  /** Changes one field of a service. */
  edit_service: { argument: EditService; answer: Saved };
  /** Changes several services in one action. */
  edit_services: { argument: EditServices; answer: Saved };
  /** Says that two nodes are one. */
  merge_services: { argument: MergeServices; answer: Saved };
  /** Makes two of one. */
  split_service: { argument: SplitService; answer: Saved };
  /** Settles a conflict: one value stays, and all that were shown are seen. */
  settle_conflict: { argument: SettleConflict; answer: Saved };
  /** Takes an action back; the log keeps both. */
  undo: { argument: Undo; answer: Saved };
  /** Plans a sprint. */
  plan_sprint: { argument: PlanSprint; answer: Saved };
  /** Changes a sprint's words. */
  edit_sprint: { argument: EditSprint; answer: Saved };
  /** Starts, pauses, resumes or ends a sprint. */
  turn_sprint: { argument: TurnSprint; answer: Saved };
  /** Takes services into a sprint or out of it. */
  scope_sprint: { argument: ScopeSprint; answer: Saved };
  /** Says which services run as which workloads, or that they do not. */
  map_workloads: { argument: MapWorkloads; answer: Saved };
  /** Records that a service's users were moved over now: health is compared around this moment. */
  record_cut_over: { argument: RecordCutOver; answer: Saved };
  /** The Cluster page: contexts and all that is seen in those that are on. */
  cluster: { argument: Nothing; answer: ClusterView };
  /** An opened workload: pods, rollouts, warnings. Nothing where it is not there any more. */
  cluster_workload: { argument: WorkloadRequest; answer: WorkloadDetail | null };
  /** How services and workloads stand to each other in the contexts that are on. */
  cluster_mapping: { argument: Nothing; answer: MappingView };
  /** The team's rules on writers, and the pipelines of single services. */
  writers: { argument: Nothing; answer: WritersView };
  /** What a rule on writers would change of what is seen now; records nothing. */
  try_writer_rule: { argument: EditWriterRule; answer: WriterTrial };
  /** Makes, changes or takes away a rule on writers. */
  edit_writer_rule: { argument: EditWriterRule; answer: Saved };
  /** Says under which names a service's own pipeline writes. */
  edit_pipeline: { argument: EditPipeline; answer: Saved };
  /** What was deployed by whom, of one service or of all. */
  deployments: { argument: DeploymentsRequest; answer: DeploymentsView };
  /** Watches a context from now on, or no more, on this device. */
  switch_context: { argument: SwitchContext; answer: Nothing };
  /** Agrees that a program brings a context's credentials, on this device. */
  agree_to_plugin: { argument: AgreeToPlugin; answer: Nothing };
  /** Tries a context again: a person signed in or corrected something. */
  retry_context: { argument: ContextRequest; answer: Nothing };
  /** Changes name, time zone, deadline or done stage. */
  edit_programme: { argument: EditProgramme; answer: Saved };
  /** Changes working days, holidays, pauses or capacity. */
  edit_calendar: { argument: EditCalendar; answer: Saved };
  /** Freezes the progress report as it is now, and keeps its forecast. */
  freeze_report: { argument: FreezeReport; answer: Saved };
  /** Adopts a playbook from this moment on. */
  adopt_playbook: { argument: AdoptPlaybook; answer: Saved };
  /** Keeps an address of the window under a name. */
  keep_view: { argument: KeepView; answer: Saved };
  /** Says whether the desktop is told of regressions, on this device. */
  tell_desktop: { argument: TellDesktop; answer: Nothing };
  /** Says that notices were looked at, on this device. */
  looked_at: { argument: LookedAt; answer: Nothing };
  /** Adds a person. */
  add_person: { argument: AddPerson; answer: Saved };
  /** Changes a person. */
  edit_person: { argument: EditPerson; answer: Saved };
  /** Removes a person; what he did stays. */
  remove_person: { argument: ById; answer: Saved };
  /** Says who is working on this device. */
  act_as: { argument: ById; answer: Saved };
  /** Adds an environment. */
  add_environment: { argument: AddEnvironment; answer: Saved };
  /** Removes an environment and its targets. */
  remove_environment: { argument: ById; answer: Saved };
  /** Adds a target to an environment. */
  add_target: { argument: AddTarget; answer: Saved };
  /** Removes a target. */
  remove_target: { argument: ById; answer: Saved };
  /** Copies of the programme, and what happened to its file. */
  storage: { argument: Nothing; answer: StorageView };
  /** Makes a copy of the programme now. */
  make_backup: { argument: Nothing; answer: Saved };
  /** Puts a copy in the place of the present, which is copied before. */
  restore_backup: { argument: RestoreBackup; answer: Saved };
  /** Looks at the whole file: pages, indexes, and the read model against the log. */
  check_workspace: { argument: Nothing; answer: WorkspaceCheck };
  /** Says that the report of the last recovery has been read. */
  dismiss_recovery: { argument: Nothing; answer: Nothing };
  /** Lets the person choose files in a native dialog, recognises their format and previews the import; answers nothing when the dialog was closed. */
  choose_import: { argument: Nothing; answer: ImportReport | null };
  /** Previews the same table again, with its columns mapped otherwise. */
  map_import: { argument: MapImport; answer: ImportReport };
  /** Lets the person choose where an empty table to fill in is saved. */
  save_import_template: { argument: Nothing; answer: string | null };
  /** Saves a previewed import. */
  apply_import: { argument: ApplyImport; answer: ImportReport };
  /** Lets the person choose where an export is saved; answers the file name, or nothing when the dialog was closed. */
  save_export: { argument: SaveExport; answer: string | null };
  /** Lets the person choose where the report is saved; answers the file name, or nothing when the dialog was closed. */
  save_report: { argument: ReportRequest; answer: string | null };
  /** Lets the person choose a playbook file and reads it; nothing when the dialog was closed. */
  choose_playbook: { argument: Nothing; answer: string | null };
  /** Lets the person choose where a playbook is saved; answers the file name. */
  save_playbook: { argument: TryPlaybook; answer: string | null };
  /** Opens an https link in the browser. */
  open_link: { argument: OpenLink; answer: Nothing };
}

/** What each command provides (reads) or makes old (writes). */
export const COMMANDS = {
  session: { kind: "read", tags: ["session", "programme"] },
  progress: { kind: "read", tags: ["services", "programme"] },
  services: { kind: "read", tags: ["services", "programme"] },
  service: { kind: "read", tags: ["services", "programme"] },
  checklist: { kind: "read", tags: ["services", "programme", "session"] },
  settings: { kind: "read", tags: ["programme"] },
  heat_map: { kind: "read", tags: ["services", "programme"] },
  evidence: { kind: "read", tags: ["services", "programme", "session"] },
  notices: { kind: "read", tags: ["services", "programme", "session"] },
  playbook: { kind: "read", tags: ["programme", "services"] },
  adopted_text: { kind: "read", tags: ["programme"] },
  try_playbook: { kind: "read", tags: ["programme", "services"] },
  draft_check: { kind: "read", tags: ["programme"] },
  waiver_requests: { kind: "read", tags: ["services", "programme"] },
  report: { kind: "read", tags: ["services", "programme"] },
  outlook: { kind: "read", tags: ["services", "programme"] },
  what_if: { kind: "read", tags: ["services", "programme"] },
  frozen_reports: { kind: "read", tags: ["programme", "session"] },
  frozen_report: { kind: "read", tags: ["programme", "session"] },
  movers: { kind: "read", tags: ["services", "programme"] },
  conflicts: { kind: "read", tags: ["services", "programme"] },
  recent: { kind: "read", tags: ["services", "programme"] },
  search: { kind: "read", tags: ["services", "programme"] },
  sprints: { kind: "read", tags: ["services", "programme"] },
  sprint: { kind: "read", tags: ["services", "programme"] },
  skills: { kind: "read", tags: ["services", "programme", "session"] },
  executions: { kind: "read", tags: ["services", "programme", "session"] },
  record_execution: { kind: "write", tags: ["services", "session"] },
  confirm_execution: { kind: "write", tags: ["services", "session"] },
  contest_execution: { kind: "write", tags: ["services", "session"] },
  settle_contest: { kind: "write", tags: ["services", "session"] },
  retract_execution: { kind: "write", tags: ["services", "session"] },
  report_hours: { kind: "write", tags: ["services", "session"] },
  trace_regression: { kind: "write", tags: ["services", "session"] },
  describe_person: { kind: "write", tags: ["programme", "session", "services"] },
  wish_pair: { kind: "write", tags: ["programme", "session"] },
  assess_self: { kind: "write", tags: ["programme", "session"] },
  retro: { kind: "read", tags: ["programme", "services", "session"] },
  open_actions: { kind: "read", tags: ["programme", "services"] },
  retro_report: { kind: "read", tags: ["programme", "services"] },
  sprint_report: { kind: "read", tags: ["programme", "services"] },
  read_retro: { kind: "read", tags: [] },
  save_retro: { kind: "read", tags: [] },
  choose_retro: { kind: "read", tags: [] },
  import_retro: { kind: "write", tags: ["programme", "session"] },
  retro_formats: { kind: "read", tags: ["programme"] },
  keep_formats: { kind: "write", tags: ["programme", "session"] },
  edit_retro: { kind: "write", tags: ["programme", "session"] },
  turn_retro: { kind: "write", tags: ["programme", "session"] },
  write_note: { kind: "write", tags: ["programme", "session"] },
  discard_note: { kind: "write", tags: ["programme", "session"] },
  reveal_notes: { kind: "write", tags: ["programme", "session"] },
  group_notes: { kind: "write", tags: ["programme", "session"] },
  write_insight: { kind: "write", tags: ["programme", "session"] },
  agree_action: { kind: "write", tags: ["programme", "session"] },
  decide_action: { kind: "write", tags: ["programme", "session"] },
  attest: { kind: "write", tags: ["services", "session"] },
  retract: { kind: "write", tags: ["services", "session"] },
  waive: { kind: "write", tags: ["services", "session"] },
  request_waiver: { kind: "write", tags: ["services", "session"] },
  answer_waiver: { kind: "write", tags: ["services", "session"] },
  revoke_waiver: { kind: "write", tags: ["services", "session"] },
  open_blocker: { kind: "write", tags: ["services", "session"] },
  close_blocker: { kind: "write", tags: ["services", "session"] },
  set_scope: { kind: "write", tags: ["services", "session"] },
  assign: { kind: "write", tags: ["services", "session"] },
  add_service: { kind: "write", tags: ["services", "session"] },
  edit_service: { kind: "write", tags: ["services", "session"] },
  edit_services: { kind: "write", tags: ["services", "session"] },
  merge_services: { kind: "write", tags: ["services", "session"] },
  split_service: { kind: "write", tags: ["services", "session"] },
  settle_conflict: { kind: "write", tags: ["services", "session", "programme"] },
  undo: { kind: "write", tags: ["services", "session", "programme"] },
  plan_sprint: { kind: "write", tags: ["programme", "session", "services"] },
  edit_sprint: { kind: "write", tags: ["programme", "session"] },
  turn_sprint: { kind: "write", tags: ["programme", "session", "services"] },
  scope_sprint: { kind: "write", tags: ["services", "session", "programme"] },
  map_workloads: { kind: "write", tags: ["services", "session", "cluster"] },
  record_cut_over: { kind: "write", tags: ["services", "session", "cluster"] },
  cluster: { kind: "read", tags: ["cluster", "services", "programme"] },
  cluster_workload: { kind: "read", tags: ["cluster", "services"] },
  cluster_mapping: { kind: "read", tags: ["cluster", "services", "programme"] },
  writers: { kind: "read", tags: ["programme", "services"] },
  try_writer_rule: { kind: "read", tags: ["cluster", "programme", "services"] },
  edit_writer_rule: { kind: "write", tags: ["programme", "session", "cluster"] },
  edit_pipeline: { kind: "write", tags: ["services", "programme", "session", "cluster"] },
  deployments: { kind: "read", tags: ["services", "programme"] },
  switch_context: { kind: "write", tags: ["cluster"] },
  agree_to_plugin: { kind: "write", tags: ["cluster"] },
  retry_context: { kind: "write", tags: ["cluster"] },
  edit_programme: { kind: "write", tags: ["programme", "session"] },
  edit_calendar: { kind: "write", tags: ["programme", "session", "services"] },
  freeze_report: { kind: "write", tags: ["programme", "session"] },
  adopt_playbook: { kind: "write", tags: ["programme", "session", "services"] },
  keep_view: { kind: "write", tags: ["session"] },
  tell_desktop: { kind: "write", tags: ["programme"] },
  looked_at: { kind: "write", tags: ["session"] },
  add_person: { kind: "write", tags: ["programme", "session"] },
  edit_person: { kind: "write", tags: ["programme", "session", "services"] },
  remove_person: { kind: "write", tags: ["programme", "session", "services"] },
  act_as: { kind: "write", tags: ["session"] },
  add_environment: { kind: "write", tags: ["programme", "session", "services"] },
  remove_environment: { kind: "write", tags: ["programme", "session", "services"] },
  add_target: { kind: "write", tags: ["programme", "session"] },
  remove_target: { kind: "write", tags: ["programme", "session"] },
  storage: { kind: "read", tags: ["storage"] },
  make_backup: { kind: "write", tags: ["storage"] },
  restore_backup: { kind: "write", tags: ["session", "services", "programme", "storage"] },
  check_workspace: { kind: "write", tags: ["storage"] },
  dismiss_recovery: { kind: "write", tags: ["storage"] },
  choose_import: { kind: "read", tags: [] },
  map_import: { kind: "read", tags: [] },
  save_import_template: { kind: "read", tags: [] },
  apply_import: { kind: "write", tags: ["services", "session", "programme"] },
  save_export: { kind: "read", tags: [] },
  save_report: { kind: "read", tags: [] },
  choose_playbook: { kind: "read", tags: [] },
  save_playbook: { kind: "read", tags: [] },
  open_link: { kind: "read", tags: [] },
} as const satisfies Record<keyof Commands, { kind: "read" | "write"; tags: readonly Tag[] }>;
