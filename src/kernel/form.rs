//! Reading a JSON document by hand so that *every* field fault is found, each with its JSON pointer.
//!
//! Bodies of requests and hub files go through the same door. A parser is a function from a [`Spot`] (a value and where
//! it stands) to `Option<T>`; `None` means it has recorded why. A field nobody asked for is a fault too.
//!
//! `form::read(&body, |form| { let people = form.need("people", form::int(1..=10_000)); Some(people?) })` gives what was read, or every
//! fault.

use super::digest::is_sha256_hex;
use super::fault::FieldFault;
use super::id::Id;
use super::text::{self, BadText, Word};
use super::time::{self, BadTime, Day, Instant};
use super::{Area, Fen};
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::ops::RangeInclusive;

/// More faults than this are not collected: the reader has enough to do.
pub const MOST_FAULTS: usize = 100;
/// Arrays longer than this are refused unless the parser says otherwise.
pub const MOST_ITEMS: usize = 100;

type Faults = RefCell<Vec<FieldFault>>;

/// A value and where it stands.
pub struct Spot<'a> {
    /// The value.
    pub value: &'a Value,
    pointer: String,
    faults: &'a Faults,
}

impl<'a> Spot<'a> {
    /// Where the value stands.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }
    /// Records a fault of this very value; gives `None` for the parser to return.
    pub fn fault<T>(&self, code: &str, zh: impl Into<String>, en: impl Into<String>) -> Option<T> {
        push(self.faults, FieldFault::at(self.pointer.clone(), code, zh, en));
        None
    }
    fn wrong_type<T>(&self, zh: &str, en: &str) -> Option<T> {
        self.fault("wrong-type", format!("应为{zh}。"), format!("Must be {en}."))
    }
    fn text(&self) -> Option<&'a str> {
        match self.value {
            Value::String(text) => Some(text),
            _ => self.wrong_type("文字", "a text"),
        }
    }
    /// The value as an object, read by `parse`; fields it does not ask for are faults.
    pub fn object<T>(&self, parse: impl FnOnce(&mut Form<'a>) -> Option<T>) -> Option<T> {
        let Value::Object(map) = self.value else { return self.wrong_type("一组字段", "an object") };
        let mut form = Form { map, pointer: self.pointer.clone(), asked: Vec::new(), any: false, faults: self.faults };
        let read = parse(&mut form);
        let clean = form.refuse_unknown();
        read.filter(|_| clean)
    }
}

/// An object being read.
pub struct Form<'a> {
    map: &'a Map<String, Value>,
    pointer: String,
    asked: Vec<&'static str>,
    any: bool,
    faults: &'a Faults,
}

fn push(faults: &Faults, fault: FieldFault) {
    let mut faults = faults.borrow_mut();
    if faults.len() < MOST_FAULTS {
        faults.push(fault);
    }
}

fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

impl<'a> Form<'a> {
    fn spot(&self, name: &str, value: &'a Value) -> Spot<'a> {
        Spot { value, pointer: format!("{}/{}", self.pointer, escape(name)), faults: self.faults }
    }

    /// A field that must be there and not null.
    pub fn need<T>(&mut self, name: &'static str, parse: impl FnOnce(&Spot<'a>) -> Option<T>) -> Option<T> {
        self.asked.push(name);
        match self.map.get(name) {
            Some(value) if !value.is_null() => parse(&self.spot(name, value)),
            _ => {
                self.fault(name, "missing", "必填。", "Required.");
                None
            }
        }
    }

