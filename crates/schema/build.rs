//! A new migration is seen only when cargo is told to look.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
