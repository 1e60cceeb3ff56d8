//! Whether the Cluster page answers while a large cluster changes: frames, and the time from a key
//! to the frame that shows what it did, in Chromium over the test host.

use super::screen::{call, map_all, programme};
use super::server::{Server, Size};
use super::text;
use pilotage_api::cluster::ClusterSource;
use pilotage_tests::browser::{Browser, Outcome};
use pilotage_tests::{host, place};
use serde_json::{Value, json};
use std::path::Path;
use std::time::Duration;

/// Seconds until the page has settled after it was opened.
const SETTLE: Duration = Duration::from_secs(10);

/// Types into the filter of the page and takes it back, four times a second, and looks at every
/// frame meanwhile.
const MEASURE: &str = "const time = arguments[0] * 1000;\
    const field = document.querySelector('#cluster-filter');\
    if (!field) throw new Error('the page has no search');\
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set;\
    const frames = [], answers = []; const start = performance.now(); let last = start, typed = 0;\
    const type = () => {\
        const at = performance.now(); typed += 1;\
        set.call(field, typed % 2 ? 'workload-1' : '');\
        field.dispatchEvent(new Event('input', { bubbles: true }));\
        requestAnimationFrame(() => setTimeout(() => answers.push(performance.now() - at)));\
    };\
    const keys = setInterval(type, 250);\
    const frame = (at) => {\
        frames.push(at - last); last = at;\
        if (at - start < time) requestAnimationFrame(frame);\
        else { clearInterval(keys); window.measured = { frames, answers }; }\
    };\
    requestAnimationFrame((at) => { last = at; requestAnimationFrame(frame); });";

/// Measures for so many seconds, once while nothing changes and once at `restarts` a second.
pub async fn responsive(folder: &Path, pods: usize, restarts: usize, seconds: u64) -> Outcome<()> {
    for restarts in [0, restarts] {
        let folder = folder.join(format!("page-{restarts}"));
        std::fs::create_dir(&folder).map_err(text)?;
        let mut server = Server::start(&folder, Size { pods, restarts }).await?;
        // What it tells is read, or it would stop once the pipe is full.
        let mut lines = server.lines().ok_or("nobody tells changes")?;
        let telling =
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let app = programme(&folder).await?;
        app.watch_clusters(ClusterSource::Kubeconfigs(Some(vec![server.kubeconfig.clone()])));
        call(&app, "switch_context", json!({ "context": "sim", "on": true })).await?;
        map_all(&app).await?;
        let page = host::serve(app, place::page()).await.map_err(text)?;
        let browser = Browser::chromium(1280, 800).await?;
        let measured = measure(&browser, &page.url("#/cluster"), seconds).await;
        browser.close().await;
        telling.abort();
        let measured = measured?;
        println!(
            "cluster: page at {restarts:>3} changes/s: frames {}; a key is answered in {}",
            spread(&measured["frames"]),
            spread(&measured["answers"])
        );
    }
    Ok(())
}

async fn measure(browser: &Browser, url: &str, seconds: u64) -> Outcome<Value> {
    browser.open(url).await?;
    let search = "return !!document.querySelector('#cluster-filter')";
    browser.until("the search of the page", search, vec![]).await?;
    tokio::time::sleep(SETTLE).await;
    browser.run(MEASURE, vec![json!(seconds)]).await?;
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    browser.until("the end of the measurement", "return !!window.measured", vec![]).await?;
    browser.run("return window.measured", vec![]).await
}

/// Of milliseconds.
fn spread(times: &Value) -> String {
    let mut times: Vec<f64> =
        times.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    let Some(last) = times.len().checked_sub(1) else { return "none".to_owned() };
    format!(
        "p50 {:.0} ms, p95 {:.0} ms, max {:.0} ms ({})",
        times[last / 2],
        times[last * 95 / 100],
        times[last],
        times.len()
    )
}
