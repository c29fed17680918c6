//! The description and the routes say the same.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::Value;

use super::harness::{Answer, World};
use super::page::page;

const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "options", "trace"];

fn description() -> Value {
    serde_json::from_str(noren_server::OPENAPI).unwrap()
}

/// Every documented path with its methods.
fn operations(description: &Value) -> Vec<(String, String, Value)> {
    let paths = description["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap().iter();
        methods.map(|(method, operation)| (method.clone(), path.clone(), operation.clone()))
    });
    operations.collect()
}

/// The files of the page, whose names stand in its table and in no route.
const FILE: &str = "/{file}";

/// Whether a path fits a template; `{path}` and `{file}` take the rest, every other name one segment.
fn fits(template: &str, path: &str) -> bool {
    if let Some(prefix) = template.strip_suffix("{path}").or(template.strip_suffix("{file}")) {
        return path.len() > prefix.len() && path.starts_with(prefix);
    }
    let (expected, found): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    expected.len() == found.len()
        && expected.iter().zip(&found).all(|(e, f)| (e.starts_with('{') && !f.is_empty()) || e == f)
}

/// Holds an answer against the description. [API-17]
pub(crate) fn assert_documented(method: &str, path: &str, answer: &Answer) {
    let description = description();
    let method = method.to_lowercase().replace("head", "get");
    let (files, routed): (Vec<_>, Vec<_>) = operations(&description)
        .into_iter()
        .filter(|(_, template, _)| fits(template, path))
        .partition(|(_, template, _)| template == FILE);
    let fitting = if routed.is_empty() { files } else { routed };
    let what = format!("{method} {path} -> {}", answer.status);
    if !path.starts_with('/') {
        // [API-26] No path at all.
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{what}");
        return;
    }
    if fitting.is_empty() {
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{what}");
        return;
    }
    let is_file = fitting.iter().all(|(_, template, _)| template == FILE);
    let Some((_, _, operation)) = fitting.iter().find(|(known, _, _)| *known == method) else {
        // A name that no file of the page has is one that nothing has.
        if is_file && answer.status == StatusCode::NOT_FOUND {
            return;
        }
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{what}");
        return;
    };
    let mut response = &operation["responses"][answer.status.as_str()];
    assert!(response.is_object(), "not documented: {what}");
    if let Some(reference) = response["$ref"].as_str() {
        response = description.pointer(reference.trim_start_matches('#')).unwrap();
    }
    let media = answer.header("content-type");
    match response["content"].as_object() {
        Some(content) => assert!(content.contains_key(media), "media type {media}: {what}"),
        None => assert!(answer.body.is_empty(), "an undocumented body: {what}"),
    }
}

/// The routes of the table in `src/app.rs`, read from its text: method and path.
fn routes() -> Vec<(String, String)> {
    let source = include_str!("../../../src/app.rs");
    let table = source.split("pub fn ops_app").next().unwrap();
    // The page's files are what is looked for where no route is.
    assert!(table.contains(".fallback(page::file)"));
    let mut routes = vec![("get".to_owned(), FILE.to_owned())];
    for line in table.split(".route(").skip(1) {
        let path = line.split('"').nth(1).unwrap().replace("{*", "{");
        let handlers = line.split('"').nth(2).unwrap().lines().next().unwrap();
        for method in METHODS {
            if handlers.contains(&format!(" {method}("))
                || handlers.contains(&format!(".{method}("))
            {
                routes.push((method.to_owned(), path.clone()));
            }
        }
    }
    routes
}

#[test]
fn every_route_is_documented_and_nothing_else_is() {
    // [API-17]
    let mut routes = routes();
    let mut documented: Vec<_> =
        operations(&description()).into_iter().map(|(method, path, _)| (method, path)).collect();
    routes.sort();
    documented.sort();
    assert!(routes.len() >= 13, "{routes:?}");
    assert_eq!(routes, documented);
}

#[tokio::test]
async fn every_documented_operation_is_answered_and_every_other_method_is_not() {
    // [API-17]
    let page = page();
    let mut world = World::with(|config| config.page.folder = Some(page.path().to_owned())).await;
    world.publish(vec![b"entry".to_vec()]).await;
    let description = description();
    let documented = operations(&description);
    for (_, template, _) in &documented {
        let path = template.replace("{path}", "entries/000.p/1").replace("{id}", &"0".repeat(32));
        let path = path.replace("{code_hash}", &"0".repeat(64)).replace("{file}", "index.html");
        let path = path.replace("{day}", "2023-11-15");
        for method in METHODS {
            let known = documented.iter().any(|(m, t, _)| m == method && t == template);
            let request = Request::builder().method(method.to_uppercase().as_str()).uri(&path);
            let answer = world.send(request.body(Body::empty()).unwrap()).await;
            let refused = answer.status == StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(refused, !known, "{method} {path}");
            assert!(answer.status != StatusCode::NOT_FOUND, "{method} {path}");
            assert!(!answer.status.is_server_error(), "{method} {path}");
        }
    }
}

#[tokio::test]
async fn the_description_is_served_and_refers_to_nothing_that_is_missing() {
    // [API-17]
    let world = World::new().await;
    let answer = world.get("/openapi.json").await;
    assert_eq!(answer.status, StatusCode::OK);
    let description = answer.json();
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let mut waiting = vec![&description];
    let mut references = 0;
    while let Some(value) = waiting.pop() {
        match value {
            Value::Object(map) => {
                if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
                    references += 1;
                    let pointer = reference.trim_start_matches('#');
                    assert!(description.pointer(pointer).is_some(), "{reference}");
                }
                waiting.extend(map.values());
            }
            Value::Array(list) => waiting.extend(list),
            _ => {}
        }
    }
    assert!(references > 20);
}
