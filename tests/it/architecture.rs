//! The house rules of the sources: imports go down, decisions are pure, SQL is private, only the store knows two databases.
//!
//! The sources are parsed; inline paths, macro bodies and attributes count as imports do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};

/// From the bottom up: a module may use what stands before it. A new module takes its place here first.
const LADDER: &[&str] = &[
    "kernel",
    "store",
    "config",
    "telemetry",
    "outbox",
    "audit",
    "http",
    "areas",
    "people",
    "access",
    "places",
    "terms",
    "schedule",
    "usage",
    "pricing",
    "ledger",
    "bookings",
    "services",
    "impact",
    "agreements",
    "documents",
    "deliberation",
    "notify",
    "calendars",
    "reports",
    "privacy",
    "onboarding",
    "jobs",
    "server",
    "demo",
    "cli",
];
/// Not domains: their files are no rooms.
const SHARED: &[&str] = &["kernel", "store", "config", "telemetry", "outbox", "audit", "http", "access", "jobs", "server", "demo", "cli"];
/// Rooms of a domain, from the bottom up; equals may use each other. Other files stand beside the ladder.
const ROOMS: &[(&str, u8)] = &[("model", 0), ("rules", 1), ("sql", 2), ("queries", 2), ("actions", 3), ("http", 4)];
/// Upward uses with a reason: the extractor is part of the edge (see `access/mod.rs`).
const UPWARD: &[(&str, &str)] = &[("areas/http", "access"), ("people/http", "access"), ("people/http/passwords", "access")];
/// Who may open a transaction, besides the `http` room of a domain.
const OPENERS: &[&str] = &["http/commit", "outbox/runner", "audit/mod", "jobs", "server", "demo", "cli"];
const LONGEST: usize = 600;
/// What a pure file does not touch.
const IMPURE: &[&str] = &[
    "tokio",
    "actix_web",
    "ureq",
    "rand",
    "getrandom",
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::thread",
    "std::time::SystemTime",
    "std::time::Instant",
    "SystemClock",
];
/// What tells the backends apart.
const BACKENDS: &[&str] =
    &["Conn::Pg", "Conn::Sqlite", "Backend::Postgres", "Backend::Sqlite", "DatabaseUrl::Postgres", "DatabaseUrl::Sqlite", "on_each"];

/// A path as written in a source, made absolute where it is ours.
#[derive(Debug, Clone)]
struct Use {
    /// `crate::x::y` or `std::fs`.
    path: String,
    in_test: bool,
    in_attribute: bool,
}

impl Use {
    /// Segments after `crate`.
    fn ours(&self) -> Option<Vec<&str>> {
        self.path.strip_prefix("crate::").map(|rest| rest.split("::").collect())
    }
}

/// One source file and what it says.
struct Source {
    /// `terms/rules/decide`, without the extension.
    name: String,
    lines: usize,
    is_test: bool,
    uses: Vec<Use>,
    /// Calls that open a transaction, outside tests.
    opens: usize,
    /// `#[allow(…)]`.
    allows: usize,
    /// What stands between quotation marks, outside tests and attributes.
    texts: Vec<String>,
    /// Declared modules: name, public beyond the crate or its parents.
    modules: Vec<(String, bool)>,
}

impl Source {
    fn module(&self) -> &str {
        self.name.split('/').next().unwrap()
    }
    /// `rules` of `terms/rules/decide`; "mod" of the front page.
    fn room(&self) -> &str {
        self.name.split('/').nth(1).unwrap_or("mod")
    }
    fn is_domain(&self) -> bool {
        self.name.contains('/') && !SHARED.contains(&self.module())
    }
    fn is_pure(&self) -> bool {
        !self.is_test && (self.module() == "kernel" || (self.is_domain() && matches!(self.room(), "model" | "rules")))
    }
}

