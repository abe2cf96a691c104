//! A real Chromium and the people in front of it: they read words, press buttons by their words,
//! type into fields by their labels. Everything goes through the `DevTools` protocol as real input.

#![expect(unreachable_pub, reason = "shared by the test binaries")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::devtools::{Browser, Tab};

/// What has not shown up by then does not.
const PATIENCE: Duration = Duration::from_secs(180);
const LOOK: Duration = Duration::from_millis(40);

/// Finds what a person means by some words: a button, link or summary that says them, or is labelled so.
const FIND: &str = r##"
(words, within) => {
  const place = within ? document.querySelector(within) : document;
  const shown = (e) => e.getClientRects().length && getComputedStyle(e).visibility !== "hidden";
  const says = (e) => (e.getAttribute("aria-label") ?? e.innerText ?? "").replace(/\s+/g, " ").trim();
  const all = place ? [...place.querySelectorAll("button, a, summary, [role=button]")].filter(shown) : [];
  return all.find((e) => says(e) === words) ?? all.find((e) => says(e).startsWith(words));
}"##;

/// A running Chromium; ends when dropped.
pub struct Chromium(Browser);

impl Chromium {
    /// Starts it; none, saying so, where there is none that runs.
    pub async fn launch() -> Option<Self> {
        let browser = Browser::launch().await;
        if browser.is_none() {
            eprintln!("skipped: there is no chromium in PATH that starts (tests/run installs one)");
        }
        browser.map(Self)
    }

    /// A person with cookies of their own, at a console.
    pub async fn person(&self, console: &str) -> Person {
        let person = Person { tab: self.0.tab().await, console: console.trim_end_matches('/').to_owned() };
        person.screen(1280, 900).await;
        person
    }
}

/// One person's tab.
pub struct Person {
    tab: Tab,
    console: String,
}

impl Person {
    /// Opens an address of the console and waits until it is there.
    pub async fn open(&self, path: &str) {
        let address = Value::from(format!("{}{path}", self.console));
        self.ask(&format!("window.left = true; location.href = {address}; true")).await;
        self.until("!window.left && document.readyState === 'complete'").await;
    }

    /// Signs in through the form.
    pub async fn sign_in(&self, name: &str, password: &str) {
        self.open("/login").await;
        self.fill("Tên đăng nhập", name).await;
        self.fill("Mật khẩu", password).await;
        self.press("Đăng nhập").await;
        self.until("location.pathname !== '/login' && document.readyState === 'complete'").await;
    }

