//! Pure decisions: whom usage terms affect, when they begin, where they stand, who may approve.

use super::model::{Approval, Asked, Content, UsageStanding, UsageState};
use crate::kernel::digest::{canonical_json, sha256_hex};
use crate::kernel::id::OrganisationId;
use crate::kernel::{Code, Fault, Instant, Outcome, Period, Zone};
use crate::people::model::{Organisation, OrganisationKind};
use crate::terms::model::SpaceRef;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The document the units approve: canonical bytes and their SHA-256. The Chinese text and the figures are in it; the English text
/// is courtesy and is not.
pub fn document(site: &str, no: i32, spaces: &[SpaceRef], content: &Content) -> Outcome<(String, String)> {
    let mut document = content.to_json();
    if let Value::Object(map) = &mut document {
        map.remove("text_en");
        map.extend([
            ("v".to_owned(), json!(1)),
            ("usage_terms_of".to_owned(), json!(site)),
            ("no".to_owned(), json!(no)),
            ("spaces".to_owned(), json!(spaces)),
        ]);
    }
    let canonical = canonical_json(&document).ok_or_else(|| Fault::internal("usage terms have no canonical form"))?;
    let hash = sha256_hex(canonical.as_bytes());
    Ok((canonical, hash))
}

/// A space, as it decides who is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// Its natural code.
    pub code: SpaceRef,
    /// Whose it is by title; `None`: a common part of the owners.
    pub owner: Option<OrganisationId>,
    /// Natural codes of those who lend it by the clauses in force.
    pub lenders: Vec<String>,
}

/// Everybody who must approve, once each: the owner of every space, of a common part those who lend it. `Err`: a space nobody can
/// answer for. `known` are the organisations these names stand for.
pub fn affected<'a>(spaces: &'a [Owned], known: &[Organisation]) -> Result<Vec<Asked>, &'a SpaceRef> {
    let mut all = BTreeSet::new();
    for space in spaces {
        let answers = |organisation: &&Organisation| match &space.owner {
            Some(owner) => organisation.id == *owner,
            None => space.lenders.contains(&organisation.code),
        };
        let asked: Vec<&Organisation> = known.iter().filter(answers).collect();
        if asked.is_empty() {
            return Err(&space.code);
        }
        all.extend(asked.into_iter().map(|organisation| Asked {
            organisation: organisation.id.clone(),
            by_community: organisation.kind != OrganisationKind::PropertyUnit,
        }));
    }
    Ok(all.into_iter().collect())
}

/// When usage terms begin that are approved now: at once, or on the day they name, and not before the clauses they were approved
/// under.
pub fn begins(content: &Content, not_before: Instant, zone: &Zone, now: Instant) -> Instant {
    let day = content.from_day.map(|day| zone.at(day, 0));
    day.into_iter().chain([not_before, now]).max().unwrap_or(now)
}

/// Where they stand, by when they bind in any of their spaces.
pub fn standing(state: UsageState, binding: &[Period], now: Instant) -> UsageStanding {
    match state {
        UsageState::Draft => UsageStanding::Draft,
        UsageState::Submitted => UsageStanding::Submitted,
        UsageState::Rejected => UsageStanding::Rejected,
        UsageState::Withdrawn => UsageStanding::Withdrawn,
        UsageState::Approved if binding.iter().any(|period| period.start() <= now && now < period.end()) => UsageStanding::InForce,
        UsageState::Approved if binding.iter().any(|period| now < period.start()) => UsageStanding::Approved,
        UsageState::Approved => UsageStanding::Superseded,
    }
}

