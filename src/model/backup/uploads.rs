//! Uploads to object stores, and what protects the object there.

use super::environment::Environment;
use super::lines::{Filled, Line};
use crate::model::facts::backup::Upload;
use crate::model::peer_address::host_of;
use crate::model::tracked::{Origins, Tracked};
use crate::source::Origin;

/// Uploads of a script.
pub(super) fn uploads(lines: &[Line], environment: &Environment, origins: &Origins) -> Vec<Tracked<Upload>> {
    lines
        .iter()
        .filter_map(|line| {
            let upload = upload(line, environment, origins)?;
            Some(origins.track(upload, &line.origin))
        })
        .collect()
}

fn upload(line: &Line, environment: &Environment, origins: &Origins) -> Option<Upload> {
    let command = Command { line, environment, origins };
    let arguments: Vec<&str> = line.arguments().collect();
    match (line.program(), arguments.as_slice()) {
        ("aws", _) if command.has(&["s3"]) && command.has(&["cp", "sync", "mv"]) => command.aws("s3://"),
        ("aws", _) if command.has(&["s3api"]) && command.has(&["put-object", "create-multipart-upload"]) => {
            command.aws("")
        }
        ("s5cmd" | "s3cmd", _) if command.has(&["cp", "put", "sync", "mv", "pipe"]) => command.aws("s3://"),
        ("gsutil", _) if command.has(&["cp", "rsync", "mv"]) => command.google(),
        ("gcloud", _) if command.has(&["storage"]) && command.has(&["cp", "rsync", "mv"]) => command.google(),
        ("az", ["storage", ..]) if command.has(&["upload", "upload-batch", "sync"]) => command.azure(),
        ("azcopy", _) if command.has(&["copy", "cp", "sync"]) => command.azure(),
        ("rclone", _) if command.has(&["copy", "copyto", "sync", "move", "moveto", "rcat"]) => Some(command.rclone()),
        ("mc", _) if command.has(&["cp", "mirror", "pipe", "put", "mv"]) => Some(command.minio()),
        ("restic", _) if command.has(&["backup"]) => Some(command.restic()),
        _ => None,
    }
}

struct Command<'a> {
    line: &'a Line,
    environment: &'a Environment,
    origins: &'a Origins,
}