    /// What an expression in the page is; null while the page changes.
    pub async fn ask(&self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true });
        self.tab.ask("Runtime.evaluate", asked).await.map_or(Value::Null, |mut answer| answer["result"]["value"].take())
    }

    /// Waits until an expression in the page holds.
    pub async fn until(&self, expression: &str) {
        let begun = Instant::now();
        while self.ask(&format!("!!({expression})")).await != Value::Bool(true) {
            if begun.elapsed() > PATIENCE {
                let text = self.ask("location.href + '\\n' + document.body.innerText").await;
                panic!("never held: {expression}\n{}", text.as_str().unwrap_or_default());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until the page is there and words can be read on it.
    pub async fn sees(&self, words: &str) {
        let words = Value::from(words);
        self.until(&format!(
            "document.readyState === 'complete' && document.body.innerText.replace(/\\s+/g, ' ').includes({words})"
        ))
        .await;
    }

    /// Whether words can be read on the page now.
    pub async fn reads(&self, words: &str) -> bool {
        let words = Value::from(words);
        self.ask(&format!("document.body.innerText.replace(/\\s+/g, ' ').includes({words})")).await == true
    }

    /// Clicks the button, link or summary that says these words, as a mouse would.
    pub async fn press(&self, words: &str) {
        self.press_in("", words).await;
    }

    /// The same, of those inside what a selector names.
    pub async fn press_in(&self, within: &str, words: &str) {
        let found = format!("({FIND})({}, {})", Value::from(words), Value::from(within));
        self.until(&format!("document.readyState === 'complete' && {found}")).await;
        let at = self.point(&found).await;
        for (kind, buttons) in [("mouseMoved", 0), ("mousePressed", 1), ("mouseReleased", 0)] {
            self.mouse(kind, at, buttons).await;
        }
    }

    /// The middle of an element, brought into view; it must not be covered.
    async fn point(&self, element: &str) -> [f64; 2] {
        let asked = format!(
            "(() => {{ const e = {element}; e.scrollIntoView({{ block: 'center' }}); const r = e.getBoundingClientRect();
             const at = [r.left + r.width / 2, r.top + r.height / 2]; const top = document.elementFromPoint(...at);
             return top && (e.contains(top) || top.contains(e)) ? at : String(top?.outerHTML); }})()"
        );
        let at = self.ask(&asked).await;
        let (Some(x), Some(y)) = (at[0].as_f64(), at[1].as_f64()) else { panic!("{element} is covered by {at}") };
        [x, y]
    }

    /// Puts text into the field with this label.
    pub async fn fill(&self, label: &str, text: &str) {
        self.fill_in("", label, text).await;
    }

    /// The same, of those inside what a selector names.
    pub async fn fill_in(&self, within: &str, label: &str, text: &str) {
        let field = format!(
            "[...(document.querySelector({}) ?? document).querySelectorAll('label')]
             .find((l) => l.innerText.trim() === {} && l.control?.getClientRects().length)?.control",
            Value::from(if within.is_empty() { ":root" } else { within }),
            Value::from(label)
        );
        self.until(&field).await;
        // A date field takes its value whole; whatever can be typed is typed.
        let set = format!(
            "(() => {{ const f = {field}; f.scrollIntoView({{ block: 'center' }}); f.focus();
             if (f.type === 'datetime-local' || f.type === 'date' || f.tagName === 'SELECT') {{ f.value = {}; return 'set'; }}
             f.select(); return 'type'; }})()",
            Value::from(text)
        );
        if self.ask(&set).await == "type" {
            self.type_text(text).await;
        }
    }

    /// Types into what holds the focus.
    pub async fn type_text(&self, text: &str) {
        self.tab.tell("Input.insertText", json!({ "text": text })).await;
    }

    /// Presses a key: `Enter`, `Tab`, `Shift+Tab`, `Alt+ArrowDown`, `g`.
    pub async fn key(&self, chord: &str) {
        let (modifiers, name) = match chord.rsplit_once('+') {
            Some(("Alt", name)) => (1, name),
            Some(("Shift", name)) => (8, name),
            _ => (0, chord),
        };
        let code = match name {
            "Enter" => 13,
            "Tab" => 9,
            "Escape" => 27,
            "ArrowUp" => 38,
            "ArrowDown" => 40,
            " " => 32,
            other => i64::from(other.to_uppercase().as_bytes()[0]),
        };
        let text = match name {
            "Enter" => Some("\r"),
            one if one.len() == 1 => Some(one),
            _ => None,
        };
        let key = json!({ "modifiers": modifiers, "key": name, "windowsVirtualKeyCode": code });
        for (kind, text) in [("keyDown", text), ("keyUp", None)] {
            let mut event = key.clone();
            event["type"] = kind.into();
            if let Some(text) = text {
                event["text"] = text.into();
            }
            self.tab.tell("Input.dispatchKeyEvent", event).await;
        }
    }

    /// Presses Tab until what holds the focus satisfies an expression about `e`.
    pub async fn tab_to(&self, expression: &str) {
        let found = format!("(() => {{ const e = document.activeElement; return !!({expression}); }})()");
        for _ in 0..200 {
            if self.ask(&found).await == true {
                return;
            }
            self.key("Tab").await;
        }
        panic!("Tab never reached {expression}");
    }

    /// Drags the middle of one element onto the top of another.
    pub async fn drag(&self, from: &str, to: &str) {
        let places = format!(
            "(() => {{ const [from, to] = [{}, {}].map((s) => document.querySelector(s));
             to.scrollIntoView({{ block: 'start', behavior: 'instant' }});
             const [f, t] = [from, to].map((e) => e.getBoundingClientRect());
             return [[f.left + f.width / 2, f.top + f.height / 2], [t.left + t.width / 2, t.top + 12]]; }})()",
            Value::from(from),
            Value::from(to)
        );
        let places: [[f64; 2]; 2] = serde_json::from_value(self.ask(&places).await).unwrap();
        let [from, to] = places;
        // The system's part of dragging is taken over: there is no desktop to drag across.
        self.tab.tell("Input.setInterceptDrags", json!({ "enabled": true })).await;
        self.mouse("mouseMoved", from, 0).await;
        self.mouse("mousePressed", from, 1).await;
        for step in [4.0, 12.0, 20.0] {
            self.mouse("mouseMoved", [from[0] + step, from[1] - step], 1).await;
        }
        let begun = Instant::now();
        let dragged = loop {
            assert!(begun.elapsed() < PATIENCE, "the row cannot be dragged");
            if let Some(dragged) = self.tab.dragged() {
                break dragged;
            }
            tokio::time::sleep(LOOK).await;
        };
        for kind in ["dragEnter", "dragOver", "drop"] {
            let event = json!({ "type": kind, "x": to[0], "y": to[1], "data": dragged });
            self.tab.tell("Input.dispatchDragEvent", event).await;
        }
        self.mouse("mouseReleased", to, 0).await;
        self.tab.tell("Input.setInterceptDrags", json!({ "enabled": false })).await;
    }

    async fn mouse(&self, kind: &str, at: [f64; 2], buttons: u8) {
        let button = if kind == "mouseMoved" && buttons == 0 { "none" } else { "left" };
        let event = json!({
            "type": kind, "x": at[0], "y": at[1], "button": button, "buttons": buttons,
            "clickCount": u8::from(kind != "mouseMoved"),
        });
        self.tab.tell("Input.dispatchMouseEvent", event).await;
    }

    /// Gives the screen another size.
    pub async fn screen(&self, width: i64, height: i64) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.tab.tell("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Looks through `dark`, `light` or on `print`.
    pub async fn medium(&self, medium: &str) {
        let kind = if medium == "print" { "print" } else { "screen" };
        let features = json!([{ "name": "prefers-color-scheme", "value": medium }]);
        self.tab.tell("Emulation.setEmulatedMedia", json!({ "media": kind, "features": features })).await;
    }

    /// Switches scripts off for the pages to come.
    pub async fn without_scripts(&self) {
        self.tab.tell("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    }

    /// Keeps a picture of the screen for the guides, where `DIEMBAO_PICTURES` names a folder.
    pub async fn photograph(&self, name: &str) {
        let Some(folder) = std::env::var_os("DIEMBAO_PICTURES") else { return };
        match name {
            "today-telephone" => {}
            "edition" => self.screen(1440, 860).await,
            _ => self.screen(1100, 720).await,
        }
        let picture = self.tab.tell("Page.captureScreenshot", json!({ "format": "png" })).await;
        let png = base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        std::fs::write(PathBuf::from(folder).join(format!("{name}.png")), png).unwrap();
    }
}
