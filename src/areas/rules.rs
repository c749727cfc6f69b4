//! Pure decisions.

use super::model::Area;
use crate::kernel::{Change, FieldFault};

/// What putting `wanted` over `present` changes. An area never moves: another level or parent is refused.
pub fn change(present: Option<&Area>, wanted: &Area) -> Result<Change, FieldFault> {
    let Some(present) = present else { return Ok(Change::Created) };
    let code = &wanted.code;
    if present.kind != wanted.kind {
        let (was, other) = (present.kind.as_str(), wanted.kind.as_str());
        let zh = format!("区域 {code} 的级别是 {was}，不能改成 {other}。");
        return Err(FieldFault::at("/kind", "area-moved", zh, format!("The level of area {code} is {was} and cannot become {other}.")));
    }
    if present.path != wanted.path {
        let zh = format!("区域 {code} 不能换到别处。");
        return Err(FieldFault::at("/parent", "area-moved", zh, format!("Area {code} cannot move.")));
    }
    Ok(if present == wanted { Change::Unchanged } else { Change::Updated })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::areas::model::AreaKind;
    use crate::kernel::id::{AreaId, Id};

    #[test]
    fn an_area_is_described_anew_but_never_moves() {
        let area = Area {
            id: AreaId::fresh(),
            code: "a".into(),
            kind: AreaKind::Grid,
            parent_id: None,
            path: "x/a/".into(),
            name_zh: "甲".into(),
            name_en: None,
            buildings: None,
            households: None,
            people: None,
            created_at: 0,
        };
        assert_eq!(change(None, &area), Ok(Change::Created));
        assert_eq!(change(Some(&area), &area), Ok(Change::Unchanged));
        assert_eq!(change(Some(&area), &Area { people: Some(9), ..area.clone() }), Ok(Change::Updated));
        let moved = change(Some(&area), &Area { path: "y/a/".into(), ..area.clone() });
        assert_eq!(moved.map_err(|fault| fault.pointer), Err("/parent".to_owned()));
        let risen = change(Some(&area), &Area { kind: AreaKind::Community, ..area.clone() });
        assert_eq!(risen.map_err(|fault| fault.pointer), Err("/kind".to_owned()));
    }
}
