//! What comes in from files and goes out again: differs by field, sets, exports to the byte.

use pilotage_api::app::Watch;
use pilotage_api::archive::Archive;
use pilotage_api::dto::actions::{EditService, ServiceEdit};
use pilotage_api::dto::import::{
    ApplyImport, ExportKind, ImportReport, MapColumn, MapImport, TakeField,
};
use pilotage_api::dto::session::Nothing;
use pilotage_api::host::NoDialogs;
use pilotage_api::imports::{self, ImportFiles};
use pilotage_api::programme::{self, NewProgramme};
use pilotage_api::{ApiError, App, Clock, Code, OpenOptions};
use std::path::PathBuf;
use std::sync::Arc;
use tempfile::TempDir;

const NOW: i64 = 1_780_000_000_000;

struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    async fn made(&self, name: &str) -> App {
        let new = NewProgramme { name: "Shop".to_owned(), time_zone: "UTC".to_owned() };
        let data = self.path("data");
        programme::create(&self.path(name), &data, Clock::Fixed(NOW), &new).await.expect("made");
        self.open(name, "data").await
    }

    async fn open(&self, name: &str, data: &str) -> App {
        let options = OpenOptions {
            workspace: self.path(name),
            data_folder: self.path(data),
            clock: Clock::Fixed(NOW),
            watch: Watch::No,
        };
        let app = App::open(options, Arc::new(NoDialogs)).await.expect("it opens");
        app.act_as_named("Ann").await.expect("Ann works");
        app
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        std::fs::write(self.path(name), text).expect("a file of the test");
        self.path(name)
    }

    async fn preview(&self, app: &App, name: &str, text: &str) -> ImportReport {
        let files = ImportFiles { files: vec![self.file(name, text)], ..ImportFiles::default() };
        imports::preview(app, files).await.expect("a preview")
    }

    async fn import(
        &self,
        app: &App,
        name: &str,
        text: &str,
        take: &[(&str, &str)],
    ) -> ImportReport {
        let token = self.preview(app, name, text).await.token.expect("a token");
        let take = take
            .iter()
            .map(|(name, field)| TakeField { name: (*name).to_owned(), field: (*field).to_owned() })
            .collect();
        app.apply_import(ApplyImport { token, take }).await.expect("applied")
    }
}

/// `outcome name: field here → file (differs)`, line by line.
fn lines(report: &ImportReport) -> Vec<String> {
    report
        .rows
        .iter()
        .map(|row| {
            let fields: Vec<String> = row
                .fields
                .iter()
                .map(|field| {
                    let value = |text: &Option<String>| text.clone().unwrap_or("-".to_owned());
                    let mark = if field.differs { "≠" } else { "→" };
                    format!("{} {}{mark}{}", field.field, value(&field.here), value(&field.file))
                })
                .collect();
            format!("{} {}: {}", row.outcome, row.name, fields.join(", ")).trim_end().to_owned()
        })
        .collect()
}

