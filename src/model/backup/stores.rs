//! Where backups are kept, as far as uploads, buckets and the server's configuration tell.

use crate::model::facts::backup::Backup;
use crate::model::facts::cluster::Location;
use crate::model::platform::Region;
use crate::model::tracked::Tracked;

/// Places of the object stores that backups go to.
pub(super) fn stores(backup: &Backup) -> Vec<Tracked<Location>> {
    let mut found = Vec::new();
    for job in &backup.jobs {
        for upload in &job.value.uploads {
            of_upload(&job.value.object, upload, &mut found);
        }
    }
    for bucket in &backup.buckets {
        let Some(region) = &bucket.value.region else { continue };
        let place = match bucket.value.cloud.as_deref() {
            Some("aws") => Region::in_cloud("aws", &region.value),
            Some("azure") => Region::in_cloud("azure", &region.value.replace(' ', "")),
            _ => Region::in_cloud("gcp", &region.value),
        };
        found.push(location("bucket", &bucket.value.object, place, region));
    }
    if let Some(native) = backup.native.as_ref().filter(|native| native.value.storage == "s3") {
        of_store(
            "the server's snapshot storage",
            native.value.endpoint.as_ref(),
            native.value.region.as_ref(),
            &mut found,
        );
    }
    found
}

fn of_upload(object: &str, upload: &Tracked<crate::model::facts::backup::Upload>, found: &mut Vec<Tracked<Location>>) {
    of_store(object, upload.value.endpoint.as_ref(), upload.value.region.as_ref(), found);
    if let Some(region) = upload.value.kms_key.as_deref().and_then(Region::of_key) {
        found.push(location("key", object, region, upload));
    }
}

/// The host of an endpoint decides; a region counts where the store is Amazon's own.
fn of_store(
    object: &str,
    endpoint: Option<&Tracked<String>>,
    region: Option<&Tracked<String>>,
    found: &mut Vec<Tracked<Location>>,
) {
    let of_host = endpoint
        .and_then(|endpoint| Some((Region::of_host(crate::model::peer_address::host_of(&endpoint.value))?, endpoint)));
    if let Some((place, endpoint)) = of_host {
        found.push(location("endpoint", object, place, endpoint));
        return;
    }
    let amazon = endpoint.is_none_or(|endpoint| endpoint.value.contains("amazonaws.com"));
    if let Some(region) = region.filter(|_| amazon) {
        found.push(location("bucket", object, Region::in_cloud("aws", &region.value), region));
    }
}

fn location<T>(what: &str, object: &str, region: Region, at: &Tracked<T>) -> Tracked<Location> {
    let value = Location {
        what: what.to_owned(),
        object: object.to_owned(),
        cloud: region.cloud.map(str::to_owned),
        region: region.id,
        country: region.country.map(str::to_owned),
        strength: "strong".to_owned(),
    };
    Tracked { value, origin: at.origin }
}
