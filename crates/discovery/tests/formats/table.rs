use crate::support::{Written, check_warnings, lines};
use crate::{check_rejected, read_one, taken};
use pilotage_discovery::{Discovered, DiscoveryError, Field, Format, Request, TEMPLATE, read};
use pilotage_domain::words::NodeClass;

fn mapped(text: &str, columns: &[(&str, Option<Field>)]) -> Result<Discovered, DiscoveryError> {
    let written = Written::new(&[("t.csv", text)]);
    let columns = columns.iter().map(|(title, field)| ((*title).to_owned(), *field)).collect();
    let files = vec![written.folder.path().join("t.csv")];
    read(&Request { files, columns, ..Request::default() })
}

fn fields(found: &Discovered) -> Vec<String> {
    let word = |field: Option<Field>| field.map_or("-", Field::word);
    found.columns.iter().map(|column| format!("{}={}", column.title, word(column.field))).collect()
}

#[test]
fn columns_come_in_any_order_and_by_many_names() {
    let text = "Effort,Repo,Service Owner,SERVICE,Tags,Docs,T-Shirt,Depends on\r\n\
                m,https://git.example/pay,Ann,pay,\"a; b,c\",Runbook <https://d.example/x>; https://e.example,XL,ledger\r\n\
                ,,,ledger,,,,\r\n";
    let found = taken(&[("t.csv", text)]);
    assert_eq!(found.format, Format::Table);
    assert_eq!(
        fields(&found),
        [
            "Effort=effort",
            "Repo=repository",
            "Service Owner=owner",
            "SERVICE=name",
            "Tags=tags",
            "Docs=links",
            "T-Shirt=-",
            "Depends on=depends_on"
        ]
    );
    let pay = &found.services[1];
    assert_eq!((pay.name.as_str(), pay.said.effort), ("pay", Some("M")));
    assert_eq!(pay.said.owner.as_deref(), Some("Ann"));
    assert_eq!(Vec::from_iter(&pay.said.tags), ["a", "b", "c"]);
    let links: Vec<_> = pay.said.links.iter().map(|(a, t)| format!("{t} {a}")).collect();
    assert_eq!(links, ["Runbook https://d.example/x", "e.example https://e.example"]);
    assert_eq!(
        lines(&found),
        ["service ledger", "service pay", "pay needs ledger: t.csv:2 Depends on: ledger"]
    );
    let empty = &found.services[0].said;
    assert_eq!(*empty, pilotage_discovery::Said::default(), "empty cells say nothing");
}

#[test]
fn delimiters_and_marks_of_spreadsheets_are_understood() {
    for text in [
        "name,owner\na,Ann\n",
        "name;owner\na;Ann\n",
        "name\towner\na\tAnn\n",
        "\u{feff}name;owner\r\na;Ann\r\n",
        "sep=;\r\nname;owner\r\na;Ann\r\n",
        "\"na\u{6d}e\";\"owner\"\na;\"Ann\"\n",
        "name;owner\n\n\n;;\na;Ann",
        "owner;name\nAnn;a\n",
        "\"owner\";\"x, y, z\";name\nAnn;;a\n",
    ] {
        let found = taken(&[("t.csv", text)]);
        assert_eq!(found.services.len(), 1, "{text:?}: {:?}", found.rejected);
        assert_eq!(found.services[0].name, "a", "{text:?}");
        assert_eq!(found.services[0].said.owner.as_deref(), Some("Ann"), "{text:?}");
    }
}

#[test]
fn a_defused_formula_is_read_as_it_was() {
    let found =
        taken(&[("t.csv", "name,notes,owner,team,tags\na,'=1+1,'quoted',''=x,\"'-x; '@y; z\"\n")]);
    let said = &found.services[0].said;
    assert_eq!(said.notes.as_deref(), Some("=1+1"));
    assert_eq!(said.owner.as_deref(), Some("'quoted'"), "the control: another quote stays");
    assert_eq!(said.team.as_deref(), Some("'=x"), "one is taken away");
    assert_eq!(Vec::from_iter(&said.tags), ["'@y", "-x", "z"], "at the start of a cell only");
}

#[test]
fn a_cell_that_cannot_be_taken_is_a_row_with_its_line() {
    let check = |title: &str, cell: &str, part: &str| {
        let text = format!("name,x,{title}\n\nfirst,,\n\"a\",\"1\n2\",\"{cell}\"\n");
        let found = taken(&[("t.csv", &text)]);
        assert_eq!(found.services.len(), 2, "the row itself is taken: {title}");
        check_rejected(&found, &format!("a: {title}"), "t.csv:4", part);
    };
    check("criticality", "6", "no whole number from 1 to 5");
    check("effort", "huge", "none of S, M, L, XL");
    check("difficulty", "9", "none of easy");
    check("target date", "03/04/2027", "2026-12-31");
    check("class", "microservice", "is no class");
    check("repository", "https://u:p@git.example/x", "password");
    check("links", "http://plain.example", "https://");
    check("owner", "a\u{202e}b", "U+202E");
    check("tags", "ok; b\u{200b}d", "cannot be taken");
    check("notes", &"x".repeat(4_001), "4000");
}

