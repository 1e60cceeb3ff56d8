//! Writes the TypeScript side of the command table.

use crate::commands::{CommandKind, TABLE, Tag, visit_types};
use crate::error::ApiError;
use std::any::TypeId;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use ts_rs::{Config, TS, TypeVisitor};

/// Receives each command's types.
pub(crate) trait CommandVisitor {
    fn command<Argument: TS + 'static, Answer: TS + 'static>(&mut self, name: &str);
}

struct Collector {
    config: Config,
    seen: Vec<TypeId>,
    declarations: BTreeMap<String, String>,
    signatures: Vec<(String, String, String)>,
}

impl TypeVisitor for Collector {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if self.seen.contains(&TypeId::of::<T>()) {
            return;
        }
        self.seen.push(TypeId::of::<T>());
        T::visit_dependencies(self);
        T::visit_generics(self);
        if T::output_path().is_some() {
            let mut text = T::docs().unwrap_or_default();
            let _ = write!(text, "export {}", T::decl(&self.config));
            let earlier = self.declarations.insert(T::ident(&self.config), text);
            assert!(earlier.is_none(), "two types are called {}", T::ident(&self.config));
        }
    }
}

impl CommandVisitor for Collector {
    fn command<Argument: TS + 'static, Answer: TS + 'static>(&mut self, name: &str) {
        self.visit::<Argument>();
        self.visit::<Answer>();
        self.signatures.push((
            name.to_owned(),
            Argument::name(&self.config),
            Answer::name(&self.config),
        ));
    }
}

/// The whole of `ui/src/lib/generated/api.ts`.
///
/// # Panics
/// Where two types of the border have one name: the page would be told of one of them only.
pub fn typescript() -> String {
    let mut collector = Collector {
        config: Config::default(),
        seen: Vec::new(),
        declarations: BTreeMap::new(),
        signatures: Vec::new(),
    };
    visit_types(&mut collector);
    collector.visit::<ApiError>();
    collector.visit::<Tag>();

    let mut text = String::from(
        "// Generated from the command table in crates/api/src/commands.rs by `cargo xtask types`.\n\
         // Do not edit: change the table.\n\n",
    );
    for declaration in collector.declarations.values() {
        let _ = writeln!(text, "{declaration}\n");
    }
    text.push_str(
        "/** Every command: its argument and its answer. */\nexport interface Commands {\n",
    );
    for ((name, argument, answer), facts) in collector.signatures.iter().zip(TABLE) {
        let _ = writeln!(text, "  /**{} */", facts.doc);
        let _ = writeln!(text, "  {name}: {{ argument: {argument}; answer: {answer} }};");
    }
    text.push_str("}\n\n/** What each command provides (reads) or makes old (writes). */\nexport const COMMANDS = {\n");
    for facts in TABLE {
        let kind = match facts.kind {
            CommandKind::Read => "read",
            CommandKind::Write => "write",
        };
        let tags: Vec<String> =
            facts.tags.iter().map(|tag| serde_json::to_string(tag).unwrap_or_default()).collect();
        let _ = writeln!(
            text,
            "  {}: {{ kind: \"{kind}\", tags: [{}] }},",
            facts.name,
            tags.join(", ")
        );
    }
    text.push_str("} as const satisfies Record<keyof Commands, { kind: \"read\" | \"write\"; tags: readonly Tag[] }>;\n");
    text
}
