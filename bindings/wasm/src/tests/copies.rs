//! Authorities as a copy brings them.

use noren::log::Origin;

use super::world::World;
use crate::Device;
use crate::failure::Code;

#[test]
fn no_other_keys_take_the_place_of_a_kept_authority() {
    // [WEB-23] [PRO-5]
    let (world, stranger) = (World::new(), World::of(8));
    let mut device = Device::new();
    device.pin_kept(&world.signed_profile()).expect("a profile");
    device.pin_kept(&world.signed_profile()).expect("the same once more");
    assert_eq!(device.followed(), 1);
    let failure = device.pin_kept(&stranger.signed_profile()).expect_err("other keys");
    assert_eq!(failure.code, Code::RefusedLog, "{}", failure.detail);
    assert_eq!(device.pinned(0), Some(world.signed_profile()));
}

#[test]
fn a_device_follows_no_more_than_it_can_ask() {
    // [WEB-23]
    let mut device = Device::new();
    let authority = |seed: u64| {
        let mut world = World::of(seed);
        world.profile.url = format!("https://office-{seed}.example");
        world.profile.origin =
            Origin::new(&format!("office-{seed}.example/log")).expect("an origin");
        world.signed_profile()
    };
    (0..64).for_each(|seed| device.pin_kept(&authority(seed)).expect("room"));
    let failure = device.pin_kept(&authority(64)).expect_err("one too many");
    assert_eq!(failure.code, Code::RefusedLog, "{}", failure.detail);
    device.pin_kept(&authority(63)).expect("one that is followed");
    assert_eq!(device.followed(), 64);
}