#[tokio::test]
async fn fields_that_somebody_edited_differ_and_are_taken_one_by_one() {
    let place = Place::new();
    let app = place.made("p.pilotage").await;
    let first = "name,class,target_date,owner,criticality\npay,service,2027-01-01,Ann,3\n";
    let report = place.import(&app, "a.csv", first, &[]).await;
    assert_eq!(lines(&report), ["created pay:"]);
    let edit = |edit| EditService { service: "pay".to_owned(), edit };
    app.edit_service(edit(ServiceEdit::TargetDate(Some("2027-02-02".to_owned())))).await.unwrap();
    app.edit_service(edit(ServiceEdit::Class("platform".to_owned()))).await.unwrap();

    let second = "name,class,target_date,owner,criticality\npay,datastore,2027-03-03,Ben,4\n";
    let expect = "differs pay: class platform≠datastore, owner Ann→Ben, criticality 3→4, \
                  target_date 2027-02-02≠2027-03-03";
    let report = place.preview(&app, "a.csv", second).await;
    assert_eq!(lines(&report), [expect]);
    // Nothing taken: the rest changes, the edits stay.
    let report = place.import(&app, "a.csv", second, &[]).await;
    assert_eq!(lines(&report), [expect]);
    let report = place.preview(&app, "a.csv", second).await;
    let left = "differs pay: class platform≠datastore, target_date 2027-02-02≠2027-03-03";
    assert_eq!(lines(&report), [left]);
    // One field taken, the other stays.
    let report = place.import(&app, "a.csv", second, &[("pay", "target_date")]).await;
    assert_eq!(
        lines(&report),
        ["differs pay: class platform≠datastore, target_date 2027-02-02→2027-03-03"]
    );
    let report = place.import(&app, "a.csv", second, &[("pay", "class")]).await;
    assert_eq!(lines(&report), ["updated pay: class platform→datastore"]);
    let report = place.import(&app, "a.csv", second, &[]).await;
    assert_eq!((report.unchanged, report.batch), (1, None), "taken values count as imported");
    // Cleared by a person: the file does not bring it back by itself.
    app.edit_service(edit(ServiceEdit::TargetDate(None))).await.unwrap();
    let report = place.preview(&app, "a.csv", second).await;
    assert_eq!(lines(&report), ["differs pay: target_date -≠2027-03-03"]);
    app.close().await;
}

#[tokio::test]
async fn what_a_file_leaves_out_says_nothing() {
    let place = Place::new();
    let app = place.made("p.pilotage").await;
    let compose = "services:\n  pay:\n    image: shop/pay:1\n    build: ./pay\n";
    place.import(&app, "compose.yml", compose, &[]).await;
    place.import(&app, "a.csv", "name,owner,tags\npay,Ann,a;b\n", &[]).await;
    let catalogue = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {name: pay, tags: [c]}\nspec: {type: service}\n";
    let report = place.import(&app, "c.yaml", catalogue, &[]).await;
    assert_eq!(lines(&report), ["updated pay:"], "a tag is added, no field is touched");
    let table = app.export_file(ExportKind::Services).await.unwrap().text;
    let row = table.lines().nth(1).unwrap();
    assert!(row.starts_with("pay,service,,Ann,,,pay,shop/pay:1,"), "{row}");
    assert!(row.contains(",a; b; c,"), "{row}");
    // A compose file does say it: what it no longer names is unset.
    let report =
        place.import(&app, "compose.yml", "services:\n  pay:\n    build: ./pay\n", &[]).await;
    assert_eq!(lines(&report), ["updated pay: image shop/pay:1→-"]);
    app.close().await;
}

#[tokio::test]
async fn the_table_of_services_reads_back_unchanged() {
    let place = Place::new();
    let app = place.made("p.pilotage").await;
    let text = "name,class,aliases,owner,team,repository,source_directory,image,criticality,effort,archetype,difficulty,target_date,tags,links,depends_on,notes\n\
        '=pay,service,p2; p3,'@Ann,Blue,https://git.example/pay,a/b,r/p:1,3,M,web,hard,2027-01-01,x; y,Runbook https://d.example/1;https://e.example,ledger,\"'-1+1, \"\"quoted\"\"\nsecond line\"\n\
        ledger,datastore,,,,,,,,,,,,,,,\n";
    let report = place.import(&app, "a.csv", text, &[]).await;
    assert_eq!((report.created, report.rejected), (2, 0), "{:?}", report.rows);
    let export = app.export_file(ExportKind::Services).await.unwrap();
    assert!(export.text.contains("\r\n'=pay,service,p2; p3,'@Ann,"), "{}", export.text);
    for line in export.text.lines() {
        assert!(!line.starts_with(['=', '+', '-', '@']), "no formula: {line}");
    }
    let again = place.import(&app, "b.csv", &export.text, &[]).await;
    assert_eq!((again.unchanged, again.differs, again.rejected), (2, 0, 0), "{:?}", lines(&again));
    let read: Vec<&str> =
        again.columns.iter().filter_map(|column| column.field.as_deref()).collect();
    assert_eq!(read, again.fields, "its own fields are read, the rest is left out");
    for what in [ExportKind::Dependencies, ExportKind::Checks, ExportKind::Log] {
        let table = app.export_file(what).await.unwrap();
        assert_eq!(table.file_name.rsplit_once('.').map(|(_, ending)| ending), Some("csv"));
        assert!(table.text.lines().count() > 1, "{what:?}: {}", table.text);
    }
    app.close().await;
}

