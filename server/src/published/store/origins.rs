//! Which web pages may read the bucket: those of every origin, as from a server. [API-43]

use std::io;

use axum::http::{Method, Request, StatusCode, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use object_store::aws::AwsAuthorizer;
use object_store::client::{HttpConnector as _, HttpRequest, HttpRequestBody, ReqwestConnector};
use sha2::{Digest as _, Sha256};

use super::{Store, client, failed};

/// What [API-35] says of the same files at a server. A page that asks for the profile says which one it
/// has, and so a browser asks first.
const RULE: &str = "<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CORSRule>\
    <AllowedOrigin>*</AllowedOrigin><AllowedMethod>GET</AllowedMethod>\
    <AllowedMethod>HEAD</AllowedMethod><AllowedHeader>If-None-Match</AllowedHeader>\
    <ExposeHeader>Date</ExposeHeader><MaxAgeSeconds>86400</MaxAgeSeconds>\
    </CORSRule></CORSConfiguration>";

impl Store {
    /// Has the bucket let pages of every origin read it, unless it has rules already: it may hold other
    /// things as well.
    ///
    /// # Errors
    /// What the bucket said: it may know no such rules, and its keys need not admit this.
    pub(crate) async fn let_pages_read(&self) -> io::Result<()> {
        match self.ask(Method::GET, "").await? {
            StatusCode::OK => return Ok(()),
            StatusCode::NOT_FOUND => {}
            status => return Err(refused(status)),
        }
        match self.ask(Method::PUT, RULE).await? {
            status if status.is_success() => Ok(()),
            status => Err(refused(status)),
        }
    }

    async fn ask(&self, method: Method, body: &str) -> io::Result<StatusCode> {
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}?cors=", self.address))
            .header(header::CONTENT_TYPE, "application/xml")
            // S3 takes no rules without a digest of them.
            .header("x-amz-sdk-checksum-algorithm", "SHA256")
            .header("x-amz-checksum-sha256", BASE64_STANDARD.encode(Sha256::digest(body)))
            .body(HttpRequestBody::from(body.to_owned()))
            .map_err(io::Error::other)?;
        self.sign(&mut request).await?;
        let options = client().with_allow_http(self.address.starts_with("http:"));
        let client = ReqwestConnector::default().connect(&options).map_err(failed)?;
        Ok(client.execute(request).await.map_err(io::Error::other)?.status())
    }

    async fn sign(&self, request: &mut HttpRequest) -> io::Result<()> {
        let credential = self.bucket.credentials().get_credential().await.map_err(failed)?;
        let signer = AwsAuthorizer::new(&credential, "s3", &self.region);
        signer.try_authorize(request, None).map_err(failed)
    }
}

fn refused(status: StatusCode) -> io::Error {
    io::Error::other(format!("the bucket answered {status}"))
}
