//! Why a store rejects this server, and which setting to correct. `serve` and `doctor` print the same text.

use crate::platform::config::S3Config;

/// The store's response to a request that failed.
#[derive(Debug, Clone, Copy)]
pub struct Rejection<'a> {
    /// `None` if there was no response.
    pub status: Option<u16>,
    /// The store's own code, such as `NoSuchBucket`, or empty.
    pub code: &'a str,
    /// The error with its causes. Contains no URL, because that of an upload is signed.
    pub detail: &'a str,
}

/// Returns what is wrong and what to do. Names the variable at fault.
pub fn remedy(config: &S3Config, rejection: Rejection<'_>) -> String {
    let S3Config { bucket, endpoint, region, .. } = config;
    match (rejection.code, rejection.status) {
        ("NoSuchBucket", _) | ("", Some(404)) => {
            format!("S3_BUCKET: the bucket {bucket:?} does not exist at {endpoint}. Create it or correct the name.")
        }
        ("InvalidAccessKeyId", _) => "S3_ACCESS_KEY_ID: the store does not recognize this key. Correct it.".to_owned(),
        ("SignatureDoesNotMatch", _) => {
            "S3_SECRET_ACCESS_KEY: the store rejects the signature. Correct it, and check S3_REGION.".to_owned()
        }
        ("RequestTimeTooSkewed", _) => {
            "The clocks of this machine and the store differ too much. Synchronize this machine's clock with NTP."
                .to_owned()
        }
        (
            "AuthorizationHeaderMalformed"
            | "AuthorizationQueryParametersError"
            | "PermanentRedirect"
            | "InvalidRegion",
            _,
        )
        | (_, Some(301 | 307)) => format!(
            "S3_REGION={region:?} is not the region of the bucket {bucket:?}. Set it to the region that the store \
             shows; for R2, use auto."
        ),
        (_, Some(401 | 403)) => format!(
            "S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY don't give enough access to the bucket {bucket:?} (S3_BUCKET). \
             Correct them, or allow this key to read, write and delete there."
        ),
        (code, Some(status)) => format!(
            "S3_ENDPOINT: {endpoint} answered {status} {code}. Check S3_ENDPOINT, S3_REGION and the keys, or wait until \
             the store works again."
        ),
        (_, None) if rejection.detail.contains("UnknownIssuer") => format!(
            "S3_ENDPOINT: the certificate of {endpoint} is signed by a private CA (UnknownIssuer). Set SSL_CERT_FILE to \
             the CA's certificate as PEM. Browsers must trust that CA too."
        ),
        (_, None) => {
            format!("S3_ENDPOINT: {endpoint} cannot be reached ({}). Correct it, or start the store.", rejection.detail)
        }
    }
}
