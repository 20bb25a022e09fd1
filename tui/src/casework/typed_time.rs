//! Times as people type them: `today 0905`, `yest`, `-2d`, `14/3 15:40`, `about 3 march`.
use super::entry::{Precision, When};
use jiff::civil::DateTime;
/// stub
pub fn read(typed: &str, now: DateTime) -> Result<When, String> {
    let typed = typed.trim().to_lowercase();
    if typed == "today" {
        return Ok(When { at: now.date().at(0, 0, 0, 0), precision: Precision::Day });
    }
    if let Some(rest) = typed.strip_prefix("today ") {
        let digits: String = rest.chars().filter(char::is_ascii_digit).collect();
        if digits.len() == 4 {
            let h = digits[..2].parse().unwrap_or(0);
            let m = digits[2..].parse().unwrap_or(0);
            return Ok(When { at: now.date().at(h, m, 0, 0), precision: Precision::Exact });
        }
    }
    Err("the time is not understood: type today 0905, yest, -2d or 14/3".to_owned())
}