#[tokio::test]
async fn columns_are_mapped_in_a_second_preview() {
    let place = Place::new();
    let app = place.made("p.pilotage").await;
    let report = place.preview(&app, "a.csv", "What,Who\npay,Ann\n").await;
    assert_eq!(report.rejected, 1, "no column holds the names");
    assert_eq!(report.columns[0].samples, ["pay"]);
    assert!(report.fields.contains(&"owner".to_owned()));
    let token = report.token.unwrap();
    let column = |title: &str, field: &str| MapColumn {
        title: title.to_owned(),
        field: Some(field.to_owned()),
    };
    let bad = MapImport { token: token.clone(), columns: vec![column("Who", "stage")] };
    assert_eq!(app.map_import(bad).await.unwrap_err().code, Code::ArgumentsInvalid);
    let columns = vec![column("What", "name"), column("Who", "owner")];
    let report = app.map_import(MapImport { token: token.clone(), columns }).await.unwrap();
    assert_eq!(lines(&report), ["created pay:"]);
    let old = app.apply_import(ApplyImport { token, take: Vec::new() }).await.unwrap_err();
    assert_eq!(old.code, Code::ImportExpired, "the new preview replaces the old one");
    let token = report.token.unwrap();
    let unknown = vec![TakeField { name: "nobody".to_owned(), field: "owner".to_owned() }];
    let error = app.apply_import(ApplyImport { token: token.clone(), take: unknown }).await;
    assert_eq!(error.unwrap_err().code, Code::NotFound);
    app.apply_import(ApplyImport { token, take: Vec::new() }).await.unwrap();
    app.close().await;
}

#[tokio::test]
async fn evidence_of_other_files_stays() {
    let place = Place::new();
    let app = place.made("p.pilotage").await;
    let table = "name,depends_on\npay,ledger\nledger,\n";
    place.import(&app, "a.csv", table, &[]).await;
    let report = place.import(&app, "b.csv", table, &[]).await;
    assert_eq!((report.dependencies.created, report.dependencies.updated), (0, 1));
    let files: Vec<_> =
        report.dependencies.rows[0].evidence.iter().map(|place| place.file.as_str()).collect();
    assert_eq!(files, ["a.csv", "b.csv"]);
    let moved = "name,depends_on\nledger,\npay,ledger\n";
    let report = place.import(&app, "b.csv", moved, &[]).await;
    let lines: Vec<_> =
        report.dependencies.rows[0].evidence.iter().map(|place| place.line).collect();
    assert_eq!(lines, [2, 3], "the file's own evidence is read anew");
    app.close().await;
}

/// A programme with some history, and its export.
async fn exported(place: &Place) -> (App, String) {
    let app = place.made("p.pilotage").await;
    place.import(&app, "a.csv", "name,owner,depends_on\npay,Ann,db\ndb,,\n", &[]).await;
    for service in ["pay", "db"] {
        let edit = ServiceEdit::TargetDate(Some("2027-02-02".to_owned()));
        app.edit_service(EditService { service: service.to_owned(), edit }).await.expect("saved");
    }
    app.act_as_named("Ben <ben@a.example>").await.expect("saved");
    let text = app.export_file(ExportKind::Everything).await.expect("exported").text;
    (app, text)
}

async fn created(place: &Place, name: &str, data: &str, export: &str) -> Result<(), ApiError> {
    let archive = Archive::read(&place.file("e.json", export))?;
    archive.create(&place.path(name), &place.path(data), Clock::Fixed(NOW)).await
}

