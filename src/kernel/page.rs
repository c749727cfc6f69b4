//! Keyset pages: a list is read after a key, never by offset, so nothing is lost or seen twice while rows arrive.

/// How many items a page holds and after which key it starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageAsk {
    /// 1 to 100, 20 unless asked.
    pub limit: usize,
    /// The sort key of the last item seen; `None` starts at the beginning.
    pub after: Option<String>,
}

impl PageAsk {
    /// Items on a page unless asked otherwise.
    pub const DEFAULT_LIMIT: usize = 20;
    /// The most a page may hold.
    pub const MAX_LIMIT: usize = 100;

    /// Rows to fetch: one more than the page holds tells whether another follows.
    pub fn fetch(&self) -> i64 {
        i64::try_from(self.limit).unwrap_or(0) + 1
    }

    /// Cuts fetched rows to the page and names the key of its last item when another page follows.
    pub fn cut<T>(&self, mut rows: Vec<T>, key: impl Fn(&T) -> String) -> PageOf<T> {
        let more = rows.len() > self.limit;
        rows.truncate(self.limit);
        let next = if more { rows.last().map(key) } else { None };
        PageOf { items: rows, next }
    }
}

/// One page and the key after which the next begins.
#[derive(Debug, Clone)]
pub struct PageOf<T> {
    /// In list order.
    pub items: Vec<T>,
    /// `None` on the last page.
    pub next: Option<String>,
}

impl<T> PageOf<T> {
    /// The same page of other items.
    pub fn map<U>(self, each: impl FnMut(T) -> U) -> PageOf<U> {
        PageOf { items: self.items.into_iter().map(each).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_page_names_no_next() {
        let ask = PageAsk { limit: 2, after: None };
        assert_eq!(ask.fetch(), 3);
        assert_eq!(ask.cut(vec![1, 2], i32::to_string).next, None);
        let page = ask.cut(vec![1, 2, 3], i32::to_string);
        assert_eq!((page.items, page.next), (vec![1, 2], Some("2".into())));
    }
}
