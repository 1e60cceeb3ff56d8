//! Reads of who did what.

use crate::app::App;
use crate::dto::session::Nothing;
use crate::dto::skills::{ExecutionsRequest, ExecutionsView, SkillsView};
use crate::error::ApiError;

pub(crate) async fn skills(app: &App, _: Nothing) -> Result<SkillsView, ApiError> {
    crate::skills::view(app).await
}

pub(crate) async fn executions(
    app: &App,
    request: ExecutionsRequest,
) -> Result<ExecutionsView, ApiError> {
    crate::skills::executions(app, request).await
}
