//! The columns of CSV files with contacts: our own, and those of Google, Outlook and Apple.

use super::read::Cells;

/// What a column contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Id,
    FirstName,
    LastName,
    /// First and last name, where these have no columns.
    FullName,
    Phone,
    Email,
    Company,
    Note,
    /// Nothing that a contact has.
    Other,
}

/// The columns that [`super::export`] writes, in their order.
pub const EXPORTED: [&str; 8] =
    ["First name", "Last name", "Phone", "Other phones", "Email", "Company", "Note", "Contact ID"];

/// Names of columns, in lower case with letters and digits only, and without a number at the end.
const NAMES: [(Column, &[&str]); 8] = [
    (Column::Id, &["contactid"]),
    (Column::FirstName, &["firstname", "givenname", "first", "forename", "vorname"]),
    (Column::LastName, &["lastname", "familyname", "surname", "last", "nachname"]),
    (Column::FullName, &["name", "fullname", "displayname", "contactname", "contact"]),
    (
        Column::Phone,
        &[
            "phone",
            "phones",
            "otherphones",
            "phonenumber",
            "phonenumbers",
            "mobile",
            "mobilephone",
            "mobilenumber",
            "cell",
            "cellphone",
            "telephone",
            "tel",
            "iphone",
            "homephone",
            "workphone",
            "businessphone",
            "primaryphone",
            "mainphone",
            "otherphone",
            "carphone",
            "companymainphone",
            "phonemobile",
            "phonehome",
            "phonework",
            "phoneiphone",
            "phonemain",
            "phoneother",
            "telefon",
            "mobil",
        ],
    ),
    (
        Column::Email,
        &["email", "emailaddress", "mail", "emailhome", "emailwork", "emailother", "homeemail", "workemail"],
    ),
    (Column::Company, &["company", "companyname", "organization", "organizationname", "organisation", "firma"]),
    (Column::Note, &["note", "notes", "notiz", "notizen"]),
];

/// The columns of a file, by its header.
#[derive(Debug)]
pub struct Columns(Vec<(Column, String)>);

impl Columns {
    /// Reads a header. Of two columns with the same field the first one counts; phones can have several.
    pub fn of(header: &[String]) -> Self {
        let mut known: Vec<Column> = Vec::new();
        let columns = header.iter().map(|name| {
            let mut column = Column::named(name);
            if column != Column::Phone && known.contains(&column) {
                column = Column::Other;
            }
            known.push(column);
            (column, name.trim().to_owned())
        });
        Self(columns.collect())
    }

    /// Returns the number of columns that are imported.
    pub fn known(&self) -> usize {
        self.0.iter().filter(|(column, _)| *column != Column::Other).count()
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether the file was exported here, so that its cells have apostrophes before formulas.
    pub fn is_own(&self) -> bool {
        self.0.iter().any(|(column, _)| *column == Column::Id)
    }

    /// Returns the cells of one field, in the order of their columns, without empty ones.
    pub fn cells<'a>(&'a self, wanted: Column, row: &'a Cells) -> impl Iterator<Item = &'a str> {
        let places = self.0.iter().enumerate().filter(move |(_, (column, _))| *column == wanted);
        places.filter_map(|(place, _)| row.get(place)).filter(|cell| !cell.trim().is_empty())
    }

    /// Returns the names of columns that are not imported and have a value in one of these rows.
    pub fn ignored(&self, rows: &[Cells]) -> Vec<String> {
        let has_value =
            |place: usize| rows.iter().any(|row| row.get(place).is_some_and(|cell| !cell.trim().is_empty()));
        let others = self.0.iter().enumerate().filter(|(_, (column, _))| *column == Column::Other);
        others.filter(|(place, _)| has_value(*place)).map(|(place, (_, name))| title(name, place)).collect()
    }
}

/// Returns a column's name for people.
fn title(name: &str, place: usize) -> String {
    if name.is_empty() { format!("column {}", place + 1) } else { name.chars().take(60).collect() }
}

impl Column {
    fn named(name: &str) -> Self {
        let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let plain = plain.strip_suffix("value").unwrap_or(&plain);
        // Outlook's second address is `E-mail 2 Address`, and Google's company was `Organization 1 - Name`.
        let plain = plain.replace("2address", "address2").replace("3address", "address3").replace("1name", "name1");
        let bare = plain.trim_end_matches(|c: char| c.is_ascii_digit());
        let number = &plain[bare.len()..];
        let found = NAMES.iter().find(|(_, names)| names.contains(&bare)).map_or(Self::Other, |(column, _)| *column);
        // A contact has one email, one company and one note, and any number of phones.
        if found != Self::Phone && !matches!(number, "" | "1") { Self::Other } else { found }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(names: &[&str]) -> Vec<Column> {
        let header: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        Columns::of(&header).0.into_iter().map(|(column, _)| column).collect()
    }

    #[test]
    fn columns_of_other_programs_are_known() {
        use Column::*;
        let google = [
            "First Name",
            "Middle Name",
            "Last Name",
            "Organization Name",
            "Notes",
            "E-mail 1 - Label",
            "E-mail 1 - Value",
            "E-mail 2 - Value",
            "Phone 1 - Label",
            "Phone 1 - Value",
            "Phone 2 - Value",
        ];
        let expected = [FirstName, Other, LastName, Company, Note, Other, Email, Other, Other, Phone, Phone];
        assert_eq!(columns(&google), expected);
        let old_google = ["Name", "Given Name", "Family Name", "Organization 1 - Name", "Phone 1 - Value"];
        assert_eq!(columns(&old_google), [FullName, FirstName, LastName, Company, Phone]);
        let outlook = [
            "First Name",
            "Last Name",
            "E-mail Address",
            "E-mail 2 Address",
            "Primary Phone",
            "Home Phone",
            "Home Phone 2",
            "Mobile Phone",
            "Home Fax",
            "Company",
            "Notes",
        ];
        let expected = [FirstName, LastName, Email, Other, Phone, Phone, Phone, Phone, Other, Company, Note];
        assert_eq!(columns(&outlook), expected);
        let apple = ["First name", "Last name", "Phone : mobile", "Email : home", "Organization", "Note"];
        assert_eq!(columns(&apple), [FirstName, LastName, Phone, Email, Company, Note]);
        assert_eq!(columns(&EXPORTED), [FirstName, LastName, Phone, Phone, Email, Company, Note, Id]);
    }

    #[test]
    fn case_order_and_duplicates_do_not_matter() {
        use Column::*;
        assert_eq!(columns(&["EMAIL", " last_name ", "email", "FIRST NAME"]), [Email, LastName, Other, FirstName]);
        assert_eq!(columns(&["phone", "Phone", "mobile"]), [Phone, Phone, Phone]);
        assert_eq!(columns(&["", "Birthday"]), [Other, Other]);
    }

    #[test]
    fn ignored_columns_are_named_if_they_have_values() {
        let header: Vec<_> = ["Phone", "Birthday", "", "Labels"].map(str::to_owned).to_vec();
        let row = |cells: [&str; 4]| Cells { line: 2, cells: cells.map(str::to_owned).to_vec() };
        let rows = [row(["1", " ", "x", ""]), row(["2", "", "", "* friends"])];
        assert_eq!(Columns::of(&header).ignored(&rows), ["column 3", "Labels"]);
    }
}