#[tokio::test]
async fn an_export_becomes_the_same_programme_to_the_byte() {
    let place = Place::new();
    let (app, first) = exported(&place).await;
    let state = app.export().await.unwrap().state_hash;
    created(&place, "q.pilotage", "elsewhere", &first).await.unwrap();
    let options = OpenOptions {
        workspace: place.path("q.pilotage"),
        data_folder: place.path("elsewhere"),
        clock: Clock::Fixed(NOW),
        watch: Watch::No,
    };
    let copy = App::open(options, Arc::new(NoDialogs)).await.unwrap();
    let second = copy.export_file(ExportKind::Everything).await.unwrap().text;
    assert_eq!(copy.export().await.unwrap().state_hash, state);
    assert_eq!(second, first, "every byte, the moment being the same");
    // The control: one more action is seen.
    copy.act_as_named("Ann").await.unwrap();
    let edit = ServiceEdit::TargetDate(None);
    copy.edit_service(EditService { service: "pay".to_owned(), edit }).await.unwrap();
    assert_ne!(copy.export_file(ExportKind::Everything).await.unwrap().text, first);
    // A layout of another program makes no difference.
    let value: serde_json::Value = serde_json::from_str(&first).unwrap();
    let pretty = serde_json::to_string_pretty(&value).unwrap();
    created(&place, "r.pilotage", "third", &pretty).await.unwrap();
    copy.close().await;
    app.close().await;
}

#[tokio::test]
async fn the_device_that_wrote_the_log_gets_a_new_id() {
    let place = Place::new();
    let (app, export) = exported(&place).await;
    let device = app.settings(Nothing {}).await.unwrap().workspace.device;
    app.close().await;
    std::fs::remove_file(place.path("p.pilotage")).unwrap();
    // The same data folder, and the file of this device is gone: its notes would be used again.
    created(&place, "p.pilotage", "data", &export).await.unwrap();
    let again = place.open("p.pilotage", "data").await;
    assert_ne!(again.settings(Nothing {}).await.unwrap().workspace.device, device);
    again.close().await;
}

#[tokio::test]
async fn an_export_merges_into_its_own_programme_only() {
    let place = Place::new();
    let (app, export) = exported(&place).await;
    created(&place, "q.pilotage", "elsewhere", &export).await.unwrap();
    let copy = place.open("q.pilotage", "elsewhere").await;
    let edit = ServiceEdit::TargetDate(Some("2028-01-01".to_owned()));
    copy.edit_service(EditService { service: "pay".to_owned(), edit }).await.unwrap();
    let newer = copy.export_file(ExportKind::Everything).await.unwrap().text;
    copy.close().await;

    let report = place.import(&app, "newer.json", &newer, &[]).await;
    let log = report.log.expect("an export adds to the log");
    assert_eq!(report.format, "pilotage");
    assert!(log.new >= 1 && log.known > 3, "{log:?}");
    assert_eq!(app.export_file(ExportKind::Everything).await.unwrap().text, newer);
    let again = place.preview(&app, "newer.json", &newer).await.log.unwrap();
    assert_eq!(again.new, 0, "a second time adds nothing");
    created(&place, "z.pilotage", "fourth", &newer).await.unwrap();
    let fourth = place.open("z.pilotage", "fourth").await;
    let third = fourth.export_file(ExportKind::Everything).await.unwrap().text;
    assert_eq!(third, newer, "the log of two devices makes the same programme");
    fourth.close().await;

    let other = Place::new();
    let stranger = other.made("o.pilotage").await;
    let before = stranger.export_file(ExportKind::Everything).await.unwrap().text;
    let files = ImportFiles { files: vec![place.path("newer.json")], ..ImportFiles::default() };
    let error = imports::preview(&stranger, files).await.unwrap_err();
    assert_eq!(error.code, Code::FileRejected);
    assert_eq!(error.params.get("reason").map(String::as_str), Some("other_programme"), "{error}");
    assert_eq!(stranger.export_file(ExportKind::Everything).await.unwrap().text, before);
    stranger.close().await;
    app.close().await;
}