struct Reader<'s> {
    source: &'s mut Source,
    /// Where this code stands: `["terms", "rules", "decide"]`.
    at: Vec<String>,
    in_test: bool,
    in_attribute: bool,
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|a| match &a.meta {
        syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::NameValue(_) => false,
    })
}

impl Reader<'_> {
    fn note(&mut self, segments: &[String]) {
        let mut at = self.at.clone();
        let mut rest = segments;
        let mut ours = false;
        while let Some(first) = rest.first() {
            match first.as_str() {
                "crate" => at.clear(),
                "self" => {}
                "super" => drop(at.pop()),
                _ => break,
            }
            (ours, rest) = (true, &rest[1..]);
        }
        let mut path = if ours { [vec!["crate".to_owned()], at].concat() } else { Vec::new() };
        path.extend_from_slice(rest);
        self.source.uses.push(Use { path: path.join("::"), in_test: self.in_test, in_attribute: self.in_attribute });
    }

    fn tree(&mut self, before: &[String], tree: &syn::UseTree) {
        let with = |name: &syn::Ident| [before, &[name.to_string()]].concat();
        match tree {
            syn::UseTree::Path(path) => self.tree(&with(&path.ident), &path.tree),
            syn::UseTree::Name(name) if name.ident == "self" => self.note(before),
            syn::UseTree::Name(name) => self.note(&with(&name.ident)),
            syn::UseTree::Rename(rename) => self.note(&with(&rename.ident)),
            syn::UseTree::Glob(_) => self.note(&[before, &["*".to_owned()]].concat()),
            syn::UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(before, item)),
        }
    }

    /// Paths in text that is not parsed: bodies of macros, arguments of attributes.
    fn tokens(&mut self, tokens: &str) {
        if tokens.contains("# [allow") {
            self.source.allows += 1;
        }
        let text = tokens.replace(" :: ", "::").replace(":: ", "::");
        for word in text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).filter(|word| word.contains("::")) {
            let segments: Vec<String> = word.split("::").filter(|s| !s.is_empty()).map(str::to_owned).collect();
            self.note(&segments);
        }
    }

    /// Texts in code that is not parsed.
    fn quoted(&mut self, tokens: &str) {
        let mut rest = tokens.chars();
        while rest.by_ref().any(|c| c == '"') {
            let mut text = String::new();
            while let Some(c) = rest.next().filter(|c| *c != '"') {
                text.push(c);
                text.extend((c == '\\').then(|| rest.next()).flatten());
            }
            self.text(text);
        }
    }

    fn text(&mut self, text: String) {
        if !self.in_test {
            self.source.texts.push(text);
        }
    }

    fn inside(&mut self, test: bool, read: impl FnOnce(&mut Self)) {
        let before = self.in_test;
        self.in_test |= test;
        read(self);
        self.in_test = before;
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        let open = !matches!(item.vis, syn::Visibility::Inherited);
        self.source.modules.push((item.ident.to_string(), open));
        self.at.push(item.ident.to_string());
        self.inside(is_test(&item.attrs), |me| visit::visit_item_mod(me, item));
        self.at.pop();
    }
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.inside(is_test(&item.attrs), |me| visit::visit_item_fn(me, item));
    }
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.inside(is_test(&item.attrs), |me| me.tree(&[], &item.tree));
    }
    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        if segments.len() > 1 || segments == ["SystemClock"] {
            self.note(&segments);
        }
        visit::visit_path(self, path);
    }
    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        let segments: Vec<String> = item.path.segments.iter().map(|s| s.ident.to_string()).collect();
        self.note(&segments);
        let tokens = item.tokens.to_string();
        self.tokens(&tokens);
        self.quoted(&tokens);
    }
    fn visit_lit_str(&mut self, text: &'ast syn::LitStr) {
        self.text(text.value());
    }
    fn visit_attribute(&mut self, attribute: &'ast syn::Attribute) {
        if attribute.path().is_ident("allow") {
            self.source.allows += 1;
        }
        self.in_attribute = true;
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(&list.tokens.to_string());
        }
        self.in_attribute = false;
    }
    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        let closure = call.args.first().is_some_and(|arg| matches!(arg, syn::Expr::Closure(_)));
        if !self.in_test && (call.method == "write_now" || (call.method == "write" && closure)) {
            self.source.opens += 1;
        }
        visit::visit_expr_method_call(self, call);
    }
}

