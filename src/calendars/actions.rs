//! Verbs: addresses are made, revoked, forgotten; a secret opens its calendar.

use super::model::Subscriber;
use super::{queries, rules, sql};
use crate::access::Permit;
use crate::access::deeds::OwnAccount;
use crate::audit::{self, Entry, PLATFORM};
use crate::bookings::actions::books_for;
use crate::bookings::model::Holder;
use crate::kernel::digest::sha256_hex;
use crate::kernel::id::{AccountId, CalendarId, Id, OrganisationId};
use crate::kernel::{Code, Fault, Instant, Outcome, Zone};
use crate::people;
use crate::people::keys::random_32;
use crate::people::model::Power;
use crate::store::Tx;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

/// Most addresses of one account that count at once.
const MOST: usize = 20;
/// Letters of a secret: 256 bits.
pub const SECRET_LENGTH: usize = 43;

/// What is kept of a secret.
fn stored(secret: &str) -> String {
    sha256_hex(secret.as_bytes())
}

/// Makes an address of one's household's calendar, or of an organisation's one may book for; gives its secret, once.
pub fn make(tx: &mut Tx, permit: &Permit<OwnAccount>, organisation: Option<&OrganisationId>) -> Outcome<(CalendarId, String)> {
    let (account, now) = (permit.account(), tx.now());
    if let Some(organisation) = organisation {
        books_for(permit.who(), &Holder::Organisation(organisation.clone()))?;
    }
    if queries::addresses(tx, account)?.iter().filter(|address| address.revoked_at.is_none()).count() >= MOST {
        let (zh, en) = (format!("最多 {MOST} 个日历地址，请先停用不用的。"), format!("At most {MOST} addresses; revoke one first."));
        return Err(Fault::saying(Code::StateConflict, zh, en));
    }
    let (id, secret) = (CalendarId::fresh(), URL_SAFE_NO_PAD.encode(random_32()?));
    sql::insert(tx, &id, &stored(&secret), account, organisation, now)?;
    let entry = Entry {
        chain: PLATFORM,
        actor: Some(account),
        action: "calendar.made",
        subject: id.as_str(),
        detail: json!({"organisation": organisation}),
    };
    audit::record(tx, &entry)?;
    Ok((id, secret))
}

/// Revokes an address: its secret opens nothing from this commit on. Somebody else's is 404.
pub fn revoke(tx: &mut Tx, permit: &Permit<OwnAccount>, id: &CalendarId) -> Outcome<Instant> {
    let (account, now) = (permit.account(), tx.now());
    queries::address(tx, account, id)?.ok_or_else(|| Fault::from(Code::NotFound))?;
    if !sql::revoke(tx, account, id, now)? {
        return Err(Fault::saying(Code::StateConflict, "这个地址已经停用了。", "It is revoked already."));
    }
    let entry = Entry { chain: PLATFORM, actor: Some(account), action: "calendar.revoked", subject: id.as_str(), detail: json!({}) };
    audit::record(tx, &entry)?;
    Ok(now)
}

/// Deletes every address an account made.
pub fn forget(tx: &mut Tx, account: &AccountId) -> Outcome<()> {
    sql::forget(tx, account)
}

/// The feed a secret opens, if it counts and its maker may still see what it shows.
pub fn open(tx: &mut Tx, secret: &str) -> Outcome<String> {
    let unknown = || Fault::from(Code::NotFound);
    let now = tx.now();
    if secret.len() != SECRET_LENGTH {
        return Err(unknown());
    }
    let (Subscriber { account, organisation }, household) = queries::subscriber(tx, &stored(secret))?.ok_or_else(unknown)?;
    let over = rules::window(now).ok_or_else(|| Fault::internal("no time to look at"))?;
    let (name, entries) = match &organisation {
        Some(organisation) => {
            let may = people::queries::representations(tx, &account, now)?;
            may.iter().find(|r| r.organisation == *organisation && r.gives(Power::Book)).ok_or_else(unknown)?;
            let named = people::queries::organisations(tx, std::slice::from_ref(organisation))?;
            let name = named.first().map(|organisation| organisation.name_zh.clone()).unwrap_or_default();
            (format!("{name}的预订"), queries::entries(tx, queries::Of::Organisation(organisation), over)?)
        }
        // Without a household there is nothing to see, which is no secret.
        None => {
            let entries = household.map(|household| queries::entries(tx, queries::Of::Household(&household), over));
            ("我家的预订".to_owned(), entries.transpose()?.unwrap_or_default())
        }
    };
    let zone = entries.first().map_or_else(Zone::usual, |entry| entry.zone.clone());
    Ok(rules::private(&name, &zone, &entries, over))
}