#[tokio::test]
async fn an_altered_export_is_refused_and_leaves_nothing() {
    let place = Place::new();
    let (app, export) = exported(&place).await;
    let refuse = async |changed: String, reason: &str| {
        assert_ne!(changed, export, "the alteration must alter something");
        let error = created(&place, "q.pilotage", "elsewhere", &changed).await.unwrap_err();
        let seen = error.params.get("reason").map(String::as_str);
        assert_eq!((error.code, seen), (Code::FileRejected, Some(reason)), "{error}");
        assert!(!place.path("q.pilotage").exists(), "nothing is left: {reason}");
    };
    let value: serde_json::Value = serde_json::from_str(&export).unwrap();
    let with = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut value = value.clone();
        change(&mut value);
        value.to_string()
    };
    refuse(
        export
            .replacen("\"2027-02-02\"", "\"2027-02-03\"", 1)
            .replace("\"x\":\"2027-02-02\"", "\"x\":\"2027-02-04\""),
        "export_damaged",
    )
    .await;
    refuse(
        with(&|value| {
            value["log"].as_array_mut().unwrap().remove(1);
        }),
        "export_damaged",
    )
    .await;
    refuse(
        with(&|value| {
            value["log"].as_array_mut().unwrap().pop();
        }),
        "export_damaged",
    )
    .await;
    refuse(with(&|value| value["log"].as_array_mut().unwrap().swap(0, 1)), "export_damaged").await;
    refuse(with(&|value| value["log"][0]["batch"]["v"] = 2.into()), "export_damaged").await;
    refuse(with(&|value| value["format"] = 2.into()), "export_newer").await;
    refuse(
        with(&|value| value["programme"]["workspace"]["id"] = uuid::Uuid::nil().to_string().into()),
        "export_damaged",
    )
    .await;
    refuse("{".to_owned(), "not_an_export").await;
    // A file that is there already is unharmed.
    let error = created(&place, "p.pilotage", "elsewhere", &export).await.unwrap_err();
    assert_eq!(error.code, Code::WorkspaceExists);
    assert_eq!(app.export_file(ExportKind::Everything).await.unwrap().text, export);
    app.close().await;
}

#[tokio::test]
async fn a_log_that_was_written_twice_is_refused() {
    let place = Place::new();
    let (app, export) = exported(&place).await;
    // The same device goes on in a copy of the file, under the numbers it will use here: another
    // machine has both the file and the app's own folder, as a restored image has.
    app.close().await;
    std::fs::create_dir_all(place.path("cloned/devices")).unwrap();
    for note in std::fs::read_dir(place.path("data/devices")).unwrap() {
        let note = note.unwrap();
        let clone = place.path("cloned/devices").join(note.file_name());
        std::fs::copy(note.path(), clone).unwrap();
    }
    std::fs::copy(place.path("p.pilotage"), place.path("copy.pilotage")).unwrap();
    std::fs::create_dir_all(place.path("moved")).unwrap();
    std::fs::rename(place.path("p.pilotage"), place.path("moved/p.pilotage")).unwrap();
    let copy = place.open("copy.pilotage", "cloned").await;
    let edit = |day: &str| EditService {
        service: "pay".to_owned(),
        edit: ServiceEdit::TargetDate(Some(day.to_owned())),
    };
    copy.edit_service(edit("2030-01-01")).await.unwrap();
    let other = copy.export_file(ExportKind::Everything).await.unwrap().text;
    copy.close().await;
    std::fs::remove_file(place.path("copy.pilotage")).unwrap();
    std::fs::rename(place.path("moved/p.pilotage"), place.path("p.pilotage")).unwrap();
    let app = place.open("p.pilotage", "data").await;
    app.edit_service(edit("2031-01-01")).await.unwrap();
    let files = ImportFiles { files: vec![place.file("o.json", &other)], ..ImportFiles::default() };
    let error = imports::preview(&app, files).await.unwrap_err();
    assert_eq!(error.params.get("reason").map(String::as_str), Some("log_forked"), "{error}");
    let files =
        ImportFiles { files: vec![place.file("e.json", &export)], ..ImportFiles::default() };
    assert!(imports::preview(&app, files).await.is_ok(), "the control: the common part merges");
    app.close().await;
}
