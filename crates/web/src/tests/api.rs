//! The JSON API: what it answers is what its description says.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use chrono::TimeDelta;
use diembao_news::Severity;
use diembao_store::{ApiToken, Role};
use serde_json::{Value, json};

use super::support::{Browser, Desk, Got};
use crate::api::DESCRIPTION;
use crate::rights;
use crate::routes::ROUTES;

async fn token(desk: &Desk, role: Role, scopes: &[&str]) -> String {
    let name = format!("may-{}", role.as_str());
    desk.user(&name, role).await;
    let now = desk.console.p.clock.now();
    let (token, kept) = diembao_pipeline::new_token().unwrap();
    let row = ApiToken {
        token: kept,
        user: name,
        label: "thử".into(),
        scopes: scopes.iter().map(|s| (*s).to_owned()).collect(),
        created_at: now,
        expires_at: now + TimeDelta::days(1),
        revoked_at: None,
    };
    desk.console.p.store.add_token(&row).await.unwrap();
    token
}

async fn call(desk: &Desk, token: &str, (method, path): (&str, &str), body: Option<Value>) -> (Got, Value) {
    let request = Browser::default().request(method, path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = match body {
        Some(body) => request.header(header::CONTENT_TYPE, "application/json").body(Body::from(body.to_string())),
        None => request.body(Body::empty()),
    };
    let got = desk.ask(request.unwrap()).await;
    let value = serde_json::from_str(&got.body).unwrap_or(Value::Null);
    (got, value)
}

/// What differs between a value and its schema: types, required keys, lists, references.
fn differs(doc: &Value, schema: &Value, value: &Value, at: &str) -> Vec<String> {
    if let Some(name) = schema["$ref"].as_str() {
        return differs(doc, doc.pointer(name.trim_start_matches('#')).unwrap(), value, at);
    }
    let is = |kind: &str| match kind {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    };
    let mut found = Vec::new();
    let kinds: Vec<&str> = match &schema["type"] {
        Value::String(kind) => vec![kind],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.iter().any(|k| is(k)) {
        found.push(format!("{at}: {value} is none of {kinds:?}"));
    }
    if schema["enum"].as_array().is_some_and(|all| !all.contains(value)) {
        found.push(format!("{at}: {value} is none of {}", schema["enum"]));
    }
    for key in schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        if value.is_object() && value.get(key).is_none() {
            found.push(format!("{at}: {key} is missing"));
        }
    }
    if let (Some(properties), Some(object)) = (schema["properties"].as_object(), value.as_object()) {
        for (key, value) in object {
            match properties.get(key) {
                Some(schema) => found.extend(differs(doc, schema, value, &format!("{at}.{key}"))),
                None => found.push(format!("{at}: {key} is not described")),
            }
        }
    }
    for item in value.as_array().into_iter().flatten().filter(|_| schema.get("items").is_some()) {
        found.extend(differs(doc, &schema["items"], item, &format!("{at}[]")));
    }
    found
}

#[test]
fn the_description_names_every_address_with_its_scope() {
    let doc: Value = serde_json::from_str(DESCRIPTION).unwrap();
    let mut described: Vec<String> = Vec::new();
    for (path, operations) in doc["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            described.push(format!("{} {path} {}", method.to_uppercase(), operation["x-scope"].as_str().unwrap()));
        }
    }
    let api = ROUTES.iter().filter(|r| r.path.starts_with("/api/v1"));
    let mut served: Vec<String> = api.map(|r| format!("{} {} {}", r.method, r.path, rights::scope(r.needs))).collect();
    described.sort();
    served.sort();
    assert_eq!(described, served);
}

#[tokio::test]
async fn every_answer_is_as_described() {
    let desk = Desk::new().await;
    let id = desk.case("Sự cố ở bệnh viện A", Severity::Red).await;
    let story = desk.console.p.store.case(id).await.unwrap().unwrap().0.story;
    desk.console.p.store.save_draft(&draft(&desk), &[]).await.unwrap();
    diembao_pipeline::index(&desk.console.p, &mut diembao_pipeline::RunReport::default()).await.unwrap();
    let token = token(&desk, Role::Officer, &["read", "cases"]).await;
    let doc: Value = serde_json::from_str(DESCRIPTION).unwrap();
    for route in ROUTES.iter().filter(|r| r.path.starts_with("/api/v1") && r.method == Method::GET) {
        let path = route.path.replace("{case}", &id.to_string()).replace("{story}", &story.to_string());
        let path = path.replace("{day}", "2026-11-21");
        let (got, value) = call(&desk, &token, ("GET", &path), None).await;
        assert_eq!(got.status, StatusCode::OK, "{path}: {}", got.body);
        let operation = &doc["paths"][route.path]["get"];
        let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
        assert_eq!(differs(&doc, schema, &value, route.path), Vec::<String>::new());
    }
    let (_, found) = call(&desk, &token, ("GET", "/api/v1/search?q=b%E1%BB%87nh%20vi%E1%BB%87n"), None).await;
    assert_eq!(found["total"], 1, "{found}");
}

fn draft(desk: &Desk) -> diembao_news::Edition {
    let now = desk.console.p.clock.now();
    diembao_news::Edition {
        id: diembao_pipeline::today(now),
        state: diembao_news::EditionState::Draft,
        from: now - TimeDelta::days(1),
        to: now,
        frozen_at: None,
    }
}

#[tokio::test]
async fn a_program_acts_within_its_scope_and_version() {
    let desk = Desk::new().await;
    let id = desk.case("Sự cố", Severity::Red).await;
    let path = format!("/api/v1/cases/{id}/events");
    let reader = token(&desk, Role::Officer, &["read"]).await;
    let version: i64 = desk.version(id).await.parse().unwrap();
    let body = json!({"version": version, "do": "ack", "note": "máy"});
    let (got, _) = call(&desk, &reader, ("POST", &path), Some(body.clone())).await;
    assert_eq!(got.status, StatusCode::FORBIDDEN);
    let worker = token(&desk, Role::Admin, &["cases"]).await;
    let (got, case) = call(&desk, &worker, ("POST", &path), Some(body.clone())).await;
    assert_eq!((got.status, &case["state"]), (StatusCode::OK, &json!("acknowledged")));
    let (got, problem) = call(&desk, &worker, ("POST", &path), Some(json!({"version": version, "do": "verify"}))).await;
    assert_eq!((got.status, got.header("content-type")), (StatusCode::CONFLICT, "application/problem+json"));
    assert!(problem["detail"].as_str().unwrap().contains(&format!("Phiên bản {version} đã cũ")));
    for body in [json!({"version": 2}), json!({"version": 2, "do": "fly"}), json!([1]), json!("x")] {
        let (got, problem) = call(&desk, &worker, ("POST", &path), Some(body.clone())).await;
        assert_eq!(got.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(problem["status"], 422, "{body}");
    }
    let (got, problem) = call(&desk, "khong-co", ("GET", "/api/v1/cases"), None).await;
    assert_eq!((got.status, got.header("www-authenticate")), (StatusCode::UNAUTHORIZED, "Bearer"));
    assert_eq!(problem["status"], 401);
    assert_eq!(call(&desk, &reader, ("GET", "/api/v1/nowhere"), None).await.0.status, StatusCode::NOT_FOUND);
    let (got, _) = call(&desk, &reader, ("DELETE", "/api/v1/cases"), None).await;
    assert_eq!((got.status, got.header("allow")), (StatusCode::METHOD_NOT_ALLOWED, "GET,HEAD"));
}