fn read(root: &Path, file: &Path) -> Source {
    let text = std::fs::read_to_string(file).unwrap();
    let name = file.strip_prefix(root).unwrap().with_extension("").to_string_lossy().replace('\\', "/");
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut at: Vec<String> = name.split('/').map(str::to_owned).collect();
    if at.last().is_some_and(|last| last == "mod" || last == "lib") {
        at.pop();
    }
    // By name: `decide_tests.rs`, and `samples.rs`, which is declared under `cfg(test)`.
    let is_test = name.ends_with("_tests") || name.ends_with("/samples");
    if name.ends_with("_tests") {
        // Such a file is the module `tests` inside the file it tests.
        at = name.trim_end_matches("_tests").split('/').map(str::to_owned).chain(["tests".to_owned()]).collect();
    }
    let mut source = Source {
        name,
        lines: text.lines().count(),
        is_test,
        uses: Vec::new(),
        opens: 0,
        allows: 0,
        texts: Vec::new(),
        modules: Vec::new(),
    };
    Reader { source: &mut source, at, in_test: is_test, in_attribute: false }.visit_file(&parsed);
    source
}

fn sources() -> Vec<Source> {
    fn walk(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    walk(&root, &mut files);
    files.sort();
    assert!(files.len() > 40, "the sources were found");
    files.iter().map(|file| read(&root, file)).collect()
}

/// Fails with every fault found, sorted.
fn none(what: &str, faults: impl IntoIterator<Item = String>) {
    let faults: std::collections::BTreeSet<String> = faults.into_iter().collect();
    assert!(faults.is_empty(), "{what}:\n  {}", faults.into_iter().collect::<Vec<_>>().join("\n  "));
}

fn rung(module: &str) -> Option<usize> {
    LADDER.iter().position(|m| *m == module)
}

#[test]
fn every_module_has_its_place_on_the_ladder() {
    let sources = sources();
    let lib = sources.iter().find(|s| s.name == "lib").unwrap();
    let unknown = lib.modules.iter().filter(|(name, _)| rung(name).is_none()).map(|(name, _)| name.clone());
    none("put these into LADDER, above what they use", unknown);
}

#[test]
fn imports_go_down() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| rung(s.module()).is_some()) {
        for used in &source.uses {
            let Some(target) = used.ours().and_then(|path| path.first().copied().filter(|m| rung(m).is_some())) else { continue };
            let excused = UPWARD.contains(&(source.name.as_str(), target));
            if rung(target) > rung(source.module()) && !excused {
                faults.push(format!("{} uses {}", source.name, used.path));
            }
        }
    }
    none("upward imports", faults);
}

#[test]
fn rooms_use_only_lower_rooms() {
    let rank = |room: &str| ROOMS.iter().find(|(name, _)| *name == room).map(|(_, rank)| *rank);
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.is_domain()) {
        let Some(mine) = rank(source.room()) else { continue };
        for used in &source.uses {
            let path = used.ours().unwrap_or_default();
            let (Some(module), Some(theirs)) = (path.first(), path.get(1).and_then(|room| rank(room))) else { continue };
            if *module == source.module() && theirs > mine {
                faults.push(format!("{} uses {}", source.name, used.path));
            }
        }
    }
    none("rooms of one domain: model ← rules ← sql, queries ← actions ← http", faults);
}

