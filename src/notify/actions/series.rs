//! A series is told as one: what happened to all its occurrences at once.

use super::{holders, payload, tell as tell_all, the_same, who_may_say_yes};
use crate::bookings::model::series::{SeriesNews, SeriesTold};
use crate::bookings::queries::series as queries;
use crate::kernel::{Instant, Outcome};
use crate::notify::rules::series as rules;
use crate::outbox::Job;
use crate::places;
use crate::store::Tx;
use crate::terms::model::PartyCapacity;

/// To those who hold it; to whoever must say yes to some of it once, however many wait for them.
pub(super) fn tell(tx: &mut Tx, job: &Job) -> Outcome<()> {
    let news: SeriesTold = payload(job)?;
    let Some(found) = queries::find(tx, &news.series)? else { return Ok(()) };
    let Some(place) = places::queries::located(tx, &found.series.space)? else { return Ok(()) };
    let zone = &place.site.zone;
    let told = rules::Told {
        space: (&place.space.name_zh, place.space.name_en.as_deref()),
        first: zone.day_of(Instant(news.from)),
        last: zone.day_of(Instant(news.to)),
        done: news.done,
        asked: news.asked,
        missed: news.missed,
    };
    let (kind, subject) = (format!("series.{}", news.news), news.series.as_str());
    let whom = holders(tx, &found.series.holder)?;
    tell_all(tx, job, &the_same(whom, &rules::holders(news.news, &told)), &kind, subject)?;
    if news.asked > 0 && news.news != SeriesNews::Cancelled {
        let (asked, capacities): (Vec<_>, Vec<_>) = queries::asked(tx, &news.series)?.into_iter().unzip();
        let whom = who_may_say_yes(tx, &asked, capacities.contains(&PartyCapacity::Community), &place.area_path)?;
        tell_all(tx, job, &the_same(whom, &rules::approvers(&told)), "series.requested", subject)?;
    }
    Ok(())
}
