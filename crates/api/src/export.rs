//! The programme as one JSON document: what is known now, and the whole log it was folded from.
//! It holds no tokens, no kubeconfigs and no paths of this machine.

use crate::app::App;
use crate::clock::rfc3339;
use crate::dto::service::{DependencyView, ServiceRequest, ServiceView};
use crate::dto::session::Nothing;
use crate::dto::settings::SettingsView;
use crate::error::{ApiError, Code};
use serde::Serialize;
use serde_json::Value;

/// Version of the document.
pub const FORMAT: u32 = 1;

/// One line of the log.
#[derive(Debug, Clone, Serialize)]
pub struct LogLine {
    /// The device that wrote it.
    pub device: String,
    /// The batch.
    pub batch: Value,
}

/// The document.
#[derive(Debug, Clone, Serialize)]
pub struct Export {
    /// Version of the document.
    pub format: u32,
    /// When it was written.
    pub exported_at: String,
    /// Settings, people, environments.
    pub programme: SettingsView,
    /// Every node, whole.
    pub services: Vec<ServiceView>,
    /// Every dependency once.
    pub dependencies: Vec<DependencyView>,
    /// Hash of the folded registers.
    pub state_hash: String,
    /// The log in order of its clock.
    pub log: Vec<LogLine>,
}

impl App {
    /// Everything, as one document.
    pub async fn export(&self) -> Result<Export, ApiError> {
        let programme = self.settings(Nothing {}).await?;
        let mut services = Vec::new();
        let mut dependencies = Vec::new();
        for row in self.services(Nothing {}).await?.rows {
            let view = self.service(ServiceRequest { service: row.id }).await?;
            dependencies.extend(view.dependencies.iter().cloned());
            services.push(view);
        }
        let log = self
            .store
            .log()
            .await?
            .into_iter()
            .map(|(device, line)| {
                let batch = serde_json::from_slice(&line).map_err(|error| {
                    ApiError::new(Code::WorkspaceDamaged, "A line of the log is not JSON.")
                        .with("detail", error)
                })?;
                Ok(LogLine { device: device.to_hex(), batch })
            })
            .collect::<Result<Vec<_>, ApiError>>()?;
        Ok(Export {
            format: FORMAT,
            exported_at: rfc3339(self.clock.now()),
            programme,
            services,
            dependencies,
            state_hash: self.store.state_hash().await?,
            log,
        })
    }
}
