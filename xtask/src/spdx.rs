//! Licence expressions, as SPDX writes them: `MIT OR (Apache-2.0 AND BSD-3-Clause)`.

/// Whether the allowed licences are enough: one side of `OR`, both of `AND`.
/// A `/` is an `OR`, as crates wrote before SPDX. What cannot be read is not allowed.
pub fn is_allowed(expression: &str, allowed: &[&str]) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut reader = Reader { words: spaced.split_whitespace().collect(), at: 0, allowed };
    let allowed = reader.either();
    allowed == Some(true) && reader.at == reader.words.len()
}

/// Reads from left to right; `None` is a mistake in the expression.
struct Reader<'a> {
    words: Vec<&'a str>,
    at: usize,
    allowed: &'a [&'a str],
}

impl<'a> Reader<'a> {
    fn either(&mut self) -> Option<bool> {
        let mut result = self.both()?;
        while self.take("OR") {
            // Both sides are read, whatever the first says.
            let other = self.both()?;
            result = result || other;
        }
        Some(result)
    }

    fn both(&mut self) -> Option<bool> {
        let mut result = self.one()?;
        while self.take("AND") {
            let other = self.one()?;
            result = result && other;
        }
        Some(result)
    }

    fn one(&mut self) -> Option<bool> {
        if self.take("(") {
            let result = self.either()?;
            return self.take(")").then_some(result);
        }
        let licence = self.next()?;
        if matches!(licence, "OR" | "AND" | "WITH" | ")") {
            return None;
        }
        if self.take("WITH") {
            let exception = self.next()?;
            let both = format!("{licence} WITH {exception}");
            return Some(self.allowed.contains(&both.as_str()));
        }
        Some(self.allowed.contains(&licence))
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.at) == Some(&word);
        self.at += usize::from(found);
        found
    }

    fn next(&mut self) -> Option<&'a str> {
        let word = self.words.get(self.at).copied();
        self.at += 1;
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_judged() {
        let allowed = ["MIT", "Apache-2.0", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"];
        let check = |expression: &str, expect: bool| {
            assert_eq!(is_allowed(expression, &allowed), expect, "{expression}");
        };
        check("MIT", true);
        check("GPL-3.0-only", false);
        check("MIT OR GPL-3.0-only", true);
        check("GPL-3.0-only OR MIT", true);
        check("MIT AND GPL-3.0-only", false);
        check("MIT/Apache-2.0", true);
        check("Apache-2.0 / MIT", true);
        check("(MIT OR GPL-2.0) AND Unicode-3.0", true);
        check("(MIT OR GPL-2.0) AND OFL-1.1", false);
        check("GPL-2.0 OR MIT AND OFL-1.1", false);
        check("Apache-2.0 WITH LLVM-exception", true);
        check("MIT WITH LLVM-exception", false);
        check("GPL-2.0 WITH Classpath-exception-2.0", false);
    }

    #[test]
    fn what_cannot_be_read_is_not_allowed() {
        for expression in
            ["", "MIT OR", "OR MIT", "(MIT", "MIT)", "MIT MIT", "MIT WITH", "SEE LICENSE"]
        {
            assert!(!is_allowed(expression, &["MIT"]), "{expression:?}");
        }
    }
}
