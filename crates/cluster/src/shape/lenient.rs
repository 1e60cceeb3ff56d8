//! Reading what a cluster answers without ever failing for one odd field: what has another type
//! than expected reads as absent. In a list, one object that does not parse would otherwise keep
//! its whole kind from loading. Every text is bounded and made harmless here, so that nothing
//! further in has to think of it.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

/// Longest text that is kept, in characters: a name has 253, an image reference less than 500.
pub const MAX_TEXT: usize = 512;

/// A foreign text as it is kept: bounded, and without control or direction-changing characters.
pub fn clean(text: &str) -> String {
    cut(text, MAX_TEXT)
}

/// The same with another bound, in characters.
pub fn cut(text: &str, most: usize) -> String {
    let plain = text.len() <= most && text.bytes().all(|byte| (0x20..0x7f).contains(&byte));
    if plain {
        return text.to_owned();
    }
    let mut kept = pilotage_domain::text::visible(text);
    if let Some((end, _)) = kept.char_indices().nth(most) {
        kept.truncate(end);
        kept.push('…');
    }
    kept
}

/// A type that can be read from anything. What does not fit is its default.
pub trait Loose: Default {
    /// From a text.
    fn text(_: &str) -> Self {
        Self::default()
    }
    /// From a whole number.
    fn integer(_: i64) -> Self {
        Self::default()
    }
    /// From true or false.
    fn boolean(_: bool) -> Self {
        Self::default()
    }
    /// From a list.
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
    /// From keys with values.
    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::default())
    }
}

/// Reads a loose value; fails only where the text is no JSON.
pub fn loose<'de, D: Deserializer<'de>, T: Loose>(deserializer: D) -> Result<T, D::Error> {
    deserializer.deserialize_any(Reading(PhantomData))
}

/// One loose value, where serde wants a type.
pub(crate) struct Seed<T>(PhantomData<T>);

impl<T> Seed<T> {
    pub(crate) fn new() -> Self {
        Self(PhantomData)
    }
}

impl<'de, T: Loose> DeserializeSeed<'de> for Seed<T> {
    type Value = T;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        loose(deserializer)
    }
}

struct Reading<T>(PhantomData<T>);

impl<'de, T: Loose> Visitor<'de> for Reading<T> {
    type Value = T;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("anything")
    }
    fn visit_bool<E: Error>(self, value: bool) -> Result<T, E> {
        Ok(T::boolean(value))
    }
    fn visit_i64<E: Error>(self, value: i64) -> Result<T, E> {
        Ok(T::integer(value))
    }
    fn visit_u64<E: Error>(self, value: u64) -> Result<T, E> {
        Ok(i64::try_from(value).map(T::integer).unwrap_or_default())
    }
    fn visit_f64<E: Error>(self, value: f64) -> Result<T, E> {
        Ok(T::text(&value.to_string()))
    }
    fn visit_str<E: Error>(self, value: &str) -> Result<T, E> {
        Ok(T::text(value))
    }
    fn visit_unit<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_none<E: Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<T, D::Error> {
        loose(deserializer)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        T::map(map)
    }
}

impl Loose for () {}

impl Loose for String {
    fn text(text: &str) -> Self {
        clean(text)
    }
    fn integer(value: i64) -> Self {
        value.to_string()
    }
    fn boolean(value: bool) -> Self {
        value.to_string()
    }
}

impl Loose for Box<str> {
    fn text(text: &str) -> Self {
        clean(text).into()
    }
    fn integer(value: i64) -> Self {
        value.to_string().into()
    }
    fn boolean(value: bool) -> Self {
        value.to_string().into()
    }
}

impl Loose for Arc<str> {
    fn text(text: &str) -> Self {
        clean(text).into()
    }
    fn integer(value: i64) -> Self {
        value.to_string().into()
    }
    fn boolean(value: bool) -> Self {
        value.to_string().into()
    }
}

impl Loose for bool {
    fn boolean(value: bool) -> Self {
        value
    }
}

impl Loose for i64 {
    fn integer(value: i64) -> Self {
        value
    }
}

impl Loose for u32 {
    fn integer(value: i64) -> Self {
        Self::try_from(value).unwrap_or_default()
    }
}

