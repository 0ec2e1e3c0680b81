//! Reads a CSV file with contacts: its encoding, its separator, its rows.

use encoding_rs::UTF_8;

use super::columns::{Column, Columns};
use super::model::{ImportRow, LineError, ROWS_MAX};
use crate::people::contacts::model::{NewContact, NewPhone, PHONES_MAX, PhoneNumber};
use crate::platform::csv::unguarded;
use crate::platform::error::{AppError, Result};
use crate::platform::file_types::charset;

const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];
/// Maximum number of columns: Google's files have about 60, and Outlook's about 90.
const COLUMNS_MAX: usize = 500;
/// Added as the last row. If it is part of another cell, the quotation mark of that cell is never closed.
const END: &str = "\u{1}end\u{1}";
/// Between several values in one cell, as Google writes them, and we do.
pub const BETWEEN_VALUES: &str = ":::";

/// A row as it is in the file.
#[derive(Debug)]
pub struct Cells {
    /// Where it begins, counted from 1.
    pub line: u32,
    pub cells: Vec<String>,
}

impl Cells {
    pub fn get(&self, place: usize) -> Option<&str> {
        self.cells.get(place).map(String::as_str)
    }
}

/// The rows of a file.
#[derive(Debug)]
pub struct CsvFile {
    pub rows: Vec<ImportRow>,
    /// Rows that can't be read.
    pub errors: Vec<LineError>,
    pub ignored_columns: Vec<String>,
}

/// Reads a file.
///
/// # Errors
/// `invalid_value` if it is no text, has no known column, no rows, or more than [`ROWS_MAX`].
pub fn read(bytes: &[u8]) -> Result<CsvFile> {
    let text = decode(bytes)?.replace("\r\n", "\n").replace('\r', "\n");
    let (text, declared) = without_separator_line(&text);
    let header = |separator: u8| table(text, separator, 1).map(|table| table.rows.into_iter().next());
    let mut best: Option<(u8, Columns, u32)> = None;
    for separator in declared.map_or_else(|| SEPARATORS.to_vec(), |declared| vec![declared]) {
        let Some(Cells { line, cells }) = header(separator)? else { continue };
        if cells.len() > COLUMNS_MAX {
            return Err(invalid(&format!(
                "The file has more than {COLUMNS_MAX} columns. Remove those that are not needed."
            )));
        }
        let columns = Columns::of(&cells);
        let rank = |columns: &Columns| (columns.known(), columns.len());
        if best.as_ref().is_none_or(|(_, known, _)| rank(&columns) > rank(known)) {
            best = Some((separator, columns, line));
        }
    }
    let (separator, columns, header_line) = best.ok_or_else(|| invalid("The file is empty. Choose another file."))?;
    if columns.known() == 0 {
        return Err(invalid(
            "No column has a known name. The first line must name the columns, such as First name, Phone and Email.",
        ));
    }
    let skipped = u32::from(declared.is_some());
    let Table { rows, unclosed } = table(text, separator, ROWS_MAX + 2)?;
    let is_filled = |row: &Cells| row.line > header_line && row.cells.iter().any(|cell| !cell.trim().is_empty());
    let table: Vec<_> =
        rows.into_iter().filter(is_filled).map(|row| Cells { line: row.line + skipped, ..row }).collect();
    if table.len() > ROWS_MAX {
        return Err(invalid(&format!("The file has more than {ROWS_MAX} rows. Split it into smaller files.")));
    }
    let mut file = CsvFile { rows: Vec::new(), errors: Vec::new(), ignored_columns: columns.ignored(&table) };
    for cells in &table {
        match row(&columns, cells) {
            Ok(row) => file.rows.push(row),
            Err(message) => file.errors.push(LineError { line: cells.line, message }),
        }
    }
    if let Some(line) = unclosed {
        let message = "A quotation mark in this row is never closed, so everything below is part of the row. Close or \
            remove it.";
        file.errors.push(LineError { line: line + skipped, message: message.to_owned() });
    }
    if file.rows.is_empty() && file.errors.is_empty() {
        return Err(invalid("The file has no rows below its header. Choose another file."));
    }
    Ok(file)
}

fn invalid(message: &str) -> AppError {
    AppError::invalid("file", message)
}

fn decode(bytes: &[u8]) -> Result<String> {
    let encoding = match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => UTF_8,
        // The first letter that shows the encoding may be far from the start.
        Err(error) if !bytes.contains(&0) && error.valid_up_to() > charset::SAMPLE_BYTES => {
            charset::of(&bytes[error.valid_up_to()..]).unwrap_or(UTF_8)
        }
        _ => charset::of(bytes)
            .ok_or_else(|| invalid("This file isn't text. In a spreadsheet program, save it as CSV."))?,
    };
    Ok(charset::decode(bytes, encoding, false))
}