    /// A field that may be absent or null.
    pub fn may<T>(&mut self, name: &'static str, parse: impl FnOnce(&Spot<'a>) -> Option<T>) -> Option<T> {
        self.asked.push(name);
        self.map.get(name).filter(|value| !value.is_null()).and_then(|value| parse(&self.spot(name, value)))
    }

    /// Something stands there, right or wrong.
    pub fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    /// Records a fault of a field of this object, for checks across fields.
    pub fn fault(&self, name: &str, code: &str, zh: impl Into<String>, en: impl Into<String>) {
        push(self.faults, FieldFault::at(format!("{}/{}", self.pointer, escape(name)), code, zh, en));
    }

    /// The same for something further down: `path` is the rest of the pointer, `parties/1`.
    pub fn fault_below(&self, path: &str, code: &str, zh: impl Into<String>, en: impl Into<String>) {
        push(self.faults, FieldFault::at(format!("{}/{path}", self.pointer), code, zh, en));
    }

    /// Where the object stands.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Takes any further field: for an object whose shape cannot be known because its kind is at fault already.
    pub fn ignore_rest(&mut self) {
        self.any = true;
    }

    fn refuse_unknown(&self) -> bool {
        if self.any {
            return true;
        }
        let unknown: Vec<_> = self.map.keys().filter(|key| !self.asked.contains(&key.as_str())).collect();
        for key in &unknown {
            let shown: String = key.chars().take(60).collect();
            self.fault(&shown, "unknown-field", "没有这个字段。", "There is no such field.");
        }
        unknown.is_empty()
    }
}

/// Reads a whole document. Any fault recorded anywhere makes it an error holding all of them.
pub fn read<T>(value: &Value, parse: impl for<'a> FnOnce(&mut Form<'a>) -> Option<T>) -> Result<T, Vec<FieldFault>> {
    let faults = Faults::default();
    let read = Spot { value, pointer: String::new(), faults: &faults }.object(|form| parse(form));
    let faults = faults.into_inner();
    match read {
        Some(read) if faults.is_empty() => Ok(read),
        _ if faults.is_empty() => Err(vec![FieldFault::at("", "invalid", "内容不对。", "The document is not right.")]),
        _ => Err(faults),
    }
}

/// Characters nobody can see or type.
pub fn unseen<T>(spot: &Spot) -> Option<T> {
    spot.fault("forbidden-characters", "含有不允许的控制字符。", "Holds characters that are not allowed.")
}

fn bad_text<T>(spot: &Spot, bad: BadText, most: usize) -> Option<T> {
    match bad {
        BadText::Empty => spot.fault("empty", "不能为空。", "Must not be empty."),
        BadText::TooLong => spot.fault("too-long", format!("最多 {most} 个字。"), format!("At most {most} characters.")),
        BadText::Forbidden => unseen(spot),
    }
}

/// A one-line text of at most `most` characters.
pub fn line<'a>(most: usize) -> impl Fn(&Spot<'a>) -> Option<String> {
    move |spot| text::line(spot.text()?, most).or_else(|bad| bad_text(spot, bad, most).ok_or(())).ok()
}

/// A text that may have several lines.
pub fn prose<'a>(most: usize) -> impl Fn(&Spot<'a>) -> Option<String> {
    move |spot| text::prose(spot.text()?, most).or_else(|bad| bad_text(spot, bad, most).ok_or(())).ok()
}

/// A text taken exactly as received (passwords, codes): only its length in characters is checked. None has more than four bytes, so
/// that bounds what is hashed too.
pub fn raw<'a>(characters: RangeInclusive<usize>) -> impl Fn(&Spot<'a>) -> Option<String> {
    move |spot| {
        let text = spot.text()?;
        if characters.contains(&text.chars().count()) {
            return Some(text.to_owned());
        }
        let (least, most) = (characters.start(), characters.end());
        spot.fault("wrong-length", format!("长度应为 {least} 到 {most} 个字。"), format!("Must be {least} to {most} characters long."))
    }
}

/// A SHA-256: 64 lower-case hexadecimal digits.
pub fn sha256(spot: &Spot) -> Option<String> {
    let text = raw(64..=64)(spot)?;
    if is_sha256_hex(&text) {
        Some(text)
    } else {
        spot.fault("malformed", "应为 64 位小写十六进制。", "Must be 64 lower-case hexadecimal digits.")
    }
}

/// An identifier of one kind.
pub fn id<T: Id>(spot: &Spot) -> Option<T> {
    spot.text()?.parse().ok().or_else(|| {
        spot.fault("wrong-id", format!("应为 {}_ 开头的编号。", T::PREFIX), format!("Must be an id starting with {}_.", T::PREFIX))
    })
}