impl Command<'_> {
    fn has(&self, words: &[&str]) -> bool {
        self.line.arguments().any(|argument| words.contains(&argument))
    }

    /// The value of an option and where the option begins.
    fn option(&self, names: &[&str]) -> Option<(String, Origin)> {
        let words: &[Filled] = &self.line.words;
        words.iter().enumerate().find_map(|(index, word)| {
            let (name, attached) =
                word.text.split_once('=').map_or((word.text.as_str(), None), |(name, value)| (name, Some(value)));
            if !names.contains(&name) {
                return None;
            }
            let value = attached.map(str::to_owned).or_else(|| Some(words.get(index + 1)?.text.clone()));
            Some((value.unwrap_or_default(), word.origin.clone()))
        })
    }

    fn variable(&self, names: &[&str]) -> Option<(String, Origin)> {
        names.iter().find_map(|name| {
            let (text, origin) = self.environment.text(name)?;
            Some((text.to_owned(), origin.clone()))
        })
    }

    fn track(&self, found: Option<(String, Origin)>) -> Option<Tracked<String>> {
        found.map(|(text, origin)| self.origins.track(text, &origin))
    }

    /// The last word that begins with one of the prefixes, and is no source of a download.
    fn destination(&self, prefix: &str) -> Option<&Filled> {
        self.line.words.iter().rfind(|word| !word.text.starts_with("--")).filter(|word| word.text.starts_with(prefix))
    }

    fn aws(&self, prefix: &str) -> Option<Upload> {
        let bucket = if prefix.is_empty() {
            self.option(&["--bucket"]).map(|(bucket, _)| bucket)
        } else {
            let to = self.line.words.iter().rfind(|word| word.text.starts_with(prefix))?;
            // `aws s3 cp s3://… file` fetches
            let operands: Vec<&Filled> = self.operands();
            if operands.len() >= 2 && operands.last().is_some_and(|last| !last.text.starts_with(prefix)) {
                return None;
            }
            to.text[prefix.len()..].split('/').next().map(str::to_owned)
        };
        let sse = self.flag_or_value(&["--sse", "--server-side-encryption"], "AES256");
        let endpoint = self
            .option(&["--endpoint-url", "--endpoint"])
            .or_else(|| self.variable(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "S3_ENDPOINT_URL"]));
        let region = self
            .option(&["--region"])
            .or_else(|| self.variable(&["AWS_REGION", "AWS_DEFAULT_REGION"]))
            .filter(|(region, _)| !region.contains('$'));
        Some(Upload {
            tool: "aws-s3".to_owned(),
            bucket: bucket.filter(|bucket| !bucket.contains('$') && !bucket.is_empty()),
            endpoint: self.track(endpoint),
            region: self.track(region),
            sse: self.track(sse),
            kms_key: self.option(&["--sse-kms-key-id", "--ssekms-key-id", "--kms-key-id"]).map(|(key, _)| key),
            own_key: self.has(&["--sse-c", "--sse-customer-algorithm"]),
        })
    }

    /// `--sse` may stand alone.
    fn flag_or_value(&self, names: &[&str], alone: &str) -> Option<(String, Origin)> {
        self.option(names).map(|(value, origin)| {
            if value.is_empty() || value.starts_with('-') || value.contains('/') {
                (alone.to_owned(), origin)
            } else {
                (value, origin)
            }
        })
    }

    /// Words that are no options and no values of options.
    fn operands(&self) -> Vec<&Filled> {
        let mut operands = Vec::new();
        let mut words = self.line.words.iter().skip(1).peekable();
        while let Some(word) = words.next() {
            if word.text.starts_with("--") {
                let takes = !word.text.contains('=')
                    && !matches!(
                        word.text.as_str(),
                        "--recursive" | "--quiet" | "--no-progress" | "--only-show-errors" | "--dryrun" | "--delete"
                    );
                if takes
                    && words.peek().is_some_and(|next| !next.text.starts_with("s3://") && !next.text.starts_with('-'))
                {
                    words.next();
                }
                continue;
            }
            operands.push(word);
        }
        operands
    }

    fn google(&self) -> Option<Upload> {
        let to = self.destination("gs://")?;
        let key = self.option(&["--encryption-key", "--kms-key"]).or_else(|| {
            let set = self.option(&["-o"])?;
            set.0.contains("encryption_key").then_some(set)
        });
        Some(Upload {
            tool: "gcs".to_owned(),
            bucket: to.text["gs://".len()..].split('/').next().filter(|name| !name.contains('$')).map(str::to_owned),
            own_key: key.is_some(),
            ..Upload::default()
        })
    }

    fn azure(&self) -> Option<Upload> {
        let scope = self.option(&["--encryption-scope", "--cpk-by-name"]);
        let to = self.line.words.iter().rfind(|word| word.text.contains(".blob."));
        let container = self.option(&["--container-name", "-c", "--destination", "-d"]).map(|(name, _)| name);
        if self.line.program() == "azcopy" && to.is_none() {
            return None;
        }
        Some(Upload {
            tool: "azure-blob".to_owned(),
            bucket: container.filter(|name| !name.contains('$')),
            endpoint: to.map(|to| self.origins.track(host_of(&to.text).to_owned(), &to.origin)),
            own_key: scope.is_some(),
            ..Upload::default()
        })
    }

    fn rclone(&self) -> Upload {
        let configured = |suffix: &str| {
            self.environment.iter().find_map(|(name, variable)| {
                (name.starts_with("RCLONE_") && name.ends_with(suffix))
                    .then(|| Some((variable.text.clone()?, variable.origin.clone())))?
            })
        };
        let sse = self.option(&["--s3-server-side-encryption"]).or_else(|| configured("_SERVER_SIDE_ENCRYPTION"));
        let key = self.option(&["--s3-sse-kms-key-id"]).or_else(|| configured("_SSE_KMS_KEY_ID"));
        let endpoint = self.option(&["--s3-endpoint"]).or_else(|| configured("_ENDPOINT"));
        let region = self.option(&["--s3-region"]).or_else(|| configured("_REGION"));
        let to = self.line.words.iter().rfind(|word| word.text.contains(':') && !word.text.starts_with('-'));
        let crypt = self.environment.iter().any(|(name, variable)| {
            name.starts_with("RCLONE_CONFIG_") && name.ends_with("_TYPE") && variable.text.as_deref() == Some("crypt")
        });
        Upload {
            tool: "rclone".to_owned(),
            bucket: to
                .and_then(|to| to.text.rsplit_once(':')?.1.split('/').find(|part| !part.is_empty()))
                .filter(|name| !name.contains('$'))
                .map(str::to_owned),
            endpoint: self.track(endpoint),
            region: self.track(region),
            sse: self.track(sse),
            kms_key: key.map(|(key, _)| key),
            own_key: crypt,
        }
    }

    fn minio(&self) -> Upload {
        let kms = self.option(&["--enc-kms"]);
        let sse = kms.as_ref().map(|(_, origin)| ("aws:kms".to_owned(), origin.clone())).or_else(|| {
            let (_, origin) = self.option(&["--enc-s3"])?;
            Some(("AES256".to_owned(), origin))
        });
        Upload {
            tool: "mc".to_owned(),
            sse: self.track(sse),
            kms_key: kms.and_then(|(value, _)| Some(value.split_once('=')?.1.to_owned())),
            own_key: self.has(&["--enc-c"]),
            ..Upload::default()
        }
    }

    /// restic encrypts everything before it leaves, with a key behind the user's password.
    fn restic(&self) -> Upload {
        let repository = self.option(&["-r", "--repo"]).or_else(|| self.variable(&["RESTIC_REPOSITORY"]));
        Upload { tool: "restic".to_owned(), endpoint: self.track(repository), own_key: true, ..Upload::default() }
    }
}