/// May they be approved, or refused, for a unit? `seen` is the hash of the text it has read.
pub fn may_answer<'a>(
    state: UsageState,
    approvals: &'a [Approval],
    unit: &OrganisationId,
    seen: Option<&str>,
    sha256: Option<&str>,
) -> Outcome<&'a Approval> {
    let conflict = |zh: &str, en: &str| Fault::saying(Code::StateConflict, zh, en);
    match state {
        UsageState::Submitted => {}
        UsageState::Draft => return Err(conflict("还没有提请同意。", "They have not been submitted yet.")),
        UsageState::Approved => return Err(conflict("各单位都已经同意了。", "Every unit has approved already.")),
        UsageState::Rejected => return Err(conflict("已经有单位不同意了。", "A unit has said no already.")),
        UsageState::Withdrawn => return Err(conflict("已经撤回了。", "They were withdrawn.")),
    }
    let asked = approvals.iter().find(|approval| approval.organisation_id == *unit);
    let asked = asked.ok_or_else(|| Fault::saying(Code::Forbidden, "这份须知不用这个单位同意。", "This unit is not asked about them."))?;
    if seen.is_some_and(|seen| sha256 != Some(seen)) {
        return Err(Code::HashMismatch.into());
    }
    if asked.approved_at.is_some() {
        return Err(conflict("这个单位已经同意过了。", "This unit has approved already."));
    }
    Ok(asked)
}