/// Returns the text without Excel's line `sep=;`, and the separator that it declares.
fn without_separator_line(text: &str) -> (&str, Option<u8>) {
    let declared = text.split_once('\n').and_then(|(line, rest)| {
        let separator = line.strip_prefix("sep=").or_else(|| line.strip_prefix("SEP="))?;
        let [separator] = separator.as_bytes() else { return None };
        (separator.is_ascii() && *separator != b'"').then_some((rest, *separator))
    });
    declared.map_or((text, None), |(rest, separator)| (rest, Some(separator)))
}

struct Table {
    rows: Vec<Cells>,
    /// Where the row begins that has a quotation mark without an end.
    unclosed: Option<u32>,
}

/// Reads at most `limit` rows.
fn table(text: &str, separator: u8, limit: usize) -> Result<Table> {
    let text = format!("{text}\n{END}\n");
    let mut reader = csv::ReaderBuilder::new();
    let reader = reader.has_headers(false).flexible(true).delimiter(separator);
    let mut reader = reader.from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = csv::StringRecord::new();
    while rows.len() < limit {
        let is_row =
            reader.read_record(&mut record).map_err(|error| AppError::unexpected("failed to read CSV", error))?;
        if !is_row {
            break;
        }
        let line = record.position().map_or(0, |position| first_line(&text, position));
        if record.len() == 1 && record.get(0) == Some(END) {
            return Ok(Table { rows, unclosed: None });
        }
        if record.iter().any(|cell| cell.contains(END)) {
            return Ok(Table { rows, unclosed: Some(line) });
        }
        rows.push(Cells { line, cells: record.iter().map(str::to_owned).collect() });
    }
    Ok(Table { rows, unclosed: None })
}

/// Returns the line in which a row begins: the reader's position is before the empty lines that it ignores.
fn first_line(text: &str, position: &csv::Position) -> u32 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let before = text.as_bytes().get(start..).unwrap_or_default();
    let empty = before.iter().take_while(|byte| **byte == b'\n').count() as u64;
    u32::try_from(position.line() + empty).unwrap_or(u32::MAX)
}

/// Reads the cells of a row. The error is for people.
fn row(columns: &Columns, cells: &Cells) -> Result<ImportRow, String> {
    if cells.cells.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty()) {
        return Err("This row has more cells than the first line names. Check its quotation marks.".to_owned());
    }
    let plain = |cell: &str| if columns.is_own() { unguarded(cell) } else { cell.to_owned() };
    let all = |column| columns.cells(column, cells).map(plain).collect::<Vec<_>>();
    let first = |column| all(column).into_iter().next().unwrap_or_default().trim().to_owned();
    let (mut first_name, mut last_name) = (first(Column::FirstName), first(Column::LastName));
    if first_name.is_empty() && last_name.is_empty() {
        let name = first(Column::FullName);
        let (start, rest) = name.split_once(char::is_whitespace).unwrap_or((&name, ""));
        (first_name, last_name) = (start.to_owned(), rest.trim().to_owned());
    }
    let emails = first(Column::Email);
    let email = emails.split(BETWEEN_VALUES).next().unwrap_or_default().trim().to_owned();
    let company = first(Column::Company);
    for (name, value) in [
        ("The first name", &first_name),
        ("The last name", &last_name),
        ("The email", &email),
        ("The company", &company),
    ] {
        if value.contains('\n') {
            return Err(format!("{name} has several lines. Check the quotation marks of this row."));
        }
    }
    let id = first(Column::Id).parse().ok();
    let phones = distinct(all(Column::Phone).iter().flat_map(|cell| cell.split(BETWEEN_VALUES)).flat_map(str::lines));
    let note = first(Column::Note);
    let contact = NewContact { first_name, last_name, phones, email, company, note };
    Ok(ImportRow { line: cells.line, id, contact })
}

/// Returns phone numbers, each once. Invalid ones are rejected later.
fn distinct<'a>(numbers: impl Iterator<Item = &'a str>) -> Vec<NewPhone> {
    let mut known: Vec<PhoneNumber> = Vec::new();
    let mut phones = Vec::new();
    for number in numbers {
        // Already more than a contact can have, so the row is rejected.
        if phones.len() > PHONES_MAX {
            break;
        }
        // Spreadsheets keep a `+` as text with an apostrophe before it.
        let number = number.trim().trim_start_matches('\'');
        if number.is_empty() {
            continue;
        }
        if let Ok(parsed) = PhoneNumber::parse(number) {
            if known.iter().any(|other| other.reaches(&parsed)) {
                continue;
            }
            known.push(parsed);
        }
        phones.push(NewPhone { number: number.to_owned(), preferred: false });
    }
    phones
}

#[cfg(test)]
mod tests;