/// A natural code (`a-z 0-9 -`).
pub fn code(spot: &Spot) -> Option<String> {
    let text = spot.text()?;
    if text::is_code(text) {
        Some(text.to_owned())
    } else {
        spot.fault("wrong-code", "只能用小写字母、数字和连字符，最多 40 个。", "Only a-z, 0-9 and -, at most 40 characters.")
    }
}

/// A word of a closed list; a fault names the list.
pub fn word<T: Word>(spot: &Spot) -> Option<T> {
    spot.text()?.parse().ok().or_else(|| {
        let (zh, en) = (T::WORDS.join("、"), T::WORDS.join(", "));
        spot.fault("unknown-word", format!("不在可选范围内，可以写：{zh}。"), format!("Not one of the known words: {en}."))
    })
}

/// A year beyond those taken.
pub fn too_far<T>(spot: &Spot) -> Option<T> {
    spot.fault("out-of-range", "年份应在 2000 到 2100 之间。", "The year must be 2000 to 2100.")
}

/// A date-time with offset.
pub fn instant(spot: &Spot) -> Option<Instant> {
    match Instant::parse(spot.text()?) {
        Ok(at) => Some(at),
        Err(BadTime::NoOffset) => spot.fault("no-offset", "时间要带时区，例如 +08:00。", "The date-time needs an offset such as +08:00."),
        Err(BadTime::OutOfRange) => too_far(spot),
        Err(BadTime::Malformed) => {
            let day = spot.value.as_str().and_then(|text| text.get(..10)).unwrap_or_default();
            if time::is_day_like(day) && !time::is_some_day(day) {
                return spot.fault("malformed", "没有这一天。", "There is no such day.");
            }
            spot.fault("malformed", "时间格式应为 2026-11-28T14:00:00+08:00。", "Must look like 2026-11-28T14:00:00+08:00.")
        }
    }
}

/// A civil date.
pub fn day(spot: &Spot) -> Option<Day> {
    let text = spot.text()?;
    time::parse_day(text).or_else(|| match time::is_some_day(text) {
        true => too_far(spot),
        false => spot.fault("malformed", "日期格式应为 2026-11-28，且确有这一天。", "Must be a real date such as 2026-11-28."),
    })
}

/// A minute of a day: `08:30`, `24:00`.
pub fn minute(spot: &Spot) -> Option<u16> {
    time::parse_minute(spot.text()?).or_else(|| spot.fault("malformed", "时刻格式应为 08:30。", "Must look like 08:30."))
}

/// True or false.
pub fn flag(spot: &Spot) -> Option<bool> {
    spot.value.as_bool().or_else(|| spot.wrong_type("是或否", "true or false"))
}

/// An integer in a range.
pub fn int<'a>(range: RangeInclusive<i64>) -> impl Fn(&Spot<'a>) -> Option<i64> {
    move |spot| {
        let Value::Number(number) = spot.value else { return spot.wrong_type("整数", "an integer") };
        let (least, most) = (range.start(), range.end());
        match number.as_i64() {
            Some(n) if range.contains(&n) => Some(n),
            None if number.is_f64() => spot.wrong_type("整数", "an integer"),
            _ => spot.fault("out-of-range", format!("应在 {least} 到 {most} 之间。"), format!("Must be {least} to {most}.")),
        }
    }
}

/// A price in fen, 0 to 1,000,000.00 yuan.
pub fn fen(spot: &Spot) -> Option<Fen> {
    int(0..=Fen::MAX_PRICE.0)(spot).map(Fen)
}

/// Square metres as a text or number (`1152`, `"96.50"`), at most two decimals.
pub fn area(spot: &Spot) -> Option<Area> {
    let text = match spot.value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return spot.wrong_type("面积", "an area"),
    };
    text.parse()
        .ok()
        .or_else(|| spot.fault("out-of-range", "面积应大于 0，最多两位小数。", "Must be a positive area with at most two decimals."))
}

