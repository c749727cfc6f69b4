//! Keyset paging with signed, opaque cursors: a cursor cannot be made up or moved to another list.

use crate::kernel::Outcome;
use crate::kernel::form::{Form, Spot};
use crate::kernel::page::{PageAsk, PageOf};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;

/// Key the cursors of this service are signed with.
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

/// Bytes of the tag in a cursor.
const TAG: usize = 16;

impl CursorKey {
    /// From 32 secret bytes.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    fn tag(&self, list: &str, key: &str) -> Option<Vec<u8>> {
        let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(&self.0).ok()?;
        mac.update(list.as_bytes());
        mac.update(&[0]);
        mac.update(key.as_bytes());
        mac.finalize().into_bytes().get(..TAG).map(<[u8]>::to_vec)
    }

    /// The cursor after `key` in the list of that name.
    pub fn cursor(&self, list: &str, key: &str) -> String {
        let mut bytes = self.tag(list, key).unwrap_or_default();
        bytes.extend_from_slice(key.as_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn open(&self, list: &str, cursor: &str) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (tag, key) = bytes.split_at_checked(TAG)?;
        let key = String::from_utf8(key.to_vec()).ok()?;
        let expected = self.tag(list, &key)?;
        // Constant in the bytes: no early return that tells how many agree.
        let same = tag.iter().zip(&expected).fold(0u8, |diff, (a, b)| diff | (a ^ b)) == 0;
        same.then_some(key)
    }

    /// Reads `limit` and `cursor`.
    pub fn ask(&self, list: &str, form: &mut Form) -> PageAsk {
        let limit = form.may("limit", super::query::int(1..=PageAsk::MAX_LIMIT as i64));
        let after = form.may("cursor", |spot: &Spot| {
            let open = spot.value.as_str().filter(|c| c.len() <= 600).and_then(|c| self.open(list, c));
            open.or_else(|| {
                spot.fault("wrong-cursor", "翻页标记不对，请从第一页开始。", "The cursor is not one of this list; start at the first page.")
            })
        });
        PageAsk { limit: limit.and_then(|n| usize::try_from(n).ok()).unwrap_or(PageAsk::DEFAULT_LIMIT), after }
    }

    /// The wire form of a page.
    pub fn page<T: Serialize>(&self, list: &str, page: PageOf<T>) -> Page<T> {
        Page { items: page.items, next_cursor: page.next.map(|key| self.cursor(list, &key)) }
    }
}

/// A page on the wire.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// In list order.
    pub items: Vec<T>,
    /// Ask again with `cursor` set to this; null on the last page.
    pub next_cursor: Option<String>,
}

/// Reads only `limit` and `cursor` from a query.
pub fn only_page(keys: &CursorKey, list: &str, query: &super::Query) -> Outcome<PageAsk> {
    query.read(|form| Some(keys.ask(list, form)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_cannot_be_made_up_or_moved() {
        let keys = CursorKey::new([7; 32]);
        let cursor = keys.cursor("bookings", "123|booking_x");
        assert_eq!(keys.open("bookings", &cursor).as_deref(), Some("123|booking_x"));
        assert_eq!(keys.open("notices", &cursor), None);
        assert_eq!(CursorKey::new([8; 32]).open("bookings", &cursor), None);
        for bad in ["", "x", "AAAA", &URL_SAFE_NO_PAD.encode([0u8; 40]), &cursor[1..]] {
            assert_eq!(keys.open("bookings", bad), None, "{bad}");
        }
    }
}
