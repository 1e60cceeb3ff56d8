//! Delivery metrics of one service, as dora.dev defines them (January 2026), from observed rollouts.
//! Each says whether it was measured, is a proxy, or is what people said; without data it says so
//! and is never 0.
//!
//! Deliberately absent: means over services, orders of services, and words such as *elite*.

use pilotage_domain::Millis;
use pilotage_domain::cluster::WriterClass;

/// A comparison needs so many deployments on each side.
pub const ENOUGH: usize = 8;

/// What a rollout changed. Restarts and scaling are no rollouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RolloutKind {
    /// The image.
    Image,
    /// Configuration alone.
    Config,
}

/// Signs that a rollout needed somebody at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The first sign.
    pub first_sign: Millis,
    /// The next healthy rollout; none yet.
    pub recovered: Option<Millis>,
}

/// A deployment of one service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rollout {
    /// What it changed.
    pub kind: RolloutKind,
    /// When it was complete, or failed.
    pub at: Millis,
    /// Who wrote it.
    pub writer: WriterClass,
    /// When what it deployed was committed, where that is known.
    pub committed_at: Option<Millis>,
    /// What went wrong, where something did.
    pub failure: Option<Failure>,
    /// A person says that it was, or was not, unplanned and followed an incident.
    pub unplanned: Option<bool>,
}

/// How a figure came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// Seen in cluster and repository.
    Measured,
    /// Seen in something that usually goes with it.
    Proxy,
    /// What people said.
    SelfReported,
}

/// A figure, how it came about, and how much of the rollouts it covers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure<T> {
    /// The figure; none where nothing is known.
    pub value: Option<T>,
    /// How it came about.
    pub tag: Tag,
    /// Rollouts it covers.
    pub covered: usize,
    /// Rollouts it could cover.
    pub of: usize,
}

/// How often a service is deployed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frequency {
    /// Rollouts a week, over the observed days.
    pub per_week: Figure<f64>,
    /// Median time between two of them, in milliseconds; none with fewer than two.
    pub median_gap: Option<Millis>,
}

/// How well a time was watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watched {
    /// Days on which rollouts were observed: a gap between observations is not observed.
    pub days: u32,
    /// Signs of failure were watched for.
    pub failures: bool,
}

/// The delivery metrics of one service over a time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Delivery {
    /// Deployment frequency of images.
    pub images: Frequency,
    /// Deployment frequency of configuration, counted apart.
    pub configs: Frequency,
    /// Change lead time: median from the commit to the complete rollout, in milliseconds.
    pub lead_time: Figure<Millis>,
    /// Change fail rate: distinct rollouts that failed over distinct rollouts.
    pub fail_rate: Figure<f64>,
    /// Failed deployment recovery time: median from the first sign to the next healthy rollout, in
    /// milliseconds.
    pub recovery: Figure<Millis>,
    /// Deployment rework rate.
    pub rework_rate: Figure<f64>,
    /// Share of the rollouts that a pipeline or a reconciler wrote: the migration's own metric.
    pub pipeline_share: Figure<f64>,
}

/// Computes the metrics of one service.
pub fn delivery(rollouts: &[Rollout], watched: Watched) -> Delivery {
    let of = rollouts.len();
    let failed = || rollouts.iter().filter_map(|it| it.failure);
    let lead: Vec<Millis> = rollouts
        .iter()
        .filter_map(|it| it.committed_at.map(|committed| it.at - committed))
        .filter(|lead| *lead >= 0)
        .collect();
    let recovered: Vec<Millis> =
        failed().filter_map(|it| it.recovered.map(|at| at - it.first_sign)).collect();
    let told: Vec<bool> = rollouts.iter().filter_map(|it| it.unplanned).collect();
    let seen = if watched.failures { of } else { 0 };
    let by_pipeline = |it: &&Rollout| it.writer.delivers();
    Delivery {
        images: frequency(rollouts, RolloutKind::Image, watched.days),
        configs: frequency(rollouts, RolloutKind::Config, watched.days),
        lead_time: figure(median(&lead), Tag::Measured, lead.len(), of),
        fail_rate: figure(share(failed().count(), seen), Tag::Proxy, seen, of),
        recovery: figure(median(&recovered), Tag::Proxy, recovered.len(), failed().count()),
        rework_rate: figure(
            share(told.iter().filter(|unplanned| **unplanned).count(), told.len()),
            Tag::SelfReported,
            told.len(),
            of,
        ),
        pipeline_share: figure(
            share(rollouts.iter().filter(by_pipeline).count(), of),
            Tag::Measured,
            of,
            of,
        ),
    }
}

/// The metrics of a service before and after its migration, over times of one length. None with
/// fewer than 8 deployments on a side: too few.
pub fn compared(
    before: (&[Rollout], Watched),
    after: (&[Rollout], Watched),
) -> Option<(Delivery, Delivery)> {
    let enough = before.0.len() >= ENOUGH && after.0.len() >= ENOUGH;
    enough.then(|| (delivery(before.0, before.1), delivery(after.0, after.1)))
}

