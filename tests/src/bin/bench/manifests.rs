//! `bench manifests --samples DIR`: the story of the suite on demonstration shops that people know.
//! Their manifests are not part of this repository; the answers to every check are.

use pilotage_tests::browser::Outcome;
use pilotage_tests::manifests::{every_check, story};
use std::path::Path;

/// Name, the file below the folder, and the answers written by hand.
const SHOPS: [(&str, &str, &str); 2] = [
    (
        "Sock Shop",
        "sock-shop/complete-demo.yaml",
        include_str!("../../../manifests/sock-shop.answers"),
    ),
    (
        "Online Boutique",
        "online-boutique/kubernetes-manifests.yaml",
        include_str!("../../../manifests/online-boutique.answers"),
    ),
];

/// All shops; one that comes out otherwise is told at the end.
pub async fn manifests(words: &[String]) -> Outcome<()> {
    let [option, samples] = words else { return Err(usage()) };
    if option != "--samples" {
        return Err(usage());
    }
    let mut wrong = Vec::new();
    for (name, file, answers) in SHOPS {
        let path = Path::new(samples).join(file);
        let yaml = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        match every_check(&yaml, answers).await {
            Ok((compared, unknown)) => println!(
                "manifests: {name}: {compared} answers as written by hand, {unknown} of them unknown"
            ),
            Err(differs) => wrong.push(format!("{name}:\n{differs}")),
        }
        match story(&yaml).await {
            Ok(told) => println!(
                "manifests: {name}: {} services mapped by one confirmation and made live by the \
                 pipeline; {} regressed: {}; {} is unproven",
                told.services, told.edited.0, told.edited.1, told.set
            ),
            Err(why) => wrong.push(format!("{name}: {why}")),
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn usage() -> String {
    "usage: bench manifests --samples DIR, which holds sock-shop/complete-demo.yaml and \
     online-boutique/kubernetes-manifests.yaml"
        .to_owned()
}
