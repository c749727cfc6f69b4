//! Which strings may enter. UTF-8 is given by the type; this refuses what renders as something else than it is.

use unicode_normalization::UnicodeNormalization;

/// The text is not in a closed list of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAWord;

/// A closed list of words.
pub trait Word: std::str::FromStr {
    /// Every word, in declared order.
    const WORDS: &'static [&'static str];
}

/// Why a string was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BadText {
    /// Nothing but white space.
    Empty,
    /// More characters than the field takes.
    TooLong,
    /// A control character (NUL included), a bidirectional override or isolate, one that nobody can see, or one of private use.
    Forbidden,
}

fn forbidden(c: char, multi_line: bool) -> bool {
    match c {
        '\n' => !multi_line,
        c if c.is_control() => true,
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => true,
        // Soft hyphen, joiner, Arabic and Mongolian marks, Hangul fillers, tags: nothing is seen of them either.
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{3164}' | '\u{ffa0}' => true,
        '\u{e0000}'..='\u{e007f}' => true,
        // Private use would look different on every phone.
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => true,
        _ => false,
    }
}

fn accept(text: &str, most: usize, multi_line: bool) -> Result<String, BadText> {
    // NFC never has more than three times the characters; refuse the enormous before normalising.
    if text.len() > most.saturating_mul(16) {
        return Err(BadText::TooLong);
    }
    if text.chars().any(|c| forbidden(c, multi_line)) {
        return Err(BadText::Forbidden);
    }
    let text: String = text.trim().nfc().collect();
    match text.chars().count() {
        0 => Err(BadText::Empty),
        n if n > most => Err(BadText::TooLong),
        _ => Ok(text),
    }
}

/// A one-line text of 1 to `most` characters: trimmed, NFC.
pub fn line(text: &str, most: usize) -> Result<String, BadText> {
    accept(text, most, false)
}

/// A text that may have several lines, otherwise as [`line()`].
pub fn prose(text: &str, most: usize) -> Result<String, BadText> {
    accept(text, most, true)
}

/// A natural code of a hub file or a clause: 1 to 40 of `a-z 0-9 -`, starting with a letter or digit.
pub fn is_code(text: &str) -> bool {
    (1..=40).contains(&text.len()) && !text.starts_with('-') && text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-'))
}

/// A Chinese mobile number as `+861…` (E.164), from any usual way to write it (full-width digits, spaces, dashes, +86).
pub fn mobile(text: &str) -> Option<String> {
    let digits: String = text
        .chars()
        .filter(|c| !matches!(c, ' ' | '-' | '\u{3000}'))
        .map(|c| match c {
            '\u{ff10}'..='\u{ff19}' => char::from_u32(c as u32 - 0xff10 + 0x30).unwrap_or(c),
            '\u{ff0b}' => '+',
            other => other,
        })
        .collect();
    let national = digits.strip_prefix("+86").or_else(|| digits.strip_prefix("0086")).unwrap_or(&digits);
    let valid =
        national.len() == 11 && national.bytes().all(|b| b.is_ascii_digit()) && matches!(national.as_bytes(), [b'1', b'3'..=b'9', ..]);
    valid.then(|| format!("+86{national}"))
}

/// An e-mail address with its domain in lower case. Checked for shape only: one `@`, printable ASCII or Chinese local part,
/// a dotted domain.
pub fn email(text: &str) -> Option<String> {
    let text = line(text, 254).ok()?;
    let (local, domain) = text.split_once('@')?;
    let local_ok = (1..=64).contains(&local.len()) && !local.chars().any(|c| c.is_whitespace() || "<>()[],;:\\\"@".contains(c));
    let domain_ok = domain.contains('.')
        && domain.split('.').all(|label| {
            !label.is_empty() && !label.starts_with('-') && !label.ends_with('-') && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        });
    (local_ok && domain_ok).then(|| format!("{local}@{}", domain.to_lowercase()))
}

