//! Computing chains again, and comparing them with what was published of them.

use super::{GENESIS, Pending, anchors, hash};
use crate::kernel::time::{Day, say_day};
use crate::kernel::{Code, Fault, Outcome};
use crate::store::Conn;
use crate::store::schema::{audit_chain, audit_pending};
use crate::words;
use diesel::prelude::*;
use std::time::{Duration, Instant as Tick};

/// Entries read per query.
const PAGE: i64 = 1000;

words! {
    /// What is wrong with an entry.
    pub enum Flaw {
        /// The entry before it is gone.
        MissingBefore = "missing_before",
        /// It does not follow the entry before it.
        DoesNotFollow = "does_not_follow",
        /// Its content does not match its hash.
        Altered = "altered",
        /// It fits the entries beside it, but another hash was published for it.
        Rewritten = "rewritten",
        /// It was published as the head of its chain and is gone, with all that followed.
        CutOff = "cut_off",
    }
}

/// The first bad entry of a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which chain.
    pub chain: String,
    /// Its number in the chain.
    pub seq: i64,
    /// Its id; `None` when it is gone.
    pub entry: Option<String>,
    /// What is wrong.
    pub flaw: Flaw,
    /// The day whose anchor tells.
    pub day: Option<Day>,
}

impl Broken {
    /// Why, in Chinese.
    pub fn zh(&self) -> String {
        let day = self.day.map(|day| say_day(day).0).unwrap_or_default();
        match self.flaw {
            Flaw::MissingBefore => format!("它前面的第 {} 条不见了。", self.seq - 1),
            Flaw::DoesNotFollow => "它接不上前一条。".into(),
            Flaw::Altered => "它的内容和指纹对不上，被改过。".into(),
            Flaw::Rewritten => format!("它和{day}公开的指纹不一样，从这里往前被重写过。"),
            Flaw::CutOff => format!("{day}公开过它的指纹，现在它和后面的都不见了。"),
        }
    }

    /// Why, in English.
    pub fn en(&self) -> String {
        let day = self.day.map(|day| say_day(day).1).unwrap_or_default();
        match self.flaw {
            Flaw::MissingBefore => format!("entry {} is missing before it", self.seq - 1),
            Flaw::DoesNotFollow => "it does not follow the entry before it".into(),
            Flaw::Altered => "its content does not match its hash".into(),
            Flaw::Rewritten => format!("it has another hash than the one published for {day}: the chain was written anew up to here"),
            Flaw::CutOff => format!("it was published as the head of {day} and is gone, with all that followed"),
        }
    }
}

/// `chain #seq entry: why`.
impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} #{} {}: {}", self.chain, self.seq, self.entry.as_deref().unwrap_or("(gone)"), self.en())
    }
}

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// Chains looked at.
    pub chains: usize,
    /// Entries whose hash was computed again and agreed.
    pub entries: i64,
    /// Recorded, not linked yet.
    pub unlinked: i64,
    /// Published heads that agreed.
    pub anchors: i64,
    /// The first bad entry of every broken chain.
    pub broken: Vec<Broken>,
}

/// Computes every chain again and compares it with its anchors.
pub fn verify(conn: &mut Conn) -> Outcome<Verdict> {
    let chains = anchors::chains(conn)?;
    let mut verdict = walk_all(conn, &chains, None)?;
    verdict.unlinked = audit_pending::table.count().get_result(conn)?;
    Ok(verdict)
}

/// Longest that somebody who waits for the answer waits; the connection is somebody else's then.
const PATIENCE: Duration = Duration::from_secs(10);

/// The same for some chains, for somebody who waits.
pub fn verify_chains(conn: &mut Conn, chains: &[String]) -> Outcome<Verdict> {
    let mut verdict = walk_all(conn, chains, Some(Tick::now() + PATIENCE))?;
    verdict.unlinked = audit_pending::table.filter(audit_pending::chain.eq_any(chains)).count().get_result(conn)?;
    Ok(verdict)
}

fn walk_all(conn: &mut Conn, chains: &[String], until: Option<Tick>) -> Outcome<Verdict> {
    let mut verdict = Verdict { chains: chains.len(), ..Verdict::default() };
    for chain in chains {
        in_time(until)?;
        walk(conn, chain, until, &mut verdict)?;
    }
    Ok(verdict)
}

fn in_time(until: Option<Tick>) -> Outcome<()> {
    if until.is_none_or(|until| Tick::now() < until) {
        return Ok(());
    }
    let (zh, en) = (
        "记录太多，一次算不完：请管理员在服务器上运行 shangliang verify。",
        "There is too much to compute while you wait: ask an operator to run `shangliang verify`.",
    );
    Err(Fault::saying(Code::Overloaded, zh, en).retry_after(3600))
}

type Linked = (String, i64, String, i64, Option<String>, String, String, String, String, String);

/// Walks one chain from its first entry to its last, or to the first bad one.
fn walk(conn: &mut Conn, chain: &str, until: Option<Tick>, verdict: &mut Verdict) -> Outcome<()> {
    // Before the entries: whatever is linked and published meanwhile is not missed.
    let mut published = anchors::of_chain(conn, chain)?.into_iter().peekable();
    let (mut seq, mut prev) = (0i64, GENESIS.to_owned());
    loop {
        in_time(until)?;
        let page: Vec<Linked> = audit_chain::table
            .filter(audit_chain::chain.eq(chain).and(audit_chain::seq.gt(seq)))
            .order(audit_chain::seq)
            .limit(PAGE)
            .load(conn)?;
        if page.is_empty() {
            break;
        }
        for (chain, found_seq, id, at, actor, action, subject, detail, prev_hash, stored) in page {
            let entry = Pending { id, chain, at, actor, action, subject, detail };
            let flaw = if found_seq != seq + 1 {
                Some(Flaw::MissingBefore)
            } else if prev_hash != prev {
                Some(Flaw::DoesNotFollow)
            } else if hash(&entry, found_seq, &prev)? != stored {
                Some(Flaw::Altered)
            } else {
                None
            };
            let mut bad = |flaw, day| {
                verdict.broken.push(Broken { chain: entry.chain.clone(), seq: found_seq, entry: Some(entry.id.clone()), flaw, day });
            };
            if let Some(flaw) = flaw {
                bad(flaw, None);
                return Ok(());
            }
            // Several days may have the same head: nothing happened in between.
            while let Some(anchor) = published.next_if(|anchor| anchor.seq == found_seq) {
                if anchor.hash != stored {
                    bad(Flaw::Rewritten, Some(anchor.day));
                    return Ok(());
                }
                verdict.anchors += 1;
            }
            (seq, prev) = (found_seq, stored);
            verdict.entries += 1;
        }
    }
    if let Some(anchor) = published.next() {
        verdict.broken.push(Broken { chain: chain.into(), seq: anchor.seq, entry: None, flaw: Flaw::CutOff, day: Some(anchor.day) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_does_not_wait_for_ever() {
        let (now, second) = (Tick::now(), Duration::from_secs(1));
        assert!(in_time(None).is_ok() && in_time(Some(now + second * 60)).is_ok());
        let fault = in_time(now.checked_sub(second).or(Some(now))).unwrap_err();
        assert_eq!((fault.code, fault.detail.retry_after), (Code::Overloaded, Some(3600)));
    }
}
