//! Where the peers run and what they talk to.

mod endpoints;
mod locations;
mod managed_cloud;
mod region;
mod table;
mod words;

use self::region::Hints;
pub(crate) use self::region::Region;
pub use self::words::Words;
use super::build::Scope;
use super::facts::cluster::Platform;
use super::server::Effective;

/// Regions, endpoints, traces of Qdrant Cloud.
pub fn platform(scope: &Scope<'_>, effective: &Effective) -> Platform {
    let hints = hints(scope);
    Platform {
        locations: locations::locations(scope, effective, &hints),
        endpoints: endpoints::endpoints(scope, effective),
        managed_cloud: managed_cloud::managed_cloud(scope),
    }
}

/// Which clouds the objects speak of.
fn hints(scope: &Scope<'_>) -> Hints {
    let mut clouds = Vec::new();
    for object in &scope.objects {
        for cloud in &object.words.found_in(&object.node).clouds {
            if !clouds.contains(cloud) {
                clouds.push(*cloud);
            }
        }
    }
    Hints { clouds, declared: scope.settings.residency.regions.clone().unwrap_or_default() }
}