#[test]
fn sql_is_private() {
    let mut faults = Vec::new();
    for source in sources() {
        faults.extend(
            source.modules.iter().filter(|(name, open)| name == "sql" && *open).map(|_| format!("{} has `pub mod sql`", source.name)),
        );
        for used in source.uses.iter().filter_map(|used| used.ours()) {
            if used.get(1) == Some(&"sql") && used.first() != Some(&source.module()) {
                faults.push(format!("{} reaches into {}", source.name, used.join("::")));
            }
        }
    }
    none("SQL is its own domain's", faults);
}

#[test]
fn decisions_are_pure() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.is_pure()) {
        let vocabulary = source.module() == "kernel" || source.room() == "model";
        for used in source.uses.iter().filter(|used| !used.in_test) {
            let path = used.path.as_str();
            let named = |what: &&&str| path == **what || path.starts_with(&format!("{what}::")) || path.ends_with(&format!("::{what}"));
            let the_clock = source.name == "kernel/time" && path.contains("SystemClock");
            let stored = vocabulary && (source.module() == "kernel" || used.in_attribute);
            let schema = used.in_attribute && path.starts_with("crate::store::schema");
            if IMPURE.iter().any(|what| named(&what)) && !the_clock {
                faults.push(format!("{} touches {path}", source.name));
            }
            if path.starts_with("diesel::") && !stored {
                faults
                    .push(format!("{} speaks to the database: {path} (a model derives with full paths: `diesel::Queryable`)", source.name));
            }
            if (path == "crate::store" || path.starts_with("crate::store::")) && !schema {
                faults.push(format!("{} uses {path}", source.name));
            }
        }
    }
    none("model, rules and kernel do no IO", faults);
}

#[test]
fn only_the_store_knows_two_databases() {
    let mut faults = Vec::new();
    for source in sources().iter().filter(|s| s.module() != "store") {
        for used in source.uses.iter().filter(|used| !used.in_test) {
            let segments: Vec<&str> = used.path.split("::").collect();
            let pairs = segments.windows(2).map(|pair| pair.join("::")).chain(segments.iter().map(|s| (*s).to_owned()));
            faults.extend(pairs.filter(|pair| BACKENDS.contains(&pair.as_str())).map(|pair| format!("{} says {pair}", source.name)));
        }
    }
    none("a phrase that differs belongs into store/phrases.rs", faults);
}

#[test]
fn tables_come_through_the_store() {
    let around = |s: &Source| s.module() != "store" && s.uses.iter().any(|used| used.path.starts_with("shangliang_schema"));
    let sources = sources();
    assert!(sources.iter().any(|s| s.name == "store/mod" && s.uses.iter().any(|used| used.path == "shangliang_schema")), "uses are found");
    none("say crate::store::schema", sources.iter().filter(|s| around(s)).map(|s| s.name.clone()));
}

#[test]
fn transactions_are_opened_at_the_edge() {
    let allowed = |s: &Source| {
        s.module() == "store"
            || (s.is_domain() && s.room() == "http")
            || OPENERS.iter().any(|o| s.name == *o || s.name.starts_with(&format!("{o}/")))
    };
    let sources = sources();
    assert!(sources.iter().any(|s| s.opens > 0 && s.name == "http/commit"), "the calls are found");
    none("a verb takes `&mut Tx`", sources.iter().filter(|s| s.opens > 0 && !allowed(s)).map(|s| format!("{} opens one", s.name)));
}

#[test]
fn files_stay_readable() {
    let sources = sources();
    none("too long: split by sub-topic", sources.iter().filter(|s| s.lines > LONGEST).map(|s| format!("{}: {}", s.name, s.lines)));
}

#[test]
fn lints_are_expected_not_allowed() {
    none("write #[expect(…, reason = …)]", sources().iter().filter(|s| s.allows > 0).map(|s| s.name.clone()));
}