/// `138****5678`.
pub fn mask_mobile(e164: &str) -> String {
    let national = e164.strip_prefix("+86").unwrap_or(e164);
    match (national.get(..3), national.get(7..)) {
        (Some(head), Some(tail)) if national.len() == 11 => format!("{head}****{tail}"),
        _ => "****".into(),
    }
}

/// Keeps the surname: `王*`, `欧阳*`.
pub fn mask_name(name: &str) -> String {
    const DOUBLE: [&str; 12] = ["欧阳", "司马", "上官", "诸葛", "夏侯", "皇甫", "尉迟", "公孙", "慕容", "令狐", "司徒", "东方"];
    let surname = DOUBLE.iter().find(|double| name.starts_with(**double)).map(|double| (*double).to_owned());
    let surname = surname.unwrap_or_else(|| name.chars().take(1).collect());
    format!("{surname}*")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_hides() {
        for bad in ["a\0b", "a\u{202e}b", "a\u{2066}b", "\u{200b}x", "a\tb", "a\nb", "\u{1b}[0m", "\u{feff}x"] {
            assert_eq!(line(bad, 10), Err(BadText::Forbidden), "{bad:?}");
        }
        for (first, last) in [
            ('\u{ad}', '\u{ad}'),
            ('\u{34f}', '\u{34f}'),
            ('\u{61c}', '\u{61c}'),
            ('\u{115f}', '\u{1160}'),
            ('\u{180e}', '\u{180e}'),
            ('\u{200b}', '\u{200f}'),
            ('\u{2028}', '\u{202e}'),
            ('\u{2060}', '\u{2069}'),
            ('\u{3164}', '\u{3164}'),
            ('\u{e000}', '\u{f8ff}'),
            ('\u{feff}', '\u{feff}'),
            ('\u{ffa0}', '\u{ffa0}'),
            ('\u{e0000}', '\u{e007f}'),
            ('\u{f0000}', '\u{10ffff}'),
        ] {
            assert!([first, last].iter().all(|c| forbidden(*c, false) && forbidden(*c, true)), "{first:?} {last:?}");
            let beside = [char::from_u32(u32::from(first) - 1), char::from_u32(u32::from(last) + 1)];
            assert!(beside.into_iter().flatten().all(|c| !forbidden(c, false)), "beside {first:?} {last:?}");
        }
        assert_eq!(prose("甲\n乙", 10).as_deref(), Ok("甲\n乙"));
        assert_eq!(line("  ", 10), Err(BadText::Empty));
        assert_eq!(line("商量着办", 3), Err(BadText::TooLong));
        assert_eq!(line("𠮷野 𬶋", 4).as_deref(), Ok("𠮷野 𬶋"));
        assert_eq!(line("e\u{301}", 1).as_deref(), Ok("é"));
    }

    #[test]
    fn mobiles_in_every_usual_spelling() {
        for text in ["13812345678", "+86 138 1234 5678", "１３８１２３４５６７８", "0086-138-1234-5678"] {
            assert_eq!(mobile(text).as_deref(), Some("+8613812345678"), "{text}");
        }
        for bad in ["12812345678", "1381234567", "138123456789", "", "abc", "+1 138 1234 5678"] {
            assert_eq!(mobile(bad), None, "{bad}");
        }
        assert_eq!(mask_mobile("+8613812345678"), "138****5678");
        assert_eq!((mask_name("王小明"), mask_name("欧阳修")), ("王*".into(), "欧阳*".into()));
    }

    #[test]
    fn emails_keep_their_local_part() {
        assert_eq!(email("Li.Na@Example.ORG").as_deref(), Some("Li.Na@example.org"));
        for bad in ["", "a", "a@", "@b.c", "a@b", "a b@c.d", "a@b..c", "a@-b.c", "a@b.c\nBcc: x@y.z"] {
            assert_eq!(email(bad), None, "{bad}");
        }
    }
}
