//! People: added, listed, and who of them is working here.

use crate::args::Person;
use crate::print::{self, Answer};
use crate::programme;
use crate::session::Session;
use pilotage_api::ApiError;
use pilotage_api::dto::actions::{AddPerson, ById};
use pilotage_api::dto::session::Nothing;
use pilotage_api::dto::skills::DescribePerson;
use pilotage_domain::text::visible;

/// `person`.
pub async fn person(session: &Session, person: &Person) -> Result<Answer, ApiError> {
    match person {
        Person::Add { name, email } => {
            let request = AddPerson { name: name.clone(), email: email.clone() };
            let saved = session.app.add_person(request).await?;
            session.answer(&saved, || print::saved(&saved))
        }
        Person::List => {
            let people = session.app.settings(Nothing {}).await?.people;
            session.answer(&people, || programme::people(&people))
        }
        Person::Set(set) => {
            let request = DescribePerson {
                person: set.name.clone(),
                outside: set.outside,
                willing: set.willing,
                open_assessment: set.open_assessment,
            };
            let saved = session.app.describe_person(request).await?;
            session.answer(&saved, || print::saved(&saved))
        }
        Person::ActAs { name } => {
            let saved = session.app.act_as(ById { id: name.clone() }).await?;
            session.answer(&saved, || {
                format!("From now on, on this device: {}\n", visible(&saved.summary))
            })
        }
    }
}