/// Chinese with the punctuation of another script, as `您好,邻居`. A sentence of Latin words may name something Chinese.
fn half_width(text: &str) -> bool {
    let chinese = |c: &char| matches!(c, '\u{3400}'..='\u{9fff}' | '。' | '、' | '《' | '》');
    let mark = |c: &char| ",;:!?()".contains(*c);
    let words = text
        .split(|c: char| !c.is_ascii_alphabetic() && c != '_')
        .filter(|word| word.len() > 1 && !word.contains('_') && word.chars().any(|c| c.is_ascii_lowercase()))
        .count();
    if words * 2 > text.chars().filter(chinese).count() {
        return false;
    }
    let chars: Vec<char> = text.chars().collect();
    chars.windows(2).any(|pair| matches!(pair, [a, b] if (chinese(a) && mark(b)) || (mark(a) && chinese(b))))
}

/// GB/T 15834-2011, 5: marks in Chinese text take the width of a character.
#[test]
fn chinese_is_punctuated_as_chinese() {
    let sources = sources();
    let wrong = sources.iter().flat_map(|s| s.texts.iter().filter(|text| half_width(text)).map(|text| format!("{}: {text}", s.name)));
    none("use ，；：！？（）", wrong);
    let chinese = sources.iter().flat_map(|s| &s.texts).filter(|text| text.contains('，')).count();
    assert!(chinese > 200, "the texts were found: {chinese}");
    for hub in ["yuxin", "shiyou"] {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("hubs/{hub}.yaml"))).unwrap();
        let said = |line: &str| line.trim().strip_prefix("text_zh: ").map(str::to_owned);
        none("use ，；：！？（）", text.lines().filter_map(said).filter(|text| half_width(text)));
    }
}

/// The checks themselves: a made-up source is read as a reviewer would.
#[test]
fn a_bad_source_is_seen_through() {
    let root = crate::harness::db::fresh_folder("sources");
    std::fs::create_dir_all(root.join("areas/rules")).unwrap();
    let file = root.join("areas/rules/odd.rs");
    let text = "use crate::kernel::{Code, time as t}; use super::super::sql; #[derive(diesel::Queryable)] #[diesel(table_name = crate::store::schema::areas)] struct A;
        fn f(db: Db) { let x = crate::people::model::Role::Guest; json!({\"a\": crate::terms::rules::decide()}); std::fs::read(\"x\"); say(\"您好,邻居\"); format!(\"{x}（{y}）\\n(好)\"); db.write(|tx| 1); db.write_now(w); file.write(b); }
        #[cfg(test)] mod tests { use super::*; fn g() { std::fs::read(\"y\"); db.write_now(w); } }";
    std::fs::write(&file, text).unwrap();
    let source = read(&root, &file);
    std::fs::remove_dir_all(&root).unwrap();
    let uses: BTreeMap<&str, (bool, bool)> =
        source.uses.iter().rev().map(|used| (used.path.as_str(), (used.in_test, used.in_attribute))).collect();
    for (path, how) in [
        ("crate::kernel::Code", (false, false)),
        ("crate::kernel::time", (false, false)),
        ("crate::areas::sql", (false, false)),
        ("diesel::Queryable", (false, true)),
        ("crate::store::schema::areas", (false, true)),
        ("crate::people::model::Role::Guest", (false, false)),
        ("crate::terms::rules::decide", (false, false)),
        ("std::fs::read", (false, false)),
        ("crate::areas::rules::odd::*", (true, false)),
    ] {
        assert_eq!(uses.get(path), Some(&how), "{path} in {uses:?}");
    }
    let texts: Vec<(&str, bool)> =
        source.texts.iter().map(|text| (text.as_str(), half_width(text))).filter(|(text, _)| !text.is_ascii()).collect();
    assert_eq!(texts, [("您好,邻居", true), ("{x}（{y}）\\n(好)", true)]);
    assert!(!half_width("演出 in 同心书苑: refused by its clause") && !half_width("21:00 前：好"));
    assert_eq!((source.opens, source.room(), source.is_pure()), (2, "rules", true));
}
