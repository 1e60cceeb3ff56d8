//! Writes an empty workspace schema to the path given: `pilotage-schema FILE`.

use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: pilotage-schema FILE")?;
    let options = SqliteConnectOptions::new().filename(path).create_if_missing(true);
    let mut connection = options.connect().await?;
    pilotage_schema::MIGRATOR.run(&mut connection).await?;
    Ok(())
}
