//! A dropped folder, read recursively by the browser's File and Directory Entries API.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransferItem, File};

/// Maximum number of files of one folder. More must be sent as a zip.
const FILES_MAX: usize = 500;
/// Files that operating systems create in folders.
const NOT_SENT: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];
const UNREADABLE: &str = "This browser can't read folders. Attach the files, or a zip.";

pub struct Folder(JsValue);

impl Folder {
    /// Returns the folder of a dropped item. `None` for a file. Works only during the drop event.
    pub fn of(item: &DataTransferItem) -> Option<Self> {
        let entry = call(item, "webkitGetAsEntry", &[]).ok()?;
        is_folder(&entry).then_some(Self(entry))
    }

    pub fn name(&self) -> String {
        name(&self.0)
    }

    /// Returns all files in it and in the folders below, by name, or why they can't be sent.
    pub async fn files(self) -> Result<Vec<File>, String> {
        let mut files = Vec::new();
        let mut left = vec![self.0];
        while let Some(entry) = left.pop() {
            if !is_folder(&entry) {
                files.push(file(&entry).await.ok_or(UNREADABLE)?);
                if files.len() > FILES_MAX {
                    return Err(format!("It has more than {FILES_MAX} files. Attach a zip instead."));
                }
                continue;
            }
            let mut inside = entries(&entry).await.ok_or(UNREADABLE)?;
            inside.retain(|entry| !NOT_SENT.contains(&name(entry).as_str()));
            // The last is processed first.
            inside.sort_by_key(|entry| std::cmp::Reverse(name(entry)));
            left.extend(inside);
        }
        Ok(files)
    }
}

fn call(object: &JsValue, method: &str, arguments: &[JsValue]) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    Reflect::apply(&method, object, &arguments.iter().collect::<Array>())
}

fn is_folder(entry: &JsValue) -> bool {
    Reflect::get(entry, &"isDirectory".into()).is_ok_and(|is_folder| is_folder.is_truthy())
}

fn name(entry: &JsValue) -> String {
    Reflect::get(entry, &"name".into()).ok().and_then(|name| name.as_string()).unwrap_or_default()
}

/// Calls a method that takes two callbacks.
async fn ask(object: &JsValue, method: &str) -> Option<JsValue> {
    let promise = Promise::new(&mut |resolve, reject| {
        if let Err(error) = call(object, method, &[resolve.into(), reject.clone().into()]) {
            let _ = reject.call1(&JsValue::UNDEFINED, &error);
        }
    });
    JsFuture::from(promise).await.ok()
}

async fn file(entry: &JsValue) -> Option<File> {
    ask(entry, "file").await?.dyn_into().ok()
}

/// Returns the entries of a folder. The browser returns them in batches.
async fn entries(folder: &JsValue) -> Option<Vec<JsValue>> {
    let reader = call(folder, "createReader", &[]).ok()?;
    let mut all = Vec::new();
    loop {
        let piece: Array = ask(&reader, "readEntries").await?.dyn_into().ok()?;
        if piece.length() == 0 {
            return Some(all);
        }
        all.extend(piece.iter());
    }
}