/// Types of which "there, but of another type" is told from "there".
macro_rules! optional {
    ($($type:ty: $($kind:ident($value:ty) $(if $fits:expr)?),+;)*) => { $(
        impl Loose for Option<$type> {
            $(fn $kind(value: $value) -> Self {
                $(if !$fits(&value) { return None; })?
                Some(<$type as Loose>::$kind(value))
            })+
        }
    )* };
}

optional! {
    Box<str>: text(&str), integer(i64), boolean(bool);
    Arc<str>: text(&str), integer(i64), boolean(bool);
    bool: boolean(bool);
    i64: integer(i64);
    u32: integer(i64) if |value: &i64| u32::try_from(*value).is_ok();
}

impl Loose for Option<DateTime<Utc>> {
    fn text(text: &str) -> Self {
        DateTime::parse_from_rfc3339(text).ok().map(|time| time.to_utc())
    }
}

impl<T: Loose> Loose for Vec<T> {
    fn list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut all = Self::new();
        while let Some(one) = list.next_element_seed(Seed::new())? {
            all.push(one);
        }
        Ok(all)
    }
}

impl<T: Loose> Loose for Box<[T]> {
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        Ok(Vec::list(list)?.into_boxed_slice())
    }
}

impl<T: Loose> Loose for Arc<[T]> {
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        Ok(Vec::list(list)?.into())
    }
}

impl<T: Loose> Loose for BTreeMap<Arc<str>, T> {
    fn map<'de, A: MapAccess<'de>>(mut map: A) -> Result<Self, A::Error> {
        let mut all = Self::new();
        while let Some(key) = map.next_key_seed(Seed::<Arc<str>>::new())? {
            all.insert(key, map.next_value_seed(Seed::new())?);
        }
        Ok(all)
    }
}

/// A part that matters only by being there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Present(pub bool);

impl Loose for Present {
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        <() as Loose>::map(map)?;
        Ok(Self(true))
    }
}

/// A number or a text: ports, and the numbers of budgets and strategies.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum NumberOrText {
    /// Neither.
    #[default]
    Absent,
    /// A number.
    Number(i64),
    /// A name, or a share such as `25%`.
    Text(Box<str>),
}

impl NumberOrText {
    /// The number, a share taken of `whole` and rounded up, as controllers do for budgets.
    pub fn of(&self, whole: i64) -> Option<i64> {
        match self {
            Self::Absent => None,
            Self::Number(number) => Some(*number),
            Self::Text(text) => {
                let share: i64 = text.strip_suffix('%')?.trim().parse().ok()?;
                Some((whole.checked_mul(share)?.checked_add(99)?).div_euclid(100))
            }
        }
    }
}

impl fmt::Display for NumberOrText {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Absent => formatter.write_str("absent"),
            Self::Number(number) => number.fmt(formatter),
            Self::Text(text) => formatter.write_str(text),
        }
    }
}

impl Loose for NumberOrText {
    fn text(text: &str) -> Self {
        Self::Text(clean(text).into())
    }
    fn integer(value: i64) -> Self {
        Self::Number(value)
    }
}

/// The fingerprint of a value that is compared and never shown, such as the command of a probe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Print(pub u64);

impl Print {
    /// Of a JSON value; the order of its keys does not matter.
    pub(crate) fn of(value: &serde_json::Value) -> Self {
        use std::hash::{DefaultHasher, Hash as _, Hasher as _};
        let mut hasher = DefaultHasher::new();
        value.to_string().hash(&mut hasher);
        Self(hasher.finish())
    }
}

impl Loose for Print {
    fn text(text: &str) -> Self {
        Self::of(&text.into())
    }
    fn integer(value: i64) -> Self {
        Self::of(&value.into())
    }
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        Ok(Self::of(&Any::list(list)?.0))
    }
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        Ok(Self::of(&Any::map(map)?.0))
    }
}

/// Any JSON, for the few parts whose form is not known beforehand. Not kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Any(pub serde_json::Value);

