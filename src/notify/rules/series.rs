//! The words about bookings made by a rule.

use crate::bookings::model::series::SeriesNews;
use crate::kernel::time::Day;
use crate::notify::model::Message;

/// What happened to occurrences of a series, for its words.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The space by its Chinese and English name.
    pub space: (&'a str, Option<&'a str>),
    /// The first day of them …
    pub first: Day,
    /// … and the last.
    pub last: Day,
    /// How many.
    pub done: usize,
    /// How many of them wait for somebody's yes.
    pub asked: usize,
    /// How many could not be had, or stay.
    pub missed: usize,
}

fn times(n: usize) -> String {
    if n == 1 { "once".to_owned() } else { format!("{n} times") }
}

/// To those who hold it.
pub fn holders(news: SeriesNews, told: &Told) -> Message {
    let Told { space: (space_zh, space_en), first, last, done, asked, missed } = *told;
    let space_en = space_en.unwrap_or(space_zh);
    let (mut zh, mut en) = match news {
        SeriesNews::Made => (
            format!("已订好{space_zh}固定时间的预订：{first} 到 {last}，共 {done} 次"),
            format!("A series in {space_en} is booked: {} from {first} to {last}", times(done)),
        ),
        SeriesNews::Changed => (
            format!("{space_zh}固定时间的预订改好了 {done} 次，从 {first} 到 {last}"),
            format!("The series in {space_en} is changed {}, from {first} to {last}", times(done)),
        ),
        SeriesNews::Cancelled => (
            format!("已取消{space_zh}固定时间的预订 {done} 次，从 {first} 到 {last}"),
            format!("The series in {space_en} is cancelled {}, from {first} to {last}", times(done)),
        ),
    };
    if asked > 0 {
        zh.push_str(&format!("，其中 {asked} 次等待同意"));
        let wait = if asked == 1 { "waits" } else { "wait" };
        en.push_str(&format!("; {asked} of them {wait} for consent"));
    }
    if missed > 0 {
        let (more_zh, more_en) = match news {
            SeriesNews::Made => (format!("，另有 {missed} 次没有订上"), format!("; {missed} could not be had")),
            SeriesNews::Changed => (format!("，另有 {missed} 次改不了，照旧"), format!("; {missed} could not be changed")),
            SeriesNews::Cancelled => (format!("，另有 {missed} 次已经不能取消"), format!("; {missed} can no longer be cancelled")),
        };
        zh.push_str(&more_zh);
        en.push_str(&more_en);
    }
    Message { zh: format!("{zh}。"), en: format!("{en}.") }
}

/// To those who must say yes to some of it.
pub fn approvers(told: &Told) -> Message {
    let Told { space: (space_zh, space_en), first, last, asked, .. } = *told;
    let space_en = space_en.unwrap_or(space_zh);
    Message {
        zh: format!("有人想在固定的时间用{space_zh}：{first} 到 {last}，有 {asked} 次等您答复。"),
        en: format!("Somebody asks for {space_en} again and again, from {first} to {last}: {} to be answered by you.", times(asked)),
    }
}
