//! Prints the TypeScript side of the command table; `cargo xtask types` writes it to its place.

fn main() {
    print!("{}", pilotage_api::typescript::typescript());
}
