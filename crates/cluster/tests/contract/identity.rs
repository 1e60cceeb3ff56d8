//! Which cluster a watched context leads to: nobody who was switched off is asked, and no failed
//! answer is taken for one.

use crate::common::Desk;
use pilotage_cluster::connection::direct::Direct;
use pilotage_cluster::connection::state::Failure;
use pilotage_cluster::identity::{Identity, UNKNOWN};
use pilotage_cluster::watch::{Access, Session};
use pilotage_kube_faults::{Fault, Faults, When};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

staged! {
    Paused:
        who_is_switched_off_is_asked_no_more,
        a_failed_answer_is_no_identity_and_a_refusal_is_one,
        the_first_answer_is_awaited_and_not_for_ever;
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 'a>>;

/// A way to a cluster that takes its time before the first session.
struct Slow {
    direct: Direct,
    before: Duration,
}

impl Access for Slow {
    fn session(&self) -> Answer<'_, Session> {
        Box::pin(async {
            tokio::time::sleep(self.before).await;
            self.direct.session().await
        })
    }

    fn rejected(&self, number: u64) -> Answer<'_, ()> {
        self.direct.rejected(number)
    }

    fn retry_wanted(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        self.direct.retry_wanted()
    }
}

fn desk(seconds: u64) -> (Faults, Arc<dyn Access>) {
    let desk = Desk::new(1);
    let direct = Direct::over(desk.service());
    (desk.faults, Arc::new(Slow { direct, before: Duration::from_secs(seconds) }))
}

async fn look(identity: &mut Identity, access: &Arc<dyn Access>, seconds: u64) {
    for _ in 0..seconds * 4 {
        identity.tend(|| Arc::clone(access));
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
    identity.tend(|| Arc::clone(access));
}

async fn who_is_switched_off_is_asked_no_more() {
    let check = async |seconds_on: u64, expect: usize| {
        let (faults, access) = desk(10);
        let mut identity = Identity::default();
        look(&mut identity, &access, seconds_on).await;
        drop(identity);
        tokio::time::sleep(Duration::from_mins(1)).await;
        assert_eq!(faults.seen().len(), expect, "on for {seconds_on} s");
    };
    check(5, 0).await;
    // The control: left on, the very question arrives.
    check(15, 1).await;
}

async fn a_failed_answer_is_no_identity_and_a_refusal_is_one() {
    let check = async |code: u16, known_first: bool, questions: usize| {
        let (faults, access) = desk(0);
        let fault = Fault::Status { code, reason: "Planned", retry_after: None };
        faults.times(1, When::any(), fault);
        let mut identity = Identity::default();
        look(&mut identity, &access, 5).await;
        assert_eq!(identity.known() == UNKNOWN, known_first, "{code}: {identity:?}");
        assert!(!identity.is_awaited(), "{code}");
        look(&mut identity, &access, 120).await;
        assert_eq!(identity.known() == UNKNOWN, known_first, "{code}: {identity:?}");
        assert!(!identity.known().is_empty(), "{code}");
        assert_eq!(faults.seen().len(), questions, "{code}");
    };
    check(500, false, 2).await;
    check(403, true, 1).await;
}

async fn the_first_answer_is_awaited_and_not_for_ever() {
    let (faults, access) = desk(0);
    faults.always(When::any(), Fault::Hang);
    let mut identity = Identity::default();
    assert!(!identity.is_awaited(), "nothing was asked");
    look(&mut identity, &access, 5).await;
    assert!(identity.is_awaited());
    look(&mut identity, &access, 30).await;
    assert!(!identity.is_awaited());
    look(&mut identity, &access, 60).await;
    assert!(!identity.is_awaited(), "the second question holds nobody up");
}