impl Loose for Any {
    fn text(text: &str) -> Self {
        Self(text.into())
    }
    fn integer(value: i64) -> Self {
        Self(value.into())
    }
    fn boolean(value: bool) -> Self {
        Self(value.into())
    }
    fn list<'de, A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        let list = serde::de::value::SeqAccessDeserializer::new(list);
        serde_json::Value::deserialize(list).map(Self)
    }
    fn map<'de, A: MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
        let map = serde::de::value::MapAccessDeserializer::new(map);
        serde_json::Value::deserialize(map).map(Self)
    }
}

/// Declares parts of objects: every field is read loosely and may be absent.
macro_rules! part {
    ($($(#[$outer:meta])* $name:ident { $($(#[$inner:meta])* $field:ident: $type:ty,)* })*) => { $(
        $(#[$outer])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub struct $name {
            $($(#[$inner])*
            #[serde(deserialize_with = "crate::shape::lenient::loose")]
            pub $field: $type,)*
        }

        impl crate::shape::lenient::Loose for $name {
            fn map<'de, A: serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
                let map = serde::de::value::MapAccessDeserializer::new(map);
                <Self as serde::Deserialize>::deserialize(map)
            }
        }

        impl crate::shape::lenient::Loose for Option<Box<$name>> {
            fn map<'de, A: serde::de::MapAccess<'de>>(map: A) -> Result<Self, A::Error> {
                <$name as crate::shape::lenient::Loose>::map(map).map(|part| Some(Box::new(part)))
            }
        }
    )* };
}
pub(crate) use part;

#[cfg(test)]
mod tests {
    use super::*;

    part! {
        /// A part for these tests.
        Sample {
            name: Box<str>,
            count: Option<i64>,
            when: Option<DateTime<Utc>>,
            items: Box<[Box<str>]>,
            port: NumberOrText,
        }
    }

    fn read(json: &str) -> Sample {
        let mut reader = serde_json::Deserializer::from_str(json);
        loose(&mut reader).unwrap()
    }

    #[test]
    fn a_field_of_another_type_reads_as_absent_and_spoils_nothing_else() {
        let check = |json: &str, expect: &dyn Fn(&Sample) -> bool| {
            let sample = read(json);
            assert!(expect(&sample), "{json} gave {sample:?}");
        };
        check(r#"{"name":"a","count":3}"#, &|s| &*s.name == "a" && s.count == Some(3));
        check(r#"{"name":{"x":[1]},"count":3}"#, &|s| s.name.is_empty() && s.count == Some(3));
        check(r#"{"name":"a","count":"three"}"#, &|s| s.count.is_none());
        check(r#"{"name":"a","count":[3],"port":80}"#, &|s| s.port == NumberOrText::Number(80));
        check(r#"{"when":"2026-03-01T10:00:00Z"}"#, &|s| s.when.is_some());
        check(r#"{"when":"yesterday","name":7}"#, &|s| s.when.is_none() && &*s.name == "7");
        check(r#"{"items":["a",{"b":1},null]}"#, &|s| s.items.len() == 3 && &*s.items[0] == "a");
        check(r#"{"items":"none"}"#, &|s| s.items.is_empty());
        check("null", &|s| *s == Sample::default());
        check("[1,2]", &|s| *s == Sample::default());
    }

    #[test]
    fn texts_are_bounded_and_harmless() {
        let check = |text: &str, expect: &str| assert_eq!(clean(text), expect);
        check("plain", "plain");
        check("a\u{1b}[31mb", "a␛[31mb");
        check("pay\u{202e}ments", "pay\u{fffd}ments");
        check("grün", "grün");
        let long = clean(&"x".repeat(MAX_TEXT + 1));
        assert_eq!(long.chars().count(), MAX_TEXT + 1, "cut, with a mark");
        assert!(long.ends_with('…'));
    }

    #[test]
    fn shares_are_rounded_up() {
        let check = |text: &str, whole: i64, expect: Option<i64>| {
            assert_eq!(NumberOrText::Text(text.into()).of(whole), expect, "{text} of {whole}");
        };
        check("50%", 3, Some(2));
        check("100%", 3, Some(3));
        check("0%", 3, Some(0));
        check("half", 3, None);
        check("9223372036854775807%", 3, None);
    }
}