#[test]
fn rows_without_a_name_or_with_one_twice_are_rejected() {
    check_rejected(
        &taken(&[("t.csv", "name,owner\n,Ann\n")]),
        "a row without a name",
        "t.csv:2",
        "",
    );
    let twice = taken(&[("t.csv", "name\npay-x\n\nPay_X\n")]);
    check_rejected(&twice, "Pay_X", "t.csv:4", "t.csv, line 2");
    assert_eq!(twice.services.len(), 1);
    check_rejected(&taken(&[("t.csv", "name\n\"a\u{7}b\"\n")]), "a\u{fffd}b", "t.csv:2", "control");
}

#[test]
fn a_person_can_map_columns() {
    let text = "What,Who,Size\npay,Ann,M\n";
    let found = mapped(text, &[]).unwrap();
    assert_eq!(fields(&found), ["What=-", "Who=-", "Size=effort"]);
    check_rejected(&found, "name", "t.csv:1", "Say which one");
    assert_eq!(found.columns[0].samples, ["pay"]);
    let found =
        mapped(text, &[("what", Some(Field::Name)), ("Who", Some(Field::Owner)), ("Size", None)])
            .unwrap();
    assert_eq!(fields(&found), ["What=name", "Who=owner", "Size=-"]);
    assert_eq!(found.services[0].said.owner.as_deref(), Some("Ann"));
    assert_eq!(found.services[0].said.effort, None);
    let error = mapped(text, &[("Nope", None)]).unwrap_err();
    assert_eq!(error.code(), "column_unknown");
    assert!(error.to_string().contains("Size, What, Who"), "{error}");
    let error = mapped(text, &[("What", Some(Field::Owner)), ("Who", Some(Field::Owner))]);
    assert_eq!(error.unwrap_err().code(), "column_twice");
}

#[test]
fn titles_are_unique_and_a_field_is_taken_once() {
    let found = taken(&[("t.csv", "name,,owner,Owner,tags,labels\na,1,Ann,Ben,x,y\n")]);
    assert_eq!(
        fields(&found),
        ["name=name", "Column 2=-", "owner=owner", "Owner (2)=-", "tags=tags", "labels=tags"]
    );
    assert_eq!(found.services[0].said.owner.as_deref(), Some("Ann"));
    assert_eq!(found.services[0].said.tags.len(), 2);
    // `name` wins over `service`, wherever it stands.
    let found = taken(&[("t.csv", "service,name\nx,a\n")]);
    assert_eq!(fields(&found), ["service=-", "name=name"]);
}

#[test]
fn a_column_called_type_is_the_class_where_its_cells_are_classes() {
    let found = taken(&[("t.csv", "name,type\na,Service\nb,load-generator\n")]);
    assert_eq!(found.services[1].class, NodeClass::LoadGenerator);
    let found = taken(&[("t.csv", "name,type\na,web\nb,service\n")]);
    assert_eq!(fields(&found), ["name=name", "type=archetype"]);
}

#[test]
fn a_class_that_is_not_stated_is_a_guess() {
    let found = taken(&[("t.csv", "name,class,image\ndb,,postgres:17\npay,service,\n")]);
    let [db, pay] = &found.services[..] else { panic!("two services") };
    assert_eq!((db.class, db.class_is_guessed), (NodeClass::Datastore, true));
    assert_eq!((pay.class, pay.class_is_guessed), (NodeClass::Service, false));
}

#[test]
fn the_template_reads_with_every_column_known() {
    let found = taken(&[("t.csv", TEMPLATE)]);
    assert!(found.rejected.is_empty() && found.warnings.is_empty(), "{:?}", found.rejected);
    assert_eq!(found.columns.len(), Field::ALL.len());
    for (column, field) in found.columns.iter().zip(Field::ALL) {
        assert_eq!((column.title.as_str(), column.field), (field.word(), Some(field)));
    }
    assert_eq!(found.services.len(), 1);
}

#[test]
fn caps_and_strange_files_are_errors_with_a_line() {
    let check = |text: &str, code: &str, line: u32| {
        let error = read_one(&[("t.csv", text)], "t.csv").unwrap_err();
        assert_eq!((error.code(), error.line()), (code, Some(line)), "{error}");
    };
    check("", "not_of_format", 1);
    check("\n;;\n", "not_of_format", 1);
    check(&format!("name{}\n", ",x".repeat(200)), "limit_exceeded", 1);
    check(&format!("name\na\n\"{}\n", "x".repeat(10_001)), "limit_exceeded", 3);
    check(&format!("name\n{}", "a\n".repeat(20_001)), "limit_exceeded", 20_002);
    check("name\n\0\n", "file_not_text", 2);
    // The control: one less of each passes.
    taken(&[("t.csv", &format!("name{}\n", ",x".repeat(199)))]);
    let text = format!("name\na\n{}\n", "x".repeat(10_000));
    assert_eq!(taken(&[("t.csv", &text)]).rejected.len(), 1, "only the name is too long");
}

#[test]
fn an_open_quote_is_a_warning() {
    let found = taken(&[("t.csv", "name,owner\na,\"Ann\nb,Ben\n")]);
    check_warnings(&found, &[("t.csv:2", "not closed")]);
}

#[test]
fn many_bad_rows_are_cut_short() {
    let text = format!("name,depends_on\na,\"{}\"\n", "x;".repeat(150));
    let row = |number: u32| format!("r{number},\"{}\"\n", "y;".repeat(150));
    let rows = (0..200).map(row).collect::<Vec<_>>().concat();
    let found = taken(&[("t.csv", &(text + &rows))]);
    assert!(found.rejected.len() <= 5_000, "{} rows", found.rejected.len());
    assert_eq!(found.services.len(), 201);
}
