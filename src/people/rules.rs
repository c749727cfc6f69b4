//! Pure decisions: which passwords, which codes, which names to sign in with.

use crate::kernel::form::{self, Spot};
use crate::kernel::text;

/// Shortest password, in bytes as received (ASVS 6.2.1: at least 8).
pub const LEAST_PASSWORD: usize = 10;
/// Longest.
pub const MOST_PASSWORD: usize = 128;

/// Long enough for us and still among the first a guesser tries.
const COMMON: &[&str] = &[
    "1234567890",
    "0123456789",
    "0987654321",
    "1234567891",
    "12345678910",
    "123456789a",
    "a123456789",
    "1q2w3e4r5t",
    "1q2w3e4r5t6y",
    "qwertyuiop",
    "asdfghjkl;",
    "qwerty1234",
    "qwerty12345",
    "qwer123456",
    "password12",
    "password123",
    "password1234",
    "passw0rd123",
    "iloveyou12",
    "woaini1314",
    "woaini520520",
    "woaini5201314",
    "5201314520",
    "1314520520",
    "abcd123456",
    "abc1234567",
    "abcdefghij",
    "admin12345",
    "administrator",
    "letmein123",
    "welcome123",
    "sunshine12",
    "princess12",
    "football12",
    "q1w2e3r4t5",
    "zaq12wsxcde",
    "1qaz2wsx3edc",
    "zxcvbnm123",
    "shangliang",
    "shangliang1",
    "haidian123",
    "beijing2008",
    "beijing123",
    "zhongguo123",
    "changeme12",
    "changeme123",
];

/// What to sign in with: an e-mail address or a mobile number, in its stored form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    /// Lower-case domain.
    Email(String),
    /// E.164.
    Mobile(String),
}

impl Login {
    /// Reads either kind.
    pub fn parse(text: &str) -> Option<Login> {
        text::mobile(text).map(Login::Mobile).or_else(|| text::email(text).map(Login::Email))
    }
    /// The stored form, as a key for limits.
    pub fn as_str(&self) -> &str {
        match self {
            Login::Email(text) | Login::Mobile(text) => text,
        }
    }
}

/// Reads a login.
pub fn login(spot: &Spot) -> Option<Login> {
    let text = spot.value.as_str().filter(|t| t.len() <= 254);
    text.and_then(Login::parse)
        .or_else(|| spot.fault("malformed", "请填手机号或电子邮箱。", "Must be a mobile number or an e-mail address."))
}

/// Reads a mobile number.
pub fn mobile(spot: &Spot) -> Option<String> {
    spot.value.as_str().and_then(text::mobile).or_else(|| spot.fault("malformed", "请填 11 位手机号。", "Must be a Chinese mobile number."))
}

/// Reads an e-mail address.
pub fn email(spot: &Spot) -> Option<String> {
    spot.value.as_str().and_then(text::email).or_else(|| spot.fault("malformed", "电子邮箱格式不对。", "Must be an e-mail address."))
}

/// Reads a new password: taken exactly as received; no composition rules, but none of the well-known ones.
pub fn new_password(spot: &Spot) -> Option<String> {
    let password = form::raw(LEAST_PASSWORD..=MOST_PASSWORD)(spot)?;
    let lower = password.to_lowercase();
    let one_letter = password.chars().collect::<std::collections::BTreeSet<_>>().len() <= 2;
    if one_letter || COMMON.contains(&lower.as_str()) {
        return spot.fault("too-common", "这个密码太常见,请换一个。", "This password is too common; choose another.");
    }
    Some(password)
}

/// Letters of a claim code: none that look alike.
pub const CODE_ALPHABET: &[u8; 30] = b"23456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a claim code (about 49 bits).
pub const CODE_LENGTH: usize = 10;
/// A claim code ends after so many days (ASVS 6.4.1: an initial credential expires).
pub const CODE_DAYS: i64 = 7;
/// Wrong tries a claim code survives.
pub const CODE_TRIES: i32 = 5;

/// A claim code as typed → as stored: case, spaces and dashes do not matter.
pub fn normal_code(typed: &str) -> String {
    typed.chars().filter(|c| !matches!(c, ' ' | '-')).map(|c| c.to_ascii_uppercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn password_fault(password: &str) -> Option<String> {
        form::read(&json!({"password": password}), |form| form.need("password", new_password))
            .err()
            .and_then(|e| e.first().map(|f| f.code.clone()))
    }

    #[test]
    fn passwords_are_long_and_not_well_known() {
        assert_eq!(password_fault("一起商量着办"), None);
        assert_eq!(password_fault("  spaces stay  "), None);
        assert_eq!(password_fault("short").as_deref(), Some("wrong-length"));
        assert_eq!(password_fault(&"x".repeat(129)).as_deref(), Some("wrong-length"));
        for common in ["1234567890", "Password123", "aaaaaaaaaa", "abababababab"] {
            assert_eq!(password_fault(common).as_deref(), Some("too-common"), "{common}");
        }
    }

    #[test]
    fn logins_are_mobile_or_mail() {
        assert_eq!(Login::parse("138 1234 5678"), Some(Login::Mobile("+8613812345678".into())));
        assert_eq!(Login::parse("a@B.cn"), Some(Login::Email("a@b.cn".into())));
        assert_eq!(Login::parse("admin"), None);
        assert_eq!(normal_code("ab2-cd 3ef"), "AB2CD3EF");
    }
}
