//! What the dates would be if: scope, blockers, a pause, capacity. Nothing is changed.

use super::actions::parse_day;
use crate::app::App;
use crate::dto::outlook::{WhatIf, WhatIfView};
use crate::error::ApiError;
use crate::names::find_node;
use crate::outlook::{self, Basis};
use pilotage_domain::calendar::{Calendar, Pause};
use pilotage_insight::forecast::{Capacity, HEADLINE, Inputs, Status};
use pilotage_insight::sample::Sample;
use pilotage_store::When;
use std::collections::BTreeSet;

/// No programme has more services.
const MOST: i32 = 100_000;
/// Nobody has more hands than so many times what is planned, in percent.
const MOST_CAPACITY: u32 = 1_000;

pub(crate) async fn what_if(app: &App, request: WhatIf) -> Result<WhatIfView, ApiError> {
    let now = app.clock.now();
    let nodes = app.store.nodes(now).await?;
    let basis = Basis::load(app, When::AsItWas(now), &nodes).await?;
    let calendar = supposed_calendar(&basis, &request)?;
    let day_one = calendar.first_open(now);
    let sample = Sample { day_one, ..basis.sample.clone() };
    let inputs = supposed_inputs(&basis, &request, sample.capacity(&calendar))?;
    let adaptive = outlook::adaptive(app, &basis).await?;
    let (_, planned) = basis.forecast(app);
    let supposed = basis.forecast_of(app, &inputs);
    let line = supposed.as_ref().ok().map(|forecast| &forecast.today);
    let deadline = basis
        .deadline()
        .zip(day_one)
        .map(|(day, day_one)| outlook::deadline(line, &calendar, day_one, day, inputs.remaining));
    let date = |calendar: &Calendar, day_one, line: &pilotage_insight::forecast::Line| {
        calendar.project(day_one, line.when(HEADLINE)?)
    };
    let before = basis.sample.day_one.zip(planned.as_ref().ok());
    let before = before.and_then(|(day, it)| date(&basis.calendar, day, &it.today));
    let after = day_one.zip(line).and_then(|(day, line)| date(&calendar, day, line));
    // Counted in the working days of the plan.
    let moved = before.zip(after).map(|(from, to)| outlook::moved_by(&basis.calendar, from, to));
    Ok(WhatIfView {
        reason: supposed.as_ref().err().map(|why| outlook::sentence(&why.to_string())),
        now: planned.as_ref().map_or_else(
            |_| Vec::new(),
            |it| {
                let remaining = basis.inputs.remaining;
                let day_one = basis.sample.day_one;
                outlook::levels(&it.today, &adaptive, &basis.calendar, day_one, remaining)
            },
        ),
        supposed: line.map_or_else(Vec::new, |line| {
            outlook::levels(line, &adaptive, &calendar, day_one, inputs.remaining)
        }),
        status: Status::of(deadline.as_ref().and_then(|day| day.likelihood)).word().to_owned(),
        deadline,
        moved,
    })
}

/// `capacity` is that of the working days of the supposed calendar: a pause moves which days those
/// are.
fn supposed_inputs(
    basis: &Basis,
    request: &WhatIf,
    capacity: Capacity,
) -> Result<Inputs, ApiError> {
    let mut without = BTreeSet::new();
    for service in &request.without {
        let node = find_node(&basis.services, service)?;
        let counts = outlook::is_in_scope(node) && !basis.is_done_before(node, basis.sample.close);
        if counts {
            without.insert(node.id);
        }
    }
    if !(-MOST..=MOST).contains(&request.scope) {
        return Err(ApiError::argument("scope", "must be from -100000 to 100000"));
    }
    let percent = request.capacity.unwrap_or(100);
    if !(1..=MOST_CAPACITY).contains(&percent) {
        return Err(ApiError::argument("capacity", "must be from 1 to 1000 percent"));
    }
    let mut inputs = Inputs { capacity, ..basis.inputs.clone() };
    let fewer = u32::try_from(without.len()).unwrap_or(u32::MAX);
    inputs.remaining = inputs.remaining.saturating_sub(fewer).saturating_add_signed(request.scope);
    let factor = f64::from(percent) / 100.0;
    inputs.capacity.planned.iter_mut().for_each(|days| *days *= factor);
    inputs.capacity.after *= factor;
    Ok(inputs)
}

fn supposed_calendar(basis: &Basis, request: &WhatIf) -> Result<Calendar, ApiError> {
    let mut calendar = basis.calendar.clone();
    let from = request.pause_from.as_deref().map(|day| parse_day("pause", day)).transpose()?;
    let until = request.pause_until.as_deref().map(|day| parse_day("resumes", day)).transpose()?;
    match (from, until) {
        (Some(from), Some(resumes)) if from < resumes => {
            calendar.pauses.push(Pause { from, resumes: Some(resumes) });
        }
        (None, None) => {}
        _ => {
            let why = "needs its first day, and a later day on which work resumes";
            return Err(ApiError::argument("pause", why));
        }
    }
    Ok(calendar)
}
