//! Who pays, who earns, and what goes back to the public. Shares are basis points (10,000 = all).

use super::kind::named_words;
use super::repeated;
use crate::kernel::Fen;
use crate::kernel::form::{self, Form, Spot};
use serde::{Deserialize, Serialize};

/// All of something, in basis points.
pub const WHOLE: i64 = 10_000;

named_words! {
    /// What is supplied to a space and paid for.
    Utility {
        Water = "water" "水费" "water";
        Electricity = "electricity" "电费" "electricity";
        Heating = "heating" "采暖费" "heating";
        Gas = "gas" "燃气费" "gas";
        Network = "network" "网络费" "network";
        Cleaning = "cleaning" "保洁费" "cleaning";
        Security = "security" "安保费" "security";
    }
}

/// What one party pays of a utility.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UtilityLine {
    /// Of what.
    pub kind: Utility,
    /// Natural code of the party that pays.
    pub party: String,
    /// Its share in basis points; the shares of a utility add up to 10,000.
    pub share_basis_points: i64,
    /// The most it pays in a civil month, in fen; `None` = whatever it comes to. What is above is shared by the other
    /// lines of the utility, or talked over where there is none.
    pub cap_fen: Option<Fen>,
}

/// Who pays water, electricity and the like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UtilitiesPayer {
    /// A party stands at most once for a utility.
    pub lines: Vec<UtilityLine>,
}

fn shares_are_whole(form: &Form, field: &str, sum: i64) -> bool {
    if sum != WHOLE {
        form.fault(
            field,
            "wrong-sum",
            format!("各份加起来要是 10000 个基点（100%），现在是 {sum}。"),
            format!("The shares must add up to 10,000 basis points (100 %); now they are {sum}."),
        );
    }
    sum == WHOLE
}

fn utility_line(spot: &Spot) -> Option<UtilityLine> {
    spot.object(|form| {
        let kind = form.need("kind", form::word);
        let party = form.need("party", form::code);
        let share_basis_points = form.may("share_basis_points", form::int(1..=WHOLE));
        let cap_fen = form.may("cap_fen", form::fen);
        Some(UtilityLine { kind: kind?, party: party?, share_basis_points: share_basis_points.unwrap_or(WHOLE), cap_fen })
    })
}

impl UtilitiesPayer {
    pub(super) fn read(form: &mut Form) -> Option<UtilitiesPayer> {
        let lines = form.need("lines", form::list(1..=100, utility_line))?;
        if let Some(i) = repeated(&lines, |line| (line.kind, &line.party)) {
            form.fault_below(
                &format!("lines/{i}"),
                "duplicate",
                "同一方的同一项费用写了两次。",
                "A party stands twice for the same utility.",
            );
            return None;
        }
        for kind in Utility::ALL {
            let of_kind = || lines.iter().filter(|line| line.kind == *kind);
            let sum = of_kind().map(|line| line.share_basis_points).sum();
            if of_kind().next().is_some() && !shares_are_whole(form, "lines", sum) {
                return None;
            }
        }
        Some(UtilitiesPayer { lines })
    }
}

named_words! {
    /// Where the money of a fit-out comes from.
    Funding {
        CommunityServiceFund = "community_service_fund" "党群服务经费" "the community's service fund";
        OwnFunds = "own_funds" "自有资金" "its own money";
        StreetFunds = "street_funds" "街道资金" "the street's money";
        DepartmentFunds = "department_funds" "部门专项资金" "a department's earmarked money";
        MaintenanceFund = "maintenance_fund" "专项维修资金" "the maintenance fund";
        PublicIncome = "public_income" "公共收益" "income of the common parts";
        Donation = "donation" "捐赠" "donations";
    }
}

/// Who renovates and furnishes, with whose money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FitOut {
    /// Natural code of the party that does it.
    pub party: String,
    /// With which money.
    pub funding: Funding,
    /// The most it spends, in fen; `None` = not settled here.
    pub budget_fen: Option<Fen>,
}

impl FitOut {
    pub(super) fn read(form: &mut Form) -> Option<FitOut> {
        let party = form.need("party", form::code);
        let funding = form.need("funding", form::word);
        let budget_fen = form.may("budget_fen", form::fen);
        Some(FitOut { party: party?, funding: funding?, budget_fen })
    }
}