fn frequency(rollouts: &[Rollout], kind: RolloutKind, days: u32) -> Frequency {
    let mut moments: Vec<Millis> =
        rollouts.iter().filter(|it| it.kind == kind).map(|it| it.at).collect();
    moments.sort_unstable();
    let gaps: Vec<Millis> = moments.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let count = moments.len();
    let per_week = (days > 0).then(|| 7.0 * real(count) / f64::from(days));
    Frequency { per_week: figure(per_week, Tag::Measured, count, count), median_gap: median(&gaps) }
}

fn figure<T>(value: Option<T>, tag: Tag, covered: usize, of: usize) -> Figure<T> {
    Figure { value, tag, covered, of }
}

/// None over nothing: no data is not 0.
fn share(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| real(part) / real(whole))
}

fn real(count: usize) -> f64 {
    crate::draw::real(u64::try_from(count).unwrap_or(u64::MAX))
}

/// The value in the middle, the lower of two.
fn median(values: &[Millis]) -> Option<Millis> {
    let mut ordered = values.to_vec();
    ordered.sort_unstable();
    ordered.get(ordered.len().checked_sub(1)? / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Millis = 3_600_000;
    const WEEK: Watched = Watched { days: 14, failures: true };

    fn image(at: Millis, writer: WriterClass) -> Rollout {
        Rollout {
            kind: RolloutKind::Image,
            at: at * HOUR,
            writer,
            committed_at: None,
            failure: None,
            unplanned: None,
        }
    }

    #[test]
    fn each_figure_says_how_much_it_covers() {
        let failure = |sign, back: Option<Millis>| {
            Some(Failure { first_sign: sign * HOUR, recovered: back.map(|at| at * HOUR) })
        };
        let rollouts = [
            Rollout { committed_at: Some(7 * HOUR), ..image(10, WriterClass::Manual) },
            Rollout { committed_at: Some(29 * HOUR), ..image(34, WriterClass::Pipeline) },
            Rollout { failure: failure(60, Some(62)), ..image(58, WriterClass::Pipeline) },
            Rollout { unplanned: Some(true), ..image(62, WriterClass::Gitops) },
            Rollout {
                failure: failure(90, None),
                unplanned: Some(false),
                ..image(88, WriterClass::Ambiguous)
            },
            Rollout { kind: RolloutKind::Config, ..image(70, WriterClass::Controller) },
        ];
        let found = delivery(&rollouts, WEEK);
        assert_eq!(found.images.per_week, figure(Some(2.5), Tag::Measured, 5, 5));
        assert_eq!(found.images.median_gap, Some(24 * HOUR), "gaps of 24, 24, 4, 26");
        assert_eq!(found.configs.per_week, figure(Some(0.5), Tag::Measured, 1, 1));
        assert_eq!(found.configs.median_gap, None);
        assert_eq!(found.lead_time, figure(Some(3 * HOUR), Tag::Measured, 2, 6));
        assert_eq!(found.fail_rate, figure(Some(1.0 / 3.0), Tag::Proxy, 6, 6));
        assert_eq!(found.recovery, figure(Some(2 * HOUR), Tag::Proxy, 1, 2));
        assert_eq!(found.rework_rate, figure(Some(0.5), Tag::SelfReported, 2, 6));
        assert_eq!(found.pipeline_share, figure(Some(0.5), Tag::Measured, 6, 6));
    }

    #[test]
    fn no_data_is_not_zero() {
        let nothing = delivery(&[], WEEK);
        assert_eq!(nothing.fail_rate.value, None);
        assert_eq!(nothing.lead_time.value, None);
        assert_eq!(nothing.pipeline_share.value, None);
        assert_eq!(nothing.images.per_week.value, Some(0.0), "observed, and none");
        let unseen =
            delivery(&[image(1, WriterClass::Manual)], Watched { days: 0, failures: false });
        assert_eq!(unseen.images.per_week.value, None, "not observed");
        assert_eq!(unseen.fail_rate.value, None, "no incident source");
        let turned = Rollout { committed_at: Some(9 * HOUR), ..image(1, WriterClass::Manual) };
        assert_eq!(delivery(&[turned], WEEK).lead_time.value, None, "a clock was wrong");
    }

    #[test]
    fn before_and_after_need_eight_each() {
        let some = |count: Millis| {
            (0..count).map(|at| image(at, WriterClass::Pipeline)).collect::<Vec<_>>()
        };
        let check = |before, after, expect: bool| {
            let (before, after) = (some(before), some(after));
            let found = compared((&before, WEEK), (&after, WEEK));
            assert_eq!(found.is_some(), expect, "{} and {}", before.len(), after.len());
        };
        check(8, 8, true);
        check(7, 9, false);
        check(9, 7, false);
    }
}
