//! Pure decisions: which passwords, which codes, which names to sign in with.

use super::model::{
    GrantFacts, HouseholdFacts, NewPerson, Organisation, OrganisationFacts, PresentGrant, PresentHousehold, PresentPerson,
    PresentRepresentative, RepresentativeFacts,
};
use crate::kernel::form::{self, Spot};
use crate::kernel::id::{AccountId, GrantId};
use crate::kernel::{Change, FieldFault, Instant, text};
use std::collections::BTreeMap;

/// Shortest password, in characters (ASVS 6.2.1: at least 8).
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
    // Nobody can type again what cannot be seen.
    if text::line(&password, MOST_PASSWORD) == Err(text::BadText::Forbidden) {
        return form::unseen(spot);
    }
    let lower = password.to_lowercase();
    let one_letter = password.chars().collect::<std::collections::BTreeSet<_>>().len() <= 2;
    if one_letter || COMMON.contains(&lower.as_str()) {
        return spot.fault("too-common", "这个密码太常见，请换一个。", "This password is too common; choose another.");
    }
    Some(password)
}

/// A password given counts as fresh for so long.
pub const FRESH_MINUTES: i64 = 10;

/// The first moment at which a password given at `proved_at` is no longer fresh.
pub fn fresh_until(proved_at: Instant) -> Instant {
    proved_at.plus_minutes(FRESH_MINUTES)
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

/// `Updated` or `Unchanged`.
fn updated(yes: bool) -> Change {
    if yes { Change::Updated } else { Change::Unchanged }
}

/// What putting a household changes.
pub fn household_change(present: Option<&PresentHousehold>, wanted: &HouseholdFacts) -> Result<Change, FieldFault> {
    let Some(present) = present else { return Ok(Change::Created) };
    if present.door != wanted.door {
        let zh = format!("户 {} 不能换到别的楼门。", wanted.code);
        return Err(FieldFault::at("/door", "household-moved", zh, format!("Household {} cannot move to another door.", wanted.code)));
    }
    Ok(updated(present.label != wanted.label))
}

/// What putting an organisation changes.
pub fn organisation_change(present: Option<&Organisation>, wanted: &OrganisationFacts) -> Result<Change, Vec<FieldFault>> {
    let Some(present) = present else { return Ok(Change::Created) };
    let code = &wanted.code;
    let mut refusals = Vec::new();
    if present.kind != wanted.kind {
        let (was, other) = (present.kind.as_str(), wanted.kind.as_str());
        let zh = format!("单位 {code} 的类型是 {was}，不能改成 {other}。");
        let en = format!("The kind of organisation {code} is {was} and cannot become {other}.");
        refusals.push(FieldFault::at("/kind", "kind-changed", zh, en));
    }
    if present.area_id != wanted.area {
        let zh = format!("单位 {code} 的所属区域不能改。");
        refusals.push(FieldFault::at("/area", "organisation-moved", zh, format!("Organisation {code} cannot move to another area.")));
    }
    let described = present.name_zh != wanted.name_zh || present.name_en != wanted.name_en;
    if refusals.is_empty() { Ok(updated(described)) } else { Err(refusals) }
}

/// What putting a person changes. `taken`: whose each mobile number and e-mail address is now. Once somebody has set a
/// password, the ways to reach them are theirs: a file cannot lead their sign-in elsewhere.
pub fn person_change(
    present: Option<&PresentPerson>,
    wanted: &NewPerson,
    taken: &BTreeMap<String, AccountId>,
) -> Result<Change, Vec<FieldFault>> {
    if present.is_some_and(|present| present.erased) {
        let zh = "这位已经注销，个人信息不能再录入；请从文件里删去。";
        return Err(vec![FieldFault::at(
            "",
            "erased",
            zh,
            "They had themselves erased and do not come back by a file; remove them from it.",
        )]);
    }
    let mut refusals = Vec::new();
    for (field, contact) in [("/mobile", &wanted.mobile), ("/email", &wanted.email)] {
        let owner = contact.as_ref().and_then(|contact| taken.get(contact));
        if owner.is_some_and(|owner| present.is_none_or(|present| present.id != *owner)) {
            let zh = "已经是别人的联系方式。";
            refusals.push(FieldFault::at(field, "taken", zh, "It belongs to somebody else already."));
        }
    }
    let Some(present) = present else { return if refusals.is_empty() { Ok(Change::Created) } else { Err(refusals) } };
    for (field, before, after) in [("/mobile", &present.mobile, &wanted.mobile), ("/email", &present.email, &wanted.email)] {
        if present.claimed && before != after {
            let zh = "账号已被本人领取，联系方式只能由本人修改。";
            refusals.push(FieldFault::at(field, "claimed", zh, "The account has been claimed: only its owner changes how to reach them."));
        }
    }
    if let (Some(before), Some(after)) = (&present.household, &wanted.household)
        && before != after
        && present.verified
    {
        let zh = "已登记在另一户，请由社区办理迁户。";
        refusals.push(FieldFault::at(
            "/household",
            "household-changed",
            zh,
            "Belongs to another household; the community's desk moves people.",
        ));
    }
    if !refusals.is_empty() {
        return Err(refusals);
    }
    let settles = wanted.household.is_some() && !(present.verified && present.household == wanted.household);
    Ok(updated(settles || !present.is_described_by(wanted)))
}

/// What putting a representation changes.
pub fn representative_change(
    present: Option<&PresentRepresentative>,
    wanted: &RepresentativeFacts,
    signed: bool,
) -> Result<Change, FieldFault> {
    match present {
        None => Ok(Change::Created),
        Some(present) if present.facts == *wanted => Ok(Change::Unchanged),
        Some(_) if signed => {
            let zh = "已凭这项授权签过字，不能再改；请另写一条，生效日不同。";
            let en = "Something was signed with this power, so it stays as it is; write another one with another first day.";
            Err(FieldFault::at("", "signed-with", zh, en))
        }
        Some(_) => Ok(Change::Updated),
    }
}

/// What putting a grant means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GrantChange {
    /// There is none.
    New,
    /// It stands so, or was revoked and stays so.
    Same(GrantId),
    /// It holds from another moment or until another one.
    Validity(GrantId, Instant),
}

