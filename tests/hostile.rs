//! Recurrence rules nobody means well with. None may become a series, and none may cost anything to refuse.

/// Each is refused, whatever its first day.
pub fn rules() -> Vec<String> {
    let weekdays = "MO,TU,WE,TH,FR,SA,SU";
    let nth: Vec<String> =
        (1..=5).flat_map(|n| weekdays.split(',').flat_map(move |day| [format!("{n}{day}"), format!("-{n}{day}")])).collect();
    let month_days: Vec<String> = (1..=31).flat_map(|n| [n.to_string(), format!("-{n}")]).collect();
    let mut rules: Vec<String> = [
        // Days that never come, or hardly ever: whoever looks for them one by one looks for ever.
        "FREQ=DAILY;INTERVAL=366;COUNT=366",
        "FREQ=DAILY;INTERVAL=365;COUNT=9",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO;COUNT=366",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO;COUNT=1",
        "FREQ=MONTHLY;BYMONTHDAY=-31;BYDAY=5SU;COUNT=366",
        "FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2;COUNT=1",
        "FREQ=MONTHLY;BYMONTHDAY=30,31;BYDAY=1MO,1TU,1WE;BYSETPOS=-31;COUNT=366",
        "FREQ=MONTHLY;INTERVAL=366;BYMONTHDAY=31;COUNT=2",
        "FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31;BYDAY=-1MO;COUNT=366",
        "FREQ=DAILY;BYMONTHDAY=31;BYDAY=MO;BYSETPOS=31;COUNT=366",
        "FREQ=DAILY;BYDAY=MO;BYSETPOS=2;COUNT=366",
        "FREQ=WEEKLY;INTERVAL=366;COUNT=366",
        "FREQ=WEEKLY;BYDAY=MO;BYSETPOS=7;COUNT=366",
        "FREQ=WEEKLY;INTERVAL=52;BYDAY=MO,TU,WE,TH,FR,SA,SU;COUNT=366",
        // Ends out of reach.
        "FREQ=DAILY;UNTIL=21001231",
        "FREQ=WEEKLY;BYDAY=MO;UNTIL=21001231T235959Z",
        "FREQ=MONTHLY;BYMONTHDAY=1;UNTIL=20991231",
        "FREQ=DAILY;UNTIL=99991231",
        "FREQ=DAILY;UNTIL=00000000",
        "FREQ=DAILY;COUNT=999999999999999999999999999999",
        "FREQ=DAILY;COUNT=-1",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY",
        // A billion occurrences, elsewhere.
        "FREQ=SECONDLY;COUNT=366",
        "FREQ=MINUTELY;INTERVAL=1;UNTIL=21001231",
        "FREQ=HOURLY;BYMINUTE=0,1,2,3,4,5,6,7,8,9;BYSECOND=0,1,2,3,4,5,6,7,8,9;COUNT=366",
        "FREQ=YEARLY;BYYEARDAY=366;BYMONTH=2;BYMONTHDAY=30;COUNT=1",
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYMONTH=7;COUNT=366",
        "FREQ=YEARLY;BYEASTER=-7305;COUNT=366",
        "FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;COUNT=366",
        "FREQ=DAILY;INTERVAL=18446744073709551616;COUNT=3",
        "FREQ=DAILY;INTERVAL=0;COUNT=366",
        "FREQ=DAILY;INTERVAL=1e9;COUNT=366",
        // No rule at all.
        "FREQ=DAILY;COUNT=3\r\nEXRULE:FREQ=DAILY",
        "RRULE:RRULE:RRULE:FREQ=DAILY;COUNT=3",
        "FREQ=DAILY;COUNT=3;FREQ=WEEKLY",
        "FREQ=每天;COUNT=3",
    ]
    .map(str::to_owned)
    .to_vec();
    rules.extend([
        format!(
            "FREQ=MONTHLY;BYMONTHDAY={};BYSETPOS=-31,31;BYDAY=1MO;COUNT=366",
            month_days.iter().take(40).cloned().collect::<Vec<_>>().join(",")
        ),
        format!("FREQ=MONTHLY;BYDAY={};BYMONTHDAY=31;BYSETPOS=9;COUNT=366", nth.iter().take(60).cloned().collect::<Vec<_>>().join(",")),
        format!("FREQ=WEEKLY;COUNT=3;BYDAY={}", vec!["MO"; 10_000].join(",")),
        format!("FREQ=MONTHLY;COUNT=3;BYMONTHDAY={}", month_days.join(",").repeat(100)),
        format!("FREQ=WEEKLY;{}", "COUNT=3;".repeat(4_000)),
        format!("FREQ=WEEKLY;{}COUNT=3", "X".repeat(300)),
        ";".repeat(400),
        "=".repeat(400),
        ";=".repeat(10_000),
        " ".repeat(30_000),
    ]);
    rules
}
