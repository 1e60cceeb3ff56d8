//! The schema of a workspace file: the embedded migrations, and the numbers by which a file is
//! recognised. Its binary writes an empty file of the schema, against which the queries of `store`
//! are checked at compile time (`cargo xtask queries`).

use sqlx::migrate::Migrator;

/// The migrations. They only add; applied ones are frozen by their checksums.
pub static MIGRATOR: Migrator = sqlx::migrate!("../../migrations");

/// `PLTG`: marks our files in the header of the database.
pub const APPLICATION_ID: i32 = 0x504C_5447;

/// Oldest version of this schema that may write a file we wrote.
pub const USER_VERSION: i32 = 2;