named_words! {
    /// Where the part of an income goes that no share takes, and what rounding down leaves.
    Remainder {
        Reserve = "reserve" "留作空间的备用金" "stays in reserve for the spaces";
        PublicReturn = "public_return" "用于公益反哺" "goes back to the public";
    }
}

/// One party's share of the income.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Natural code of the party.
    pub party: String,
    /// Basis points of the income, rounded down to the fen.
    pub basis_points: i64,
}

/// How income is shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevenueShare {
    /// At most 10,000 basis points together; none = everything is remainder.
    pub shares: Vec<Share>,
    /// Where the rest goes.
    pub remainder: Remainder,
}

impl RevenueShare {
    pub(super) fn read(form: &mut Form) -> Option<RevenueShare> {
        let share = |spot: &Spot| {
            spot.object(|form| {
                let party = form.need("party", form::code);
                let basis_points = form.need("basis_points", form::int(1..=WHOLE));
                Some(Share { party: party?, basis_points: basis_points? })
            })
        };
        let shares = form.need("shares", form::list(0..=50, share));
        let remainder = form.may("remainder", form::word);
        let shares = shares?;
        if let Some(i) = repeated(&shares, |share| &share.party) {
            form.fault_below(&format!("shares/{i}"), "duplicate", "同一方写了两次。", "A party stands twice.");
            return None;
        }
        let sum: i64 = shares.iter().map(|share| share.basis_points).sum();
        if sum > WHOLE {
            let zh = format!("各方份额加起来不能超过 10000 个基点（100%），现在是 {sum}。");
            form.fault("shares", "wrong-sum", zh, format!("The shares may not exceed 10,000 basis points (100 %); now they are {sum}."));
            return None;
        }
        Some(RevenueShare { shares, remainder: remainder.unwrap_or(Remainder::Reserve) })
    }
}

named_words! {
    /// What surplus is given back to.
    ReturnPurpose {
        Maintenance = "maintenance" "空间维护" "upkeep of the spaces";
        Equipment = "equipment" "添置设备" "equipment";
        Activities = "activities" "居民活动" "residents' activities";
        Elders = "elders" "为老服务" "services for the old";
        Children = "children" "儿童服务" "services for children";
        Hardship = "hardship" "困难帮扶" "neighbours in need";
        Environment = "environment" "环境美化" "a greener neighbourhood";
        MaintenanceFund = "maintenance_fund" "补充专项维修资金" "the maintenance fund";
    }
}

/// One purpose with its share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Destination {
    /// What for.
    pub purpose: ReturnPurpose,
    /// Basis points of the surplus.
    pub basis_points: i64,
}

/// What surplus is given back to (公益反哺).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublicReturn {
    /// No purpose twice; together 10,000 basis points.
    pub destinations: Vec<Destination>,
}

impl PublicReturn {
    pub(super) fn read(form: &mut Form) -> Option<PublicReturn> {
        let destination = |spot: &Spot| {
            spot.object(|form| {
                let purpose = form.need("purpose", form::word);
                let basis_points = form.need("basis_points", form::int(1..=WHOLE));
                Some(Destination { purpose: purpose?, basis_points: basis_points? })
            })
        };
        let destinations = form.need("destinations", form::list(1..=ReturnPurpose::ALL.len(), destination))?;
        if let Some(i) = repeated(&destinations, |destination| destination.purpose) {
            form.fault_below(&format!("destinations/{i}"), "duplicate", "同一用途写了两次。", "A purpose stands twice.");
            return None;
        }
        let sum = destinations.iter().map(|destination| destination.basis_points).sum();
        shares_are_whole(form, "destinations", sum).then_some(PublicReturn { destinations })
    }
}

named_words! {
    /// What a free share is counted in, per civil month.
    ShareOf {
        Sessions = "sessions" "场次" "sessions";
        Hours = "hours" "时长" "hours";
    }
}

/// The least share of a month's sessions or hours that is free of charge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreeShare {
    /// Percent, 1 to 100.
    pub percent: i64,
    /// Counted in.
    pub of: ShareOf,
}

impl FreeShare {
    pub(super) fn read(form: &mut Form) -> Option<FreeShare> {
        let percent = form.need("percent", form::int(1..=100));
        let of = form.may("of", form::word);
        Some(FreeShare { percent: percent?, of: of.unwrap_or(ShareOf::Sessions) })
    }
}
