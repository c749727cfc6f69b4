//! Canonical bytes (RFC 8785) and SHA-256. Signed documents are hashed from these bytes and never from a
//! re-serialisation.

use sha2::{Digest, Sha256};

/// SHA-256 of `bytes`, 64 lower-case hexadecimal digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// SHA-256 of `bytes`.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// True when `text` is 64 lower-case hexadecimal digits.
pub fn is_sha256_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

/// RFC 8785 JSON text. Our documents hold integers, NFC strings, arrays and objects only, for which it cannot fail;
/// a value outside that set gives `None`.
pub fn canonical_json(value: &serde_json::Value) -> Option<String> {
    serde_json_canonicalizer::to_string(value).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn canonical_form_sorts_keys_by_utf16_and_keeps_chinese() {
        let value = json!({"b": 1, "a": [true, null, "商量"], "\u{fb33}": 2, "😀": 3});
        assert_eq!(canonical_json(&value).as_deref(), Some("{\"a\":[true,null,\"商量\"],\"b\":1,\"😀\":3,\"\u{fb33}\":2}"));
    }

    #[test]
    fn sha256_of_nothing() {
        assert_eq!(sha256_hex(b""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert!(is_sha256_hex(&sha256_hex(b"x")));
        assert!(!is_sha256_hex("E3B0"));
    }
}
