//! The manners of the reference, B1 to B55: one named test each, against the fake news web, under a clock that the test
//! sets where a behaviour takes hours. What is underneath is shown closer by in `fetch.rs`.

mod bureau;
mod validators;
mod requests;
mod asked;
mod moves;
mod refusals;
mod wire;
mod robots;
mod pace;
mod turns;

use std::process::Command;

/// Behaviours of WebSub, which stand in a file of their own.
const WEBSUB: [u32; 2] = [52, 53];

/// Every behaviour of the list has a test that bears its number.
#[test]
fn all_behaviours_have_their_test() {
    let listed = Command::new(std::env::current_exe().unwrap()).arg("--list").output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    let has = |number: &u32| listed.lines().any(|line| line.contains(&format!("::b{number:02}_")) && line.ends_with(": test"));
    let missing: Vec<u32> = (1..=55).filter(|number| !has(number)).collect();
    let (websub, missing): (Vec<u32>, Vec<u32>) = missing.into_iter().partition(|number| WEBSUB.contains(number));
    if !websub.is_empty() {
        println!("SKIPPED: no test yet for the behaviours {websub:?}, which are WebSub's");
    }
    assert!(missing.is_empty(), "behaviours without a test: {missing:?}");
}
