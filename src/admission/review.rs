//! AdmissionReview v1 as it travels. Objects stay plain JSON: unknown fields are kept and no type can refuse them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ballast::without_managed_fields;

const API_VERSION: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";

/// Why a body is no review; the status is what the API server is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReviewError {
    /// The body is no JSON, or nests too deep.
    #[error("the body is not an AdmissionReview in JSON")]
    NotJson,
    /// Some other object, or a version that is not spoken here.
    #[error("the body is not an AdmissionReview of admission.k8s.io/v1")]
    OtherKind,
    /// A review that asks nothing.
    #[error("the AdmissionReview holds no request")]
    NoRequest,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default, rename = "apiVersion")]
    api_version: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    request: Option<Request>,
}

/// What the API server asks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Request {
    /// Echoed in the answer.
    pub uid: String,
    /// Kind of the object.
    pub kind: GroupVersionKind,
    /// Resource that was written to.
    pub resource: GroupVersionResource,
    /// `scale`, `exec`, …
    #[serde(rename = "subResource")]
    pub sub_resource: Option<String>,
    /// Name; empty where the API server still has to make one.
    pub name: String,
    /// Namespace; empty for objects of the cluster.
    pub namespace: String,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT`.
    pub operation: String,
    /// Who asks.
    #[serde(rename = "userInfo")]
    pub user: User,
    /// The object as it will be, without its managed fields; null on DELETE.
    #[serde(deserialize_with = "without_managed_fields")]
    pub object: Value,
    /// Likewise as it is; null on CREATE.
    #[serde(rename = "oldObject", deserialize_with = "without_managed_fields")]
    pub old_object: Value,
    /// Nothing will be stored.
    #[serde(rename = "dryRun")]
    pub dry_run: bool,
}

/// Group, version and kind.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct GroupVersionKind {
    /// Empty for the core group.
    pub group: String,
    /// `v1`
    pub version: String,
    /// `StatefulSet`
    pub kind: String,
}

/// Group, version and resource.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct GroupVersionResource {
    /// Empty for the core group.
    pub group: String,
    /// `statefulsets`
    pub resource: String,
}

/// Who asks.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct User {
    /// Groups of the user.
    pub groups: Vec<String>,
}

/// What the API server is told.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// Why not; none = allowed.
    pub denied: Option<Denial>,
    /// One line each.
    pub warnings: Vec<String>,
    /// For the audit log of the API server.
    pub annotations: Map<String, Value>,
}

/// A refusal.
#[derive(Clone, Debug, PartialEq)]
pub struct Denial {
    /// What the user reads.
    pub message: String,
    /// One entry a finding, for machines.
    pub causes: Vec<Cause>,
}

/// One cause, as `status.details.causes` has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cause {
    /// Id of the rule.
    pub reason: String,
    /// What is wrong.
    pub message: String,
    /// Path in the object.
    pub field: String,
}

/// Reads a body. Nothing of it is ever repeated in the error.
pub fn read(body: &[u8]) -> Result<Request, ReviewError> {
    let envelope: Envelope = serde_json::from_slice(body).map_err(|_| ReviewError::NotJson)?;
    if envelope.api_version != API_VERSION || envelope.kind != KIND {
        return Err(ReviewError::OtherKind);
    }
    envelope.request.filter(|request| !request.uid.is_empty()).ok_or(ReviewError::NoRequest)
}

/// The answer as it travels.
pub fn write(uid: &str, answer: &Answer) -> Value {
    let mut response = Map::new();
    response.insert("uid".to_owned(), uid.into());
    response.insert("allowed".to_owned(), answer.denied.is_none().into());
    if let Some(denial) = &answer.denied {
        response.insert(
            "status".to_owned(),
            serde_json::json!({"status": "Failure", "code": 403, "reason": "Forbidden", "message": denial.message,
                "details": {"causes": denial.causes}}),
        );
    }
    if !answer.warnings.is_empty() {
        response.insert("warnings".to_owned(), answer.warnings.clone().into());
    }
    if !answer.annotations.is_empty() {
        response.insert("auditAnnotations".to_owned(), answer.annotations.clone().into());
    }
    serde_json::json!({"apiVersion": API_VERSION, "kind": KIND, "response": response})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_review_is_told_without_repeating_it() {
        assert_eq!(read(b"api_key: hunter2").unwrap_err(), ReviewError::NotJson);
        assert_eq!(read(b"{\"kind\": \"Pod\"}").unwrap_err(), ReviewError::OtherKind);
        let other =
            br#"{"apiVersion": "admission.k8s.io/v1beta1", "kind": "AdmissionReview", "request": {"uid": "1"}}"#;
        assert_eq!(read(other).unwrap_err(), ReviewError::OtherKind);
        let empty = br#"{"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview"}"#;
        assert_eq!(read(empty).unwrap_err(), ReviewError::NoRequest);
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert_eq!(read(deep.as_bytes()).unwrap_err(), ReviewError::NotJson);
    }

    #[test]
    fn an_answer_echoes_the_uid_and_a_refusal_has_a_code_that_the_api_server_keeps() {
        let denial = Denial { message: "no".to_owned(), causes: Vec::new() };
        let answer = Answer { denied: Some(denial), ..Answer::default() };
        let written = write("u-1", &answer);
        assert_eq!(written["response"]["uid"], "u-1");
        assert_eq!(written["response"]["allowed"], false);
        assert_eq!(written["response"]["status"]["code"], 403);
        assert!(write("u", &Answer::default())["response"].get("status").is_none());
    }
}
