//! What a server proves before it starts, and what it refuses.

use noren_server::{Clock, Config, Server, ServerError};

use super::harness::{START, World, opened};
use crate::authority::{Authority, entry};

async fn opens(config: &Config) -> Result<(), ServerError> {
    opened(config, Clock::system).await.map(drop)
}

#[tokio::test]
async fn without_a_profile_there_is_nothing_to_serve() {
    // [API-11]
    let data = tempfile::tempdir().unwrap();
    let mut config = Config { data: data.path().join("data"), ..Config::default() };
    let error = opens(&config).await.unwrap_err();
    assert!(matches!(error, ServerError::NoAuthority));
    assert!(error.to_string().contains("--authority"));
    config.authority = Some(data.path().join("missing"));
    assert!(matches!(opens(&config).await, Err(ServerError::ProfileUnreadable { .. })));
    std::fs::write(data.path().join("missing"), "nonsense").unwrap();
    assert!(matches!(opens(&config).await, Err(ServerError::Profile(_))));
}

#[tokio::test]
async fn the_first_profile_pins_the_keys() {
    // [API-7]
    let world = World::new().await;
    let mut config = world.config.clone();
    let given = config.authority.take().unwrap();
    let data = world.data.path().to_owned();
    let second = data.join("second");
    std::fs::write(&second, Authority::new(2).profile(START + 1).as_bytes()).unwrap();
    assert!(matches!(opens(&config).await, Err(ServerError::Folder(_))), "the folder is in use");
    let _keep = world.stop().await;
    opens(&config).await.unwrap();
    config.authority = Some(second.clone());
    assert!(matches!(opens(&config).await, Err(ServerError::OtherAuthority(_))));
    std::fs::write(&second, Authority::new(1).profile(START + 1).as_bytes()).unwrap();
    opens(&config).await.unwrap();
    config.authority = Some(given);
    opens(&config).await.unwrap();
    config.authority = None;
    let state = opened(&config, Clock::system).await.unwrap();
    assert_eq!(state.published.profile().profile().issued.get(), START + 1);
}

#[tokio::test]
async fn damaged_tiles_are_made_again_from_the_entries() {
    // [API-20]
    for (file, length) in [("tile/0/001.p/44", 44 * 32), ("tile/1/000.p/1", 32)] {
        for how in [|bytes: &mut Vec<u8>| bytes[5] ^= 1, |bytes: &mut Vec<u8>| bytes.truncate(10)] {
            let mut world = World::new().await;
            world.publish((0..300).map(entry).collect()).await;
            let config = world.config.clone();
            let _keep = world.stop().await;
            let path = config.data.join("public").join(file);
            let good = std::fs::read(&path).unwrap();
            assert_eq!(good.len(), length);
            let mut bad = good.clone();
            how(&mut bad);
            std::fs::write(&path, bad).unwrap();
            let state = opened(&config, Clock::system).await.unwrap();
            let served = state.published.tile(file.parse().unwrap()).await.unwrap().unwrap();
            assert!(served.bytes == good, "{file}");
        }
    }
}

#[tokio::test]
async fn the_long_check_finds_what_the_start_does_not_read() {
    // [API-11]
    let mut world = World::new().await;
    world.publish((0..300).map(entry).collect()).await;
    for file in ["tile/entries/000", "tile/0/000"] {
        let path = world.config.data.join("public").join(file);
        let good = std::fs::read(&path).unwrap();
        let mut bad = good.clone();
        bad[100] ^= 1;
        std::fs::write(&path, bad).unwrap();
        assert!(world.state.published.check().await.is_err(), "{file}");
        std::fs::write(&path, good).unwrap();
    }
    assert_eq!(world.state.published.check().await.unwrap(), 300);
}

#[tokio::test]
async fn tiles_without_a_checkpoint_are_not_whole() {
    // [API-15] [API-29]
    let mut world = World::new().await;
    world.publish(vec![entry(0)]).await;
    let world = world
        .restart_after(|data| std::fs::remove_file(data.join("public/checkpoint")).unwrap())
        .await;
    let refused = world.state.published.check().await.unwrap_err();
    assert!(refused.to_string().contains("checkpoint is damaged or missing"), "{refused}");
}

#[tokio::test]
async fn an_address_that_is_taken_is_an_error() {
    // [API-15]
    let data = tempfile::tempdir().unwrap();
    let profile = data.path().join("profile");
    std::fs::write(&profile, Authority::new(1).profile(START).as_bytes()).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = Config { data: data.path().join("data"), ..Config::default() };
    config.authority = Some(profile);
    config.listen = taken.local_addr().unwrap();
    config.ops_listen.set_port(0);
    assert!(matches!(Server::bind(config).await, Err(ServerError::Listen { .. })));
}