/// What putting a grant changes.
pub fn grant_change(present: &[PresentGrant], wanted: &GrantFacts) -> GrantChange {
    let same = |grant: &&PresentGrant| {
        let (a, b) = (&grant.facts, wanted);
        (&a.account, a.role, &a.area, &a.organisation) == (&b.account, b.role, &b.area, &b.organisation)
    };
    if let Some(live) = present.iter().filter(same).find(|grant| grant.revoked_at.is_none()) {
        let from = wanted.from.or(live.facts.from);
        return match from {
            Some(from) if live.facts.from != Some(from) || live.facts.to != wanted.to => GrantChange::Validity(live.id.clone(), from),
            _ => GrantChange::Same(live.id.clone()),
        };
    }
    let stays = |grant: &&PresentGrant| grant.revoked_at.is_some_and(|at| wanted.from.is_none_or(|from| from <= at));
    present.iter().filter(same).find(stays).map_or(GrantChange::New, |revoked| GrantChange::Same(revoked.id.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::id::{HouseholdId, Id};
    use crate::people::model::Role;
    use serde_json::json;

    fn password_fault(password: &str) -> Option<String> {
        form::read(&json!({"password": password}), |form| form.need("password", new_password))
            .err()
            .and_then(|e| e.first().map(|f| f.code.clone()))
    }

    #[test]
    fn passwords_are_long_and_not_well_known() {
        assert_eq!(password_fault("大家一起商量着把事办"), None);
        assert_eq!(password_fault(&"大家一起商量着把事办".repeat(12)), None);
        assert_eq!(password_fault("一起商量着办").as_deref(), Some("wrong-length"));
        assert_eq!(password_fault("  spaces stay  "), None);
        assert_eq!(password_fault("1234567890ab\0").as_deref(), Some("forbidden-characters"));
        assert_eq!(password_fault("1234567890ab\u{202e}").as_deref(), Some("forbidden-characters"));
        assert_eq!(password_fault("short").as_deref(), Some("wrong-length"));
        assert_eq!(password_fault(&"x".repeat(129)).as_deref(), Some("wrong-length"));
        for common in ["1234567890", "Password123", "aaaaaaaaaa", "abababababab"] {
            assert_eq!(password_fault(common).as_deref(), Some("too-common"), "{common}");
        }
    }

    #[test]
    fn a_password_is_fresh_for_ten_minutes() {
        let given = Instant::parse("2026-11-28T10:00:00Z").unwrap();
        assert_eq!(fresh_until(given), Instant::parse("2026-11-28T10:10:00Z").unwrap());
    }

    #[test]
    fn logins_are_mobile_or_mail() {
        assert_eq!(Login::parse("138 1234 5678"), Some(Login::Mobile("+8613812345678".into())));
        assert_eq!(Login::parse("a@B.cn"), Some(Login::Email("a@b.cn".into())));
        assert_eq!(Login::parse("admin"), None);
        assert_eq!(normal_code("ab2-cd 3ef"), "AB2CD3EF");
    }

    #[test]
    fn a_claimed_account_is_not_led_elsewhere() {
        let wanted = NewPerson {
            code: Some("p".into()),
            name: "人".into(),
            mobile: Some("+8613900000001".into()),
            email: None,
            household: Some(HouseholdId::fresh()),
            area: None,
        };
        let mut present = PresentPerson {
            id: AccountId::fresh(),
            name: "人".into(),
            mobile: wanted.mobile.clone(),
            email: None,
            household: wanted.household.clone(),
            verified: true,
            claimed: true,
            erased: false,
        };
        let nobody = BTreeMap::new();
        let codes =
            |change: Result<Change, Vec<FieldFault>>| change.map_err(|faults| faults.into_iter().map(|f| f.code).collect::<Vec<_>>());
        assert_eq!(person_change(None, &wanted, &nobody), Ok(Change::Created));
        assert_eq!(person_change(Some(&present), &wanted, &nobody), Ok(Change::Unchanged));
        let renamed = NewPerson { name: "人人".into(), ..wanted.clone() };
        assert_eq!(person_change(Some(&present), &renamed, &nobody), Ok(Change::Updated));
        let without = NewPerson { household: None, ..wanted.clone() };
        assert_eq!(person_change(Some(&present), &without, &nobody), Ok(Change::Unchanged), "leaving out removes nothing");
        let elsewhere = NewPerson { mobile: Some("+8613900000002".into()), household: Some(HouseholdId::fresh()), ..wanted.clone() };
        assert_eq!(codes(person_change(Some(&present), &elsewhere, &nobody)), Err(vec!["claimed".into(), "household-changed".into()]));
        present.claimed = false;
        present.household = None;
        assert_eq!(person_change(Some(&present), &elsewhere, &nobody), Ok(Change::Updated));
        let taken = BTreeMap::from([("+8613900000002".to_owned(), AccountId::fresh())]);
        assert_eq!(codes(person_change(Some(&present), &elsewhere, &taken)), Err(vec!["taken".into()]));
        assert_eq!(codes(person_change(None, &elsewhere, &taken)), Err(vec!["taken".into()]));
        present.erased = true;
        assert_eq!(codes(person_change(Some(&present), &wanted, &nobody)), Err(vec!["erased".into()]), "a file brings nobody back");
    }

    #[test]
    fn a_revoked_grant_does_not_come_back_by_itself() {
        let facts = GrantFacts {
            account: AccountId::fresh(),
            role: Role::Auditor,
            area: None,
            organisation: None,
            from: Some(Instant(10)),
            to: Instant(99),
        };
        let id = GrantId::fresh();
        let of = |revoked_at: Option<i64>| [PresentGrant { id: id.clone(), facts: facts.clone(), revoked_at: revoked_at.map(Instant) }];
        let wanted = |from: Option<i64>, to| GrantFacts { from: from.map(Instant), to: Instant(to), ..facts.clone() };
        assert_eq!(grant_change(&[], &facts), GrantChange::New);
        assert_eq!(grant_change(&of(None), &facts), GrantChange::Same(id.clone()));
        assert_eq!(grant_change(&of(None), &wanted(None, 99)), GrantChange::Same(id.clone()));
        assert_eq!(grant_change(&of(None), &wanted(None, 50)), GrantChange::Validity(id.clone(), Instant(10)));
        assert_eq!(grant_change(&of(None), &wanted(Some(20), 99)), GrantChange::Validity(id.clone(), Instant(20)));
        assert_eq!(grant_change(&of(Some(30)), &facts), GrantChange::Same(id.clone()));
        assert_eq!(grant_change(&of(Some(30)), &wanted(None, 99)), GrantChange::Same(id.clone()));
        assert_eq!(grant_change(&of(Some(30)), &wanted(Some(31), 99)), GrantChange::New);
        let other = GrantFacts { role: Role::Operator, ..facts.clone() };
        assert_eq!(grant_change(&of(None), &other), GrantChange::New);
    }
}
