//! Sizes in bytes as text for people.

/// Formats a size such as `4.2 MB`: three digits at most, decimal units.
pub fn format_size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let mut unit = 0;
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let mut size = bytes as f64 / 1000.0;
    while size >= 999.5 && unit < UNITS.len() - 1 {
        size /= 1000.0;
        unit += 1;
    }
    if size < 9.95 { format!("{size:.1} {}", UNITS[unit]) } else { format!("{size:.0} {}", UNITS[unit]) }
}

/// Formats progress such as `1.8 of 4.3 MB`. The unit appears once if both have the same.
pub fn format_progress(sent: u64, all: u64) -> String {
    let (sent, all) = (format_size(sent), format_size(all));
    match (sent.split_once(' '), all.split_once(' ')) {
        (Some((number, unit)), Some((_, of_all))) if unit == of_all => format!("{number} of {all}"),
        _ => format!("{sent} of {all}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{format_progress, format_size};

    #[test]
    fn progress_names_a_unit_once() {
        assert_eq!(format_progress(1_800_000, 4_300_000), "1.8 of 4.3 MB");
        assert_eq!(format_progress(640_000, 4_300_000), "640 kB of 4.3 MB");
        assert_eq!(format_progress(0, 4_300_000), "0 B of 4.3 MB");
    }

    #[test]
    fn sizes_read_well() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (182_000, "182 kB"),
            (999_600, "1.0 MB"),
            (4_200_000, "4.2 MB"),
            (24_600_000, "25 MB"),
            (2_000_000_000, "2.0 GB"),
        ] {
            assert_eq!(format_size(bytes), text);
        }
    }
}