/// A list of `least` to `most` items.
pub fn list<'a, T>(bounds: RangeInclusive<usize>, each: impl Fn(&Spot<'a>) -> Option<T>) -> impl Fn(&Spot<'a>) -> Option<Vec<T>> {
    move |spot| {
        let Value::Array(items) = spot.value else { return spot.wrong_type("列表", "a list") };
        if !bounds.contains(&items.len()) {
            let (least, most) = (bounds.start(), bounds.end());
            return spot.fault("wrong-count", format!("应有 {least} 到 {most} 项。"), format!("Must hold {least} to {most} items."));
        }
        // Every item is read before the verdict, so that all faults are found.
        let read: Vec<_> = items
            .iter()
            .enumerate()
            .map(|(i, value)| each(&Spot { value, pointer: format!("{}/{i}", spot.pointer), faults: spot.faults }))
            .collect();
        read.into_iter().collect()
    }
}

/// A list in which no item may stand twice.
pub fn set<'a, T: PartialEq>(bounds: RangeInclusive<usize>, each: impl Fn(&Spot<'a>) -> Option<T>) -> impl Fn(&Spot<'a>) -> Option<Vec<T>> {
    let list = list(bounds, each);
    move |spot| {
        let items = list(spot)?;
        match items.iter().enumerate().find(|(i, item)| items.iter().take(*i).any(|earlier| earlier == *item)) {
            None => Some(items),
            Some((i, _)) => {
                push(spot.faults, FieldFault::at(format!("{}/{i}", spot.pointer), "duplicate", "重复了。", "Stands twice."));
                None
            }
        }
    }
}

/// An object read by `parse`.
pub fn object<'a, T>(parse: impl Fn(&mut Form<'a>) -> Option<T>) -> impl Fn(&Spot<'a>) -> Option<T> {
    move |spot| spot.object(&parse)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes(faults: Vec<FieldFault>) -> Vec<(String, String)> {
        faults.into_iter().map(|f| (f.pointer, f.code)).collect()
    }

    #[test]
    fn every_fault_is_found_at_its_pointer() {
        let body = json!({"at": "2026-11-28T14:00:00", "n": 3.5, "uses": ["a", "A!"], "inner": {"x": 1, "y/z": 2}, "id": "space_x"});
        let faults = read(&body, |form| {
            let at = form.need("at", instant);
            let n = form.need("n", int(0..=9));
            let uses = form.need("uses", set(1..=3, code));
            let inner = form.need("inner", object(|inner| inner.need("x", flag)));
            let id = form.need("id", super::id::<crate::kernel::id::SpaceId>);
            Some((at?, n?, uses?, inner?, id?))
        });
        let expected = [
            ("/at", "no-offset"),
            ("/n", "wrong-type"),
            ("/uses/1", "wrong-code"),
            ("/inner/x", "wrong-type"),
            ("/inner/y~1z", "unknown-field"),
            ("/id", "wrong-id"),
        ];
        assert_eq!(codes(faults.unwrap_err()), expected.map(|(p, c)| (p.to_owned(), c.to_owned())));
    }

    #[test]
    fn a_length_is_counted_in_characters() {
        let long = |n: usize| read(&json!({"word": "长".repeat(n)}), |form| form.need("word", raw(2..=4))).map_err(codes);
        for n in 2..=4 {
            assert_eq!(long(n), Ok("长".repeat(n)));
        }
        for n in [0, 1, 5] {
            assert_eq!(long(n), Err(vec![("/word".to_owned(), "wrong-length".to_owned())]), "{n}");
        }
    }

    #[test]
    fn numbers_beyond_i64_are_out_of_range_not_wrapped() {
        for n in [json!(u64::MAX), json!(-1), json!(100_000_001)] {
            let faults = read(&json!({"fen": n}), |form| form.need("fen", fen)).unwrap_err();
            assert_eq!(codes(faults), [("/fen".to_owned(), "out-of-range".to_owned())]);
        }
    }

    #[test]
    fn null_is_absent_and_duplicates_are_named() {
        assert_eq!(read(&json!({"a": null}), |form| Some(form.may("a", flag))), Ok(None));
        let faults = read(&json!({"a": ["x", "y", "x"]}), |form| form.need("a", set(0..=9, code))).unwrap_err();
        assert_eq!(codes(faults), [("/a/2".to_owned(), "duplicate".to_owned())]);
        assert_eq!(codes(read(&json!([1]), |_| Some(())).unwrap_err()), [(String::new(), "wrong-type".to_owned())]);
    }
}