/// May they be taken back? Until they are in force.
pub fn withdraw(standing: UsageStanding, binds_still: bool) -> Outcome<()> {
    let (zh, en) = match standing {
        UsageStanding::Draft | UsageStanding::Submitted | UsageStanding::Approved if !binds_still => return Ok(()),
        UsageStanding::Draft | UsageStanding::Submitted | UsageStanding::Approved | UsageStanding::InForce => {
            ("已经生效的须知不能撤回，可以起草新的一份。", "What is in force cannot be taken back; draft new terms instead.")
        }
        UsageStanding::Superseded => ("已经有新的须知了。", "They are superseded already."),
        UsageStanding::Rejected => ("已经有单位不同意了。", "A unit has said no already."),
        UsageStanding::Withdrawn => ("已经撤回了。", "They were withdrawn already."),
    };
    Err(Fault::saying(Code::StateConflict, zh, en))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{AreaId, Id, UsageTermsId};
    use crate::terms::model::Figures;

    fn content(zh: &str, en: &str) -> Content {
        Content { text_zh: zh.into(), text_en: Some(en.into()), figures: Figures::default(), from_day: None }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn the_hash_binds_the_chinese_the_figures_and_the_spaces_and_not_the_courtesy() {
        let hall = [SpaceRef::parse("hub/hall").unwrap()];
        let hash = |no, spaces: &[SpaceRef], content: &Content| document("hub", no, spaces, content).unwrap().1;
        let base = content("请保持安静。", "Please be quiet.");
        assert_eq!(hash(1, &hall, &base), hash(1, &hall, &content("请保持安静。", "Quiet, please.")));
        let louder = Content { figures: Figures { max_persons: Some(9), ..Figures::default() }, ..base.clone() };
        let later = Content { from_day: Some(jiff::civil::date(2027, 1, 1)), ..base.clone() };
        let mut all = vec![hash(1, &hall, &base), hash(2, &hall, &base), hash(1, &[], &base), hash(1, &hall, &content("请安静。", ""))];
        all.extend([hash(1, &hall, &louder), hash(1, &hall, &later)]);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 6);
    }

    #[test]
    fn the_owner_is_asked_and_of_a_common_part_whoever_lends_it() {
        let of = |code: &str, kind| Organisation {
            id: Id::fresh(),
            code: code.into(),
            kind,
            name_zh: code.into(),
            name_en: None,
            area_id: AreaId::fresh(),
        };
        let known =
            [of("unit", OrganisationKind::PropertyUnit), of("sq", OrganisationKind::Community), of("gym", OrganisationKind::Operator)];
        let space = |code: &str, owner: Option<&Organisation>, lenders: &[&str]| Owned {
            code: SpaceRef::parse(code).unwrap(),
            owner: owner.map(|o| o.id.clone()),
            lenders: lenders.iter().map(|l| (*l).to_owned()).collect(),
        };
        let asked = |spaces: &[Owned]| {
            let mut all = affected(spaces, &known).map_err(ToString::to_string)?;
            all.sort_by_key(|asked| asked.by_community);
            Ok::<_, String>(all.into_iter().map(|asked| (asked.organisation, asked.by_community)).collect::<Vec<_>>())
        };
        let unit = (known[0].id.clone(), false);
        // Once, however many spaces; lent by another it is still the owner's.
        assert_eq!(asked(&[space("h/a", Some(&known[0]), &["unit"]), space("h/b", Some(&known[0]), &["sq"])]), Ok(vec![unit.clone()]));
        let common = space("h/yard", None, &["sq"]);
        assert_eq!(asked(&[space("h/a", Some(&known[0]), &[]), common]), Ok(vec![unit, (known[1].id.clone(), true)]));
        assert_eq!(asked(&[space("h/gym", Some(&known[2]), &[])]), Ok(vec![(known[2].id.clone(), true)]));
        assert_eq!(asked(&[space("h/yard", None, &[])]), Err("h/yard".into()));
    }

    #[test]
    fn they_begin_on_their_day_and_never_before_the_clauses() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let now = at("2026-11-28T10:00:00+08:00");
        let on = |day: Option<(i16, i8, i8)>, not_before| {
            let content = Content { from_day: day.map(|(y, m, d)| jiff::civil::date(y, m, d)), ..content("一", "") };
            begins(&content, not_before, &zone, now)
        };
        assert_eq!(on(None, Instant(0)), now);
        assert_eq!(on(Some((2026, 11, 28)), Instant(0)), now, "today is at once");
        assert_eq!(on(Some((2026, 12, 1)), Instant(0)), at("2026-12-01T00:00:00+08:00"));
        let effect = at("2026-12-12T00:00:00+08:00");
        assert_eq!((on(None, effect), on(Some((2026, 12, 1)), effect)), (effect, effect));
    }

    #[test]
    fn where_they_stand_follows_from_their_dates() {
        let (now, hour) = (at("2026-11-28T10:00:00+08:00"), 60);
        let period = |from: i64, to: i64| Period::new(now.plus_minutes(from), now.plus_minutes(to)).unwrap();
        let stand = |binding: &[Period]| standing(UsageState::Approved, binding, now);
        assert_eq!(stand(&[period(0, hour)]), UsageStanding::InForce);
        assert_eq!(stand(&[period(-hour, 0)]), UsageStanding::Superseded, "half open");
        assert_eq!(stand(&[period(1, hour)]), UsageStanding::Approved);
        assert_eq!(stand(&[period(-hour, 0), period(-hour, hour)]), UsageStanding::InForce, "in one of its spaces");
        assert_eq!(stand(&[]), UsageStanding::Superseded);
        assert_eq!(standing(UsageState::Submitted, &[period(-hour, hour)], now), UsageStanding::Submitted);
        for stands in UsageStanding::ALL {
            let open = matches!(stands, UsageStanding::Draft | UsageStanding::Submitted | UsageStanding::Approved);
            assert_eq!(withdraw(*stands, false).is_ok(), open, "{stands}");
            assert!(withdraw(*stands, true).is_err(), "{stands}");
        }
    }

    #[test]
    fn who_is_asked_answers_once_about_the_text_it_has_read() {
        let approval = |approved: bool| Approval {
            usage_terms_id: UsageTermsId::fresh(),
            organisation_id: OrganisationId::fresh(),
            by_community: false,
            approved_by: None,
            representative_id: None,
            approved_at: approved.then_some(Instant(1)),
        };
        let all = [approval(false), approval(true)];
        let answer = |state, unit: &OrganisationId, seen| may_answer(state, &all, unit, seen, Some("h")).map(drop).map_err(|f| f.code);
        let (first, second) = (&all[0].organisation_id, &all[1].organisation_id);
        assert_eq!(answer(UsageState::Submitted, first, Some("h")), Ok(()));
        assert_eq!(answer(UsageState::Submitted, first, None), Ok(()), "a no needs no hash");
        assert_eq!(answer(UsageState::Submitted, first, Some("x")), Err(Code::HashMismatch));
        assert_eq!(answer(UsageState::Submitted, second, Some("h")), Err(Code::StateConflict));
        assert_eq!(answer(UsageState::Submitted, &OrganisationId::fresh(), Some("h")), Err(Code::Forbidden));
        for state in [UsageState::Draft, UsageState::Approved, UsageState::Rejected, UsageState::Withdrawn] {
            assert_eq!(answer(state, first, Some("h")), Err(Code::StateConflict), "{state}");
        }
    }
}
